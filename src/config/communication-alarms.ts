import { z } from 'zod';
import { durationMs, type AlarmDefinition } from '../contract/index.js';
import { STANDARD_PRIORITY } from './alarms.js';
import type { AlarmClass } from './alarm-classes.js';
import { compact } from './compact.js';
import { suggestion } from './nearest.js';
import type { DocumentProblems } from './problem-list.js';
import { check } from './schema-check.js';
import { matcher } from './wildcard.js';

const shape = z.union([
  z.literal(false),
  z.strictObject({
    onDelay: durationMs.default(15_000),
    offDelay: durationMs.default(0),
    priority: z.int().min(1).max(4).optional(),
    class: z.string().min(1).default('communication'),
    except: z.array(z.string().min(1)).default([]),
  }),
]);

/** What of a device matters for its alarm. */
export interface Reached {
  readonly name: string;
  /** The device through which it is reached. */
  readonly behind?: string | undefined;
}

/** `communicationAlarms:` — one alarm for each device, unless it is switched off. */
export function readCommunicationAlarms(raw: unknown, devices: readonly Reached[], classes: ReadonlyMap<string, AlarmClass | undefined>, problems: DocumentProblems): AlarmDefinition[] {
  const settings = check(shape, raw ?? {}, problems);
  if (settings === undefined || settings === false) return [];
  const exceptions = settings.except.map((pattern, index) => {
    const matches = matcher(pattern);
    if (!devices.some(({ name }) => matches(name))) problems.warning('CONFIG_REFERENCE', `no device matches \`${pattern}\``, ['except', index]);
    return matches;
  });
  const rules = classes.get(settings.class);
  const byName = new Map(devices.map((device) => [device.name, device]));
  return devices
    .filter(({ name }) => !exceptions.some((matches) => matches(name)))
    .map(({ name }): AlarmDefinition =>
      compact({
        name: `communication/${name}`,
        watch: { kind: 'communication' as const, device: name, behind: pathOf(name, byName) },
        onDelayMs: settings.onDelay,
        offDelayMs: settings.offDelay,
        priority: settings.priority ?? rules?.priority ?? STANDARD_PRIORITY,
        class: settings.class,
        lifeSafety: rules?.lifeSafety === true ? (true as const) : undefined,
        acknowledge: rules?.acknowledge === 'raised' ? undefined : rules?.acknowledge,
        device: name,
        maxShelveMs: rules?.maxShelve,
      }),
    );
}

/** Refuses `behind` that names nothing or leads in a circle. */
export function checkBehind(devices: readonly Reached[], problems: DocumentProblems): void {
  const byName = new Map(devices.map((device) => [device.name, device]));
  for (const { name, behind } of devices) {
    if (behind === undefined) continue;
    if (!byName.has(behind)) problems.error('CONFIG_REFERENCE', `there is no device \`${behind}\`${suggestion(behind, byName.keys())}`, [name, 'behind']);
    else if (behind === name || pathOf(behind, byName).includes(name)) problems.error('CONFIG_CLASH', 'leads back to the device itself', [name, 'behind']);
  }
}

/** The devices on the way to one, nearest first. */
function pathOf(name: string, devices: ReadonlyMap<string, Reached>): string[] {
  const path: string[] = [];
  for (let next = devices.get(name)?.behind; next !== undefined && next !== name && !path.includes(next) && devices.has(next); next = devices.get(next)?.behind) path.push(next);
  return path;
}
