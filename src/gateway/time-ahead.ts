import type { DeviceLog, Log, SampleBatch } from '../contract/index.js';

/** A clock may be so far ahead without a word: nodes and devices are set by hand and by NTP. */
export const TOLERATED_MS = 60_000;

export interface TimeAheadOptions {
  readonly pairTime: () => number;
  readonly deviceOf: (point: number) => string;
  readonly log: Log;
}

/**
 * Samples from the future: of a device or a node whose clock is ahead of pair time, or was set forward. The value is true now, its time
 * is not: taken as it stands it would be the latest one until that time has come, and history would lie out of order. So a live
 * value counts from now; what a device's log has of a time that has not come is of an unknown one, and stays in the device.
 */
export class TimeAhead {
  private readonly counts = new Map<string, number>();

  constructor(private readonly options: TimeAheadOptions) {}

  /** Samples of a device so far, with a time that had not come. */
  count(device: string): number {
    return this.counts.get(device) ?? 0;
  }

  /** The same batch where nothing of it is ahead. */
  live(batch: SampleBatch): SampleBatch {
    const { length, times, points } = batch;
    if (length === 0) return batch;
    const nowMs = this.options.pairTime();
    const limitMs = nowMs + TOLERATED_MS;
    let ahead = 0;
    for (let row = 0; row < length; row++) if ((times[row] as number) > limitMs) ahead += 1;
    if (ahead === 0) return batch;
    // A batch is of one device. Its columns are shared with others.
    this.note(points[0] as number, ahead, Math.max(...times.subarray(0, length)) - nowMs);
    return { ...batch, times: times.map((timeMs) => (timeMs > limitMs ? nowMs : timeMs)) };
  }

  /** What of a log is to be taken: nothing of a time that has not come. */
  logged(point: number, log: DeviceLog): DeviceLog {
    const nowMs = this.options.pairTime();
    const samples = log.samples.filter(({ timeMs }) => timeMs <= nowMs + TOLERATED_MS);
    if (samples.length === log.samples.length) return log;
    this.note(point, log.samples.length - samples.length, log.samples.reduce((latest, { timeMs }) => Math.max(latest, timeMs), 0) - nowMs);
    return { ...log, samples };
  }

  private note(point: number, samples: number, aheadMs: number): void {
    const device = this.options.deviceOf(point);
    const before = this.counts.get(device) ?? 0;
    this.counts.set(device, before + samples);
    if (before === 0) this.options.log.warn(`SAMPLE_AHEAD: ${device} tells times ${Math.round(aheadMs / 1_000)} s ahead of pair time; its values count from when they come, and what its log has of such times is left there (told once)`);
  }
}
