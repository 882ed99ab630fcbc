import type { CommandSlot } from './point-command.js';
import type { PointValue } from './point.js';

/** Who commands a point, as its device has it (BACnet clause 19.2). */
export interface PriorityView {
  /** Of priority 1 … 16; null where nobody commands. The first that is not null is in force. */
  readonly slots: readonly (PointValue | null)[];
  /** In force where nobody commands; absent where the device does not tell. */
  readonly relinquishDefault?: PointValue;
  /** By priority: who commands it since when, until when and why, as far as it was by this gateway. */
  readonly commands?: ReadonlyMap<number, CommandSlot>;
}
