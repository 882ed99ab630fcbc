import { z } from 'zod';
import { formatProblem, loadSite, type NodeDocument } from '../../src/config/index.js';
import type { CheckedPoint, DriverModule, ParseContext, SiteConfig, StandbyActivity, ValueKind } from '../../src/contract/index.js';

export interface FakeDevice {
  readonly host: string;
  readonly plug: ParseContext['plug'];
  readonly line: ParseContext['line'];
}

const kinds: Readonly<Record<string, ValueKind>> = { num: 'number', bit: 'boolean', big: 'integer64', txt: 'text' };

/** A protocol whose addresses are like `num:5`, `bit:0`, `big:1`, `txt:2`. `host: boom` makes it throw. */
export function fakeDriver(kind = 'fake', standby: StandbyActivity = 'collect'): DriverModule<FakeDevice, string> {
  return {
    kind,
    version: '1.0.0',
    capabilities: { priorities: false, standby },
    deviceShape: {
      host: z.string(),
      port: z.int().min(1).optional(),
      route: z.strictObject({ network: z.int(), mac: z.union([z.int().min(0).max(255), z.string()]) }).optional(),
      mode: z.enum(['quick', 'careful']).optional(),
    },
    pointShape: { at: z.string(), scale: z.number().optional() },
    parseDevice: (raw, { problems, line, plug }) => {
      const host = String(raw.host);
      if (host === 'boom') throw new Error('out of cheese');
      if (host === 'nowhere') problems.error('CONFIG_ADDRESS', 'nowhere is no host', ['host']);
      return host === 'nowhere' ? undefined : { host, plug, line };
    },
    parsePoint: (raw, _device, { problems }) => {
      const at = String(raw.at);
      const valueKind = kinds[at.split(':')[0] ?? ''];
      if (valueKind !== undefined && /:\d+$/.test(at)) return { address: at, kind: valueKind, ...(at.endsWith(':999') ? { readOnly: true as const } : {}) };
      problems.error('CONFIG_ADDRESS', `\`${at}\` is no address`, ['at']);
      return undefined;
    },
    checkPoints: (_device, points) => reportClashes(points),
    create: () => {
      throw new Error('checking a configuration creates no driver');
    },
  };
}

function reportClashes(points: readonly CheckedPoint<string>[]): void {
  const first = new Map<string, string>();
  for (const { address, name, problems } of points) {
    const other = first.get(address);
    if (other !== undefined) problems.error('CONFIG_CLASH', `${other} has ${address} already`, ['at']);
    first.set(address, other ?? name);
  }
}

export const modules = [fakeDriver(), fakeDriver('fake-bus', 'listen')] as unknown as readonly DriverModule[];

/** The formatted problems of a site document, in `site.yaml`. */
export function problemsOf(text: string, node?: NodeDocument): string[] {
  return loadSite({ path: 'site.yaml', text }, modules, node).problems.map(formatProblem);
}

/** The site of a document that has no errors. */
export function siteOf(text: string, node?: NodeDocument): SiteConfig {
  const { site, problems } = loadSite({ path: 'site.yaml', text }, modules, node);
  if (site === undefined) throw new Error(problems.map(formatProblem).join('\n'));
  return site;
}

/** The least that a site document needs, on the first line, so that `rest` begins in line 2. */
export function siteWith(rest: string): string {
  return `site: {name: test, timezone: Europe/Berlin}\n${rest}`;
}
