import { z } from 'zod';
import { durationMs, messageOf, type DriverModule, type ParseContext, type StandbyActivity, type StandbyLevel } from '../contract/index.js';
import { checkName } from './names.js';
import type { NodeDocument } from './node-document.js';
import { suggestion } from './nearest.js';
import type { DocumentProblems } from './problem-list.js';
import { blockOf, check, checkKeys, isRecord } from './schema-check.js';

/** A device block, read as far as it is right. */
export interface ReadDevice {
  readonly name: string;
  readonly module: DriverModule;
  /** The driver's form; undefined where something in the block is wrong. */
  readonly settings: unknown;
  readonly standby: StandbyActivity;
  /** What the standby collects is compared with the image. */
  readonly compare?: true;
  readonly writeTimeoutMs: number;
  readonly writeRate?: number;
  readonly way?: string;
  readonly weight?: number;
  /** Name of the device through which it is reached. */
  readonly behind?: string;
  readonly context: Omit<ParseContext, 'problems'>;
}

/** As the drivers get it: without what concerns the field as a whole. */
export type Line = Readonly<Record<string, unknown>> & { readonly kind: string };

export interface ReadLine {
  readonly line: Line;
  readonly writeRate?: number;
}

export interface DeviceSurroundings {
  readonly modules: readonly DriverModule[];
  readonly lines: ReadonlyMap<string, ReadLine>;
  readonly activity: StandbyLevel;
  readonly node: NodeDocument | undefined;
  readonly timezone: string;
}

const writeRate = z.number().positive().max(1_000).optional();

const shape = {
  driver: z.string(),
  line: z.string().optional(),
  standby: z.enum(['compare', 'collect', 'listen', 'silent']).optional(),
  exclusive: z.boolean().default(false),
  writeTimeout: durationMs.default(2_000),
  weight: z.number().min(0).max(1e6).optional(),
  writeRate,
  behind: z.string().optional(),
};

const driverBlock = z.object({ driver: z.string() });
const lineBlock = z.looseObject({ kind: z.string().min(1), writeRate });

/** What belongs to one machine, and is the node document's. */
const nodeKeys = ['address', 'interface', 'deviceInstance'];

/** Reads one entry of `lines:`. Its further keys are between the line and the drivers that use it. */
export function readLine(name: string, raw: unknown, problems: DocumentProblems): ReadLine | undefined {
  checkName(name, 'line', problems);
  const line = check(lineBlock, raw, problems);
  for (const key of Object.keys(line ?? {}).filter((own) => nodeKeys.includes(own))) {
    problems.keyError('CONFIG_INVALID', `\`${key}\` differs between machines: it belongs to the \`lines\` of the node documents`, [key]);
  }
  if (line === undefined) return undefined;
  const { writeRate: rate, ...own } = line;
  return rate === undefined ? { line: own } : { line: own, writeRate: rate };
}

/** Reads one entry of `devices:`; undefined where not even its driver is known. */
export function readDevice(name: string, raw: unknown, surroundings: DeviceSurroundings, problems: DocumentProblems): ReadDevice | undefined {
  checkName(name, 'device', problems);
  if (!isRecord(raw)) {
    problems.error('CONFIG_INVALID', 'must be a block with `driver` and the keys of that driver');
    return undefined;
  }
  const module = findModule(raw, surroundings.modules, problems);
  if (module === undefined) return undefined;
  checkKeys(Object.keys(raw), [...Object.keys(shape), ...Object.keys(module.deviceShape)], problems);
  const common = check(blockOf(shape), raw, problems);
  const context = lineOf(raw, surroundings, problems);
  // The driver gets the keys as written, because it reads them again into its own form.
  const own = pick(raw, module.deviceShape);
  const passed = check(blockOf(module.deviceShape), own, problems) !== undefined;
  const settings = passed && context !== undefined ? guarded(problems, () => module.parseDevice(own, { ...context, problems })) : undefined;
  return {
    name,
    module,
    settings,
    ...(common === undefined ? { standby: 'silent' as const } : combineStandby(common, module, surroundings.activity, problems)),
    writeTimeoutMs: common?.writeTimeout ?? 0,
    ...(common?.weight === undefined ? {} : { weight: common.weight }),
    ...paceOf(raw.line, common?.writeRate, surroundings.lines, () => (settings === undefined ? undefined : module.way?.(settings))),
    ...(common?.behind === undefined ? {} : { behind: common.behind }),
    context: context ?? {},
  };
}

