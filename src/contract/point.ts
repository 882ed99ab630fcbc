/** What a point's value is. Booleans and enumerations are numbers in the image (0/1, index of the state). */
export type ValueKind = 'number' | 'boolean' | 'enum' | 'integer64' | 'text';

/**
 * A value as it travels inside the gateway. `number` for number, boolean (0/1) and enum (index);
 * `bigint` for integer64, `string` for text. `NaN` means "no value" and keeps the last one.
 */
export type PointValue = number | bigint | string;

/** Poll classes, each with its period in the site's `polling`. */
export type PollClass = 'fast' | 'normal' | 'slow';
export const pollClasses: readonly PollClass[] = ['fast', 'normal', 'slow'];

/** How a point may be written (site document, `write:`). */
export interface WriteRules {
  /** BACnet priority 1 (highest) … 16; drivers without priorities ignore it. */
  readonly priority: number;
  readonly min?: number;
  readonly max?: number;
  /** How a write is proved: not at all, by the device's echo, by reading back, or by another point; to the driver the last is as `echo`. */
  readonly verify: 'none' | 'echo' | 'readback' | FeedbackRule;
  /**
   * When the device was away and is back: leave it as it is (where absent), write again what was commanded last, or take its own
   * value for commanded.
   */
  readonly onReturn?: 'leave' | 'reassert' | 'adopt';
  /** The address takes values and gives none: it is never polled, and shows what was written last, as `uncertain (writeOnly)`. */
  readonly only?: true;
  /** The value does not stay, whoever takes it back: it is never read back, repeated or asserted again. */
  readonly pulse?: true;
  /** The gateway takes it back, this long after the device has taken the value. Goes with `pulse`. */
  readonly pulseMs?: number;
  /** Writing the same value twice does no harm, so a write in doubt may be repeated. */
  readonly repeatable: boolean;
  /** What it is to have where nobody commands it, of a point whose device has no priorities of its own. */
  readonly relinquishDefault?: PointValue;
}

/** The write is proved by what another point, of any device, shows within a time. */
export interface FeedbackRule {
  readonly point: string;
  readonly withinMs: number;
  /** How far a number may be off. */
  readonly tolerance?: number;
}

/** One point as every part of the gateway knows it. `id` is dense and valid within one configuration revision. */
export interface PointDefinition {
  readonly id: number;
  readonly name: string;
  readonly kind: ValueKind;
  readonly device: string;
  readonly unit?: string;
  readonly area?: string;
  /** What it is found by beside its name: `heating`, `meter`. */
  readonly tags?: readonly string[];
  readonly states?: readonly string[];
  readonly write?: WriteRules;
  readonly poll: PollClass;
  /** Smallest change of a number that is news, in the point's unit (site document, `cov:`). */
  readonly cov?: number;
  readonly description?: string;
}
