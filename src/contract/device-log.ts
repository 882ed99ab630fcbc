import type { PointValue } from './point.js';
import type { Quality } from './quality.js';

/** What a device has logged for itself of one point. */
export interface DeviceLog {
  /** Oldest first, source time in milliseconds since 1970. */
  readonly samples: readonly { readonly timeMs: number; readonly value: PointValue; readonly quality: Quality }[];
  /** Times of the asked range in which the log has nothing, and why: `not logged yet`, `log disabled`, `buffer purged` … */
  readonly gaps: readonly { readonly fromMs: number; readonly toMs: number; readonly reason: string }[];
}
