import type { SimWorld } from '../world.js';
import { isInLine, logsOnDisk, partsOf } from './disk-logs.js';
import type { Invariant } from './invariant.js';

/**
 * (d) "no alarm transition invented": an alarm is raised at most as often as the building went beyond its limit, each
 * occurrence once, and raised and returned take turns. (Notifications are not part of the product yet.)
 */
export class AlarmsReal implements Invariant {
  async end(world: SimWorld): Promise<void> {
    const node = world.active;
    if (node?.gateway === undefined) return;
    const epochs = node.gateway.state.epochs();
    const entries = logsOnDisk(node)
      .filter(({ kind, id }) => kind === 'alarm' && isInLine(id, epochs))
      .sort((a, b) => partsOf(a.id).seq - partsOf(b.id).seq || partsOf(a.id).n - partsOf(b.id).n);
    const raised = new Map<string, number>();
    const isUp = new Map<string, boolean>();
    for (const { data, id } of entries) {
      const { event, name, occurrence } = data as { event: string; name: string; occurrence: number };
      if (event === 'raised') {
        if (isUp.get(name) === true) world.wrong('d', `alarm ${name} was raised again by ${id} without having returned`);
        if (occurrence !== (raised.get(name) ?? 0) + 1) world.wrong('d', `alarm ${name} was raised as occurrence ${occurrence} after ${raised.get(name) ?? 0}`);
        raised.set(name, occurrence);
        isUp.set(name, true);
      } else if (event === 'returned') {
        if (isUp.get(name) !== true) world.wrong('d', `alarm ${name} returned by ${id} without having been raised`);
        isUp.set(name, false);
      }
    }
    for (const [name, times] of raised) {
      const real = world.plant.excursions.get(name) ?? 0;
      // Those of the system itself and of devices that do not answer have causes that the building does not know.
      if (times > real && !/^(system|communication)\//.test(name)) world.wrong('d', `alarm ${name} was raised ${times} times, the building went beyond its limit ${real} times`);
    }
  }
}
