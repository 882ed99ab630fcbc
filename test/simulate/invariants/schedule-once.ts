import { SCHEDULED } from '../site.js';
import type { SimWorld } from '../world.js';
import { isInLine, logsOnDisk, partsOf } from './disk-logs.js';
import type { Invariant } from './invariant.js';

/**
 * (e) "each schedule entry comes into force once in pair time": whatever the wall clocks do, and whoever is active, an
 * entry's time is never passed again; and in the end the field has what is in force.
 */
export class ScheduleOnce implements Invariant {
  async end(world: SimWorld): Promise<void> {
    const node = world.active;
    if (node?.gateway === undefined) return;
    const { state } = node.gateway;
    const entries = logsOnDisk(node)
      .filter(({ kind, id }) => kind === 'schedule' && isInLine(id, state.epochs()))
      .sort((a, b) => partsOf(a.id).seq - partsOf(b.id).seq);
    let lastMs = -Infinity;
    let timeMs = -Infinity;
    for (const { id, data, timeMs: writtenMs } of entries) {
      const { sinceMs, value } = data as { sinceMs: number; value?: number };
      if (sinceMs <= lastMs) world.wrong('e', `entry ${value ?? 'none'} of ${new Date(sinceMs).toISOString()} came into force by ${id}, after that of ${new Date(lastMs).toISOString()} had`);
      if (writtenMs < timeMs) world.wrong('e', `pair time went back to ${new Date(writtenMs).toISOString()} with ${id}`);
      lastMs = sinceMs;
      timeMs = writtenMs;
    }
    const inForce = (state.keyed.get('schedule/Minutes') as { value?: number } | undefined)?.value;
    const [high = 0, low = 0] = world.plant.plcs[SCHEDULED.device].unit().get('hr', SCHEDULED.register, 2);
    const there = (high << 16) | low;
    if (inForce !== undefined && there !== inForce) world.wrong('e', `schedule value ${inForce} is in force, and ${SCHEDULED.point} has ${there}`);
  }
}
