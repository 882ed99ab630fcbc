import type { PointDefinition, PointValue } from '../contract/index.js';
import { effectiveValue, priorityInForce, putSlot, readSlots, withSlot } from '../functions/index.js';
import type { PairState, Put } from '../image/index.js';
import { commandsOf, slotOf, type CommandRecord } from './command-record.js';

interface Parts {
  readonly state: PairState;
  readonly pairTime: () => number;
  /** Whether this gateway keeps the priority array of a point; none where it is left out. */
  readonly isArrayOurs?: (point: PointDefinition) => boolean;
}

interface Goal {
  readonly value: PointValue | null;
  readonly priority: number;
}

/** What a command means by now: what the device has to be told, what becomes of its slot, whether a later one counts instead. */
export class CommandMeaning {
  constructor(private readonly parts: Parts) {}

  /**
   * What the device has to be told. Where the array is ours that is the value in force once this command counts; nothing
   * where a better priority hides it, or where the last slot is given up and there is no relinquish default.
   */
  goalOf(record: CommandRecord, point: PointDefinition): Goal | undefined {
    const { value, priority } = record;
    const { state, pairTime } = this.parts;
    if (this.isOutdated(record)) return undefined;
    if (!this.isArrayOurs(point)) return { value, priority };
    const slots = withSlot(readSlots(state.keyed, point.name), priority, slotOf(record));
    const inForce = priorityInForce(slots, pairTime());
    if (inForce !== undefined && (inForce < priority || (value !== null && inForce > priority))) return undefined;
    const effective = effectiveValue(slots, point, pairTime());
    return effective === undefined ? undefined : { value: effective, priority };
  }

  /** The end of a slot that somebody has taken anew, or given up, since. */
  private isOutdated({ point, priority, expiryOf }: CommandRecord): boolean {
    return expiryOf !== undefined && readSlots(this.parts.state.keyed, point).get(priority)?.untilMs !== expiryOf;
  }

  /** What becomes of the slot; of a device's own array only what the device does not hold. */
  slotPuts(record: CommandRecord): Put[] {
    const { state } = this.parts;
    const point = state.table.find(record.point);
    if (point === undefined || this.isOutdated(record)) return [];
    const slot = slotOf(record);
    const isKept = this.isArrayOurs(point) || slot?.untilMs !== undefined || slot?.reason !== undefined;
    return putSlot(state.keyed, point.name, record.priority, isKept ? slot : null);
  }

  private isArrayOurs(point: PointDefinition): boolean {
    return this.parts.isArrayOurs?.(point) === true;
  }

  /**
   * A later command to the same point and priority is done: written now, this one would undo it (found by story 6059). One that
   * is under way counts as well, unless this one was surely never sent: it may be found to have arrived while this one is
   * being written (story 11599).
   */
  isOvertaken({ point, priority, timeMs, state }: CommandRecord): boolean {
    for (const [, other] of commandsOf(this.parts.state.keyed, point)) {
      if ((other.state === 'done' || (state === 'intent' && other.state !== 'failed')) && other.priority === priority && other.timeMs > timeMs) return true;
    }
    return false;
  }
}