/** The smaller of the device's write rate and its line's, and what it shares with others. */
function paceOf(line: unknown, own: number | undefined, lines: DeviceSurroundings['lines'], shared: () => string | undefined): Pick<ReadDevice, 'writeRate' | 'way'> {
  const onLine = typeof line === 'string' ? lines.get(line) : undefined;
  const way = onLine === undefined ? shared() : `line ${String(line)}`;
  const rates = [own, onLine?.writeRate].filter((rate) => rate !== undefined);
  return { ...(rates.length === 0 ? {} : { writeRate: Math.min(...rates) }), ...(way === undefined ? {} : { way }) };
}

/** The keys of `raw` that `of` names. */
export function pick(raw: Readonly<Record<string, unknown>>, of: z.ZodRawShape): Record<string, unknown> {
  return Object.fromEntries(Object.entries(raw).filter(([key]) => Object.hasOwn(of, key)));
}

/** A driver that throws on odd input must not take the check of everything else with it. */
export function guarded<T>(problems: DocumentProblems, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    problems.error('CONFIG_INVALID', `the driver could not read this: ${messageOf(error)}`);
    return undefined;
  }
}

function findModule(raw: Readonly<Record<string, unknown>>, modules: readonly DriverModule[], problems: DocumentProblems): DriverModule | undefined {
  const read = check(driverBlock, raw, problems);
  if (read === undefined) return undefined;
  const module = modules.find(({ kind }) => kind === read.driver);
  if (module === undefined) {
    const kinds = modules.map(({ kind }) => kind);
    problems.error('CONFIG_REFERENCE', `there is no driver \`${read.driver}\`${suggestion(read.driver, kinds)}; installed are ${kinds.join(', ')}`, ['driver']);
  }
  return module;
}

function lineOf(raw: Readonly<Record<string, unknown>>, { lines, node, timezone }: DeviceSurroundings, problems: DocumentProblems): ReadDevice['context'] | undefined {
  const name = raw.line;
  if (name === undefined) return node?.field === undefined ? { timezone } : { plug: node.field, timezone };
  if (typeof name !== 'string') return undefined;
  const line = lines.get(name);
  if (line === undefined) {
    problems.error('CONFIG_REFERENCE', `there is no line \`${name}\`${suggestion(name, lines.keys())}`, ['line']);
    return undefined;
  }
  const plug = node?.lines.get(name);
  return plug === undefined ? { line: line.line, timezone } : { line: line.line, plug, timezone };
}

const order: readonly StandbyActivity[] = ['silent', 'listen', 'collect'];

/** R10. The most careful of what the driver can do, the device allows and the site wants; with `hot` what is collected is compared, and a device may say so for itself. */
function combineStandby(
  device: { standby?: StandbyActivity | 'compare' | undefined; exclusive: boolean },
  { kind, capabilities }: DriverModule,
  activity: StandbyLevel,
  problems: DocumentProblems,
): Pick<ReadDevice, 'standby' | 'compare'> {
  const { standby, exclusive } = device;
  if (exclusive && standby !== undefined && standby !== 'silent') {
    problems.error('CONFIG_CLASH', `an exclusive device is never touched by the standby: leave out \`standby: ${standby}\``, ['standby']);
  }
  if (exclusive || standby === 'silent' || activity === 'cold') return { standby: 'silent' };
  const most = capabilities.standby;
  const wanted = standby === 'compare' ? 'collect' : (standby ?? most);
  const isMore = order.indexOf(wanted) > order.indexOf(most);
  if (isMore) problems.warning('CONFIG_INVALID', `the most that ${kind} does on a standby is \`${most}\``, ['standby']);
  const does = isMore ? most : wanted;
  const compares = does === 'collect' && (standby === 'compare' || (standby === undefined && activity === 'hot'));
  return { standby: does, ...(compares ? { compare: true as const } : {}) };
}
