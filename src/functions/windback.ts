/**
 * Gaps in our own history and how they are filled from what devices log themselves (R23). Which gaps are open is state,
 * so that whoever is active next goes on; what comes out of a log is decided here, the reading is the gateway's.
 */
import type { SampleBuilder} from '../contract/index.js';
import { isGood, qualityOf, type DeviceLog } from '../contract/index.js';

/** Nothing of a device was recorded from `fromMs` on; until `toMs`, where the device is back. */
export interface Gap {
  readonly fromMs: number;
  readonly toMs: number | null;
}

const FILLED = qualityOf('good', 'deviceLog');
export const NOT_RECORDED = qualityOf('bad', 'notRecorded');
/** Shorter ones hold no sample that a log would have and a trend would miss. */
const LEAST_MS = 5_000;

/** The device is lost, or nobody was there to ask it. An open gap goes on. */
export function openGap(gaps: readonly Gap[], fromMs: number): readonly Gap[] {
  return gaps.some(({ toMs }) => toMs === null) ? gaps : [...gaps, { fromMs, toMs: null }];
}

/** The device is back. */
export function closeGap(gaps: readonly Gap[], toMs: number): readonly Gap[] {
  return gaps.flatMap((gap) => (gap.toMs !== null ? [gap] : toMs - gap.fromMs < LEAST_MS ? [] : [{ ...gap, toMs }]));
}

/** Adds what the device logged of one point, marked as such, and what it did not log as explicit gaps. */
export function fillFrom(samples: SampleBuilder, point: number, log: DeviceLog): void {
  for (const { timeMs, value, quality } of log.samples) samples.add(point, value, isGood(quality) ? FILLED : quality, timeMs);
  for (const { fromMs } of log.gaps) markGap(samples, point, fromMs);
}

/** From here on nothing was recorded; a sample after it ends that. */
export function markGap(samples: SampleBuilder, point: number, fromMs: number): void {
  samples.add(point, NaN, NOT_RECORDED, fromMs + 1); // not in place of the last sample before it
}
