import type { PointDefinition, PointHold, PointOverride, PriorityView } from '../contract/index.js';
import { HOLDS_PREFIX, readSlots, SLOTS_PREFIX, type Slots } from '../functions/index.js';
import type { PairState } from '../image/index.js';

const PRIORITIES = 16;

/** The priority array of a point whose device has none. */
export function prioritiesOf(slots: Slots, { write }: PointDefinition): PriorityView {
  return {
    slots: Array.from({ length: PRIORITIES }, (_, index) => slots.get(index + 1)?.value ?? null),
    ...(write?.relinquishDefault === undefined ? {} : { relinquishDefault: write.relinquishDefault }),
    commands: slots,
  };
}

/** Slots with an end or a reason, and holds. (Those of points that the configuration has no more are kept for when it is taken back.) */
export function overridesOf({ keyed, table }: PairState): PointOverride[] {
  const overrides: PointOverride[] = [];
  for (const [key, json] of keyed.entries(HOLDS_PREFIX)) overrides.push({ point: key.slice(HOLDS_PREFIX.length), ...(json as unknown as PointHold) });
  for (const [key] of keyed.entries(SLOTS_PREFIX)) {
    const point = key.slice(SLOTS_PREFIX.length);
    for (const [priority, slot] of readSlots(keyed, point)) if (slot.untilMs !== undefined || slot.reason !== undefined) overrides.push({ point, kind: 'command', priority, ...slot });
  }
  return overrides.filter(({ point }) => table.find(point) !== undefined);
}
