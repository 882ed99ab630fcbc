import { z } from 'zod';
import { durationMs, type DeviceDefinition, type PointDefinition, type RedundancySettings } from '../contract/index.js';
import { suggestion } from './nearest.js';
import type { DocumentProblems } from './problem-list.js';

/** Keys of `redundancy:` by which a node says that it lives, outside of the link. */
export const lifeSignShapes = {
  registers: z.strictObject({ points: z.record(z.string(), z.string()), every: durationMs.default(250) }).optional(),
  watchdog: z.strictObject({ point: z.string(), every: durationMs.default(1_000) }).optional(),
  deadMan: z.strictObject({ url: z.url({ protocol: /^https?$/, error: 'must be an address like https://watch.example/ping/4711' }), every: durationMs.default(30_000), method: z.enum(['GET', 'POST']).default('GET') }).optional(),
};

type Read = z.output<z.ZodObject<typeof lifeSignShapes>> & { readonly failoverTime: number };

/** Problems placed in `redundancy:`. */
export function readLifeSigns({ registers, watchdog, deadMan, failoverTime }: Read, problems: DocumentProblems): Pick<RedundancySettings, 'registers' | 'watchdog' | 'deadMan'> {
  const refuse = (unsafe: boolean, message: string, ...at: string[]): void => {
    if (unsafe) problems.error('CONFIG_UNSAFE', message, at);
  };
  if (registers !== undefined) {
    refuse(registers.every < 100, `every ${registers.every} ms is too often for a PLC: at least 100ms`, 'registers');
    refuse(2 * registers.every > failoverTime, `a register that is written and read every ${registers.every} ms says nothing in time: at most half of failoverTime (${failoverTime} ms)`, 'registers');
    if (Object.keys(registers.points).length !== 2) problems.error('CONFIG_INVALID', 'name one register for each of the two nodes: {A: PLC.LifeA, B: PLC.LifeB}', ['registers', 'points']);
  }
  refuse(watchdog !== undefined && watchdog.every < 200, 'every must be at least 200ms', 'watchdog');
  refuse(deadMan !== undefined && deadMan.every < 1_000, 'every must be at least 1s', 'deadMan');
  return {
    ...(registers === undefined ? {} : { registers: { points: registers.points, everyMs: registers.every } }),
    ...(watchdog === undefined ? {} : { watchdog: { point: watchdog.point, everyMs: watchdog.every } }),
    ...(deadMan === undefined ? {} : { deadMan: { url: deadMan.url, method: deadMan.method, everyMs: deadMan.every } }),
  };
}

/** What the registers have to be, once points and devices are known; problems placed in `redundancy:`. */
export function checkLifeSigns({ registers, watchdog }: RedundancySettings, points: ReadonlyMap<string, PointDefinition | undefined>, devices: ReadonlyMap<string, Pick<DeviceDefinition, 'standby'> | undefined>, problems: DocumentProblems): void {
  const used = new Set<string>();
  const look = (name: string, byStandby: boolean, ...at: string[]): void => {
    if (used.has(name)) problems.error('CONFIG_CLASH', `\`${name}\` is used twice: each needs a register of its own`, at);
    used.add(name);
    const point = points.get(name);
    if (!points.has(name)) problems.error('CONFIG_REFERENCE', `there is no point \`${name}\`${suggestion(name, points.keys())}`, at);
    if (point === undefined) return;
    if (point.write === undefined || point.kind !== 'number') problems.error('CONFIG_INVALID', `\`${name}\` must be a number that can be written`, at);
    // The one thing that a standby writes; where it must be silent it cannot.
    if (byStandby && devices.get(point.device)?.standby !== 'collect') problems.error('CONFIG_CLASH', `\`${name}\` is on device \`${point.device}\`, which the standby does not read: both nodes must reach a register`, at);
  };
  for (const [node, name] of Object.entries(registers?.points ?? {})) look(name, true, 'registers', 'points', node);
  if (watchdog !== undefined) look(watchdog.point, false, 'watchdog', 'point');
}
