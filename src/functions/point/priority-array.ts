import type { CommandSlot, PointDefinition, PointValue } from '../../contract/index.js';
import type { KeyedState, Put } from '../../image/index.js';

/** By point: who commands it at which priority. Of a point whose device has an array of its own only what the device cannot hold: until when, and why. */
export const SLOTS_PREFIX = 'slots/';
/** By priority and point: when a slot is given up. Few, and looked at with each frame. */
export const UNTIL_PREFIX = 'slot-until/';

export type Slots = ReadonlyMap<number, CommandSlot>;

type SlotJson = Omit<CommandSlot, 'value'> & { readonly value: number | string | { readonly integer: string } };

const PRIORITIES = 16;

export function readSlots(keyed: KeyedState, point: string): Slots {
  const json = keyed.get(SLOTS_PREFIX + point) as unknown as Readonly<Record<string, SlotJson>> | undefined;
  return new Map(Object.entries(json ?? {}).map(([priority, { value, ...slot }]) => [Number(priority), { ...slot, value: typeof value === 'object' ? BigInt(value.integer) : value }]));
}

/** The slots with one of them taken, or given up; as the puts of a frame. */
export function putSlot(keyed: KeyedState, point: string, priority: number, slot: CommandSlot | null): Put[] {
  const before = readSlots(keyed, point);
  if (slot === null && !before.has(priority)) return [];
  const slots = withSlot(before, priority, slot);
  const json = Object.fromEntries([...slots].sort(([a], [b]) => a - b).map(([at, { value, ...rest }]): [string, SlotJson] => [String(at), { ...rest, value: typeof value === 'bigint' ? { integer: value.toString() } : value }]));
  const untilKey = `${UNTIL_PREFIX}${priority}/${point}`;
  return [
    { key: SLOTS_PREFIX + point, value: slots.size === 0 ? null : json },
    ...(slot?.untilMs === undefined && keyed.get(untilKey) === undefined ? [] : [{ key: untilKey, value: slot?.untilMs ?? null }]),
  ];
}

export function withSlot(slots: Slots, priority: number, slot: CommandSlot | null): Slots {
  const next = new Map(slots);
  if (slot === null) next.delete(priority);
  else next.set(priority, slot);
  return next;
}

/** The priority in force: the first that is taken and has not ended; undefined where nobody commands. */
export function priorityInForce(slots: Slots, nowMs: number): number | undefined {
  for (let priority = 1; priority <= PRIORITIES; priority++) {
    const slot = slots.get(priority);
    if (slot !== undefined && !(slot.untilMs !== undefined && slot.untilMs <= nowMs)) return priority;
  }
  return undefined;
}

/** What the device is to have; undefined: nobody says, it keeps what it has. */
export function effectiveValue(slots: Slots, { write }: Pick<PointDefinition, 'write'>, nowMs: number): PointValue | undefined {
  const priority = priorityInForce(slots, nowMs);
  return priority === undefined ? write?.relinquishDefault : slots.get(priority)?.value;
}

/** Whether this gateway keeps the priority array of a point: its device has none, and what is written stays. */
export function isArrayOurs({ write }: Pick<PointDefinition, 'write'>, deviceHasPriorities: boolean): boolean {
  return write !== undefined && write.pulse !== true && !deviceHasPriorities;
}
