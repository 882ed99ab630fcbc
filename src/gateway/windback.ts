import { isTandemError, messageOf, SampleBuilder, type Clock, type DeviceLog, type Log, type PointDefinition, type Role, type Timer, type Timers, type TrendDefinition, type Work } from '../contract/index.js';
import { activityError } from './activities.js';
import { closeGap, fillFrom, markGap, openGap, type Gap } from '../functions/index.js';
import type { Json, PairState, Publisher } from '../image/index.js';

export interface WindbackOptions {
  readonly state: PairState;
  readonly publisher: Publisher;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly role: () => Role;
  readonly pairTime: () => number;
  readonly trends: () => readonly TrendDefinition[];
  /** Points of a device whose past it can tell. */
  readonly loggedPoints: (device: string) => readonly number[];
  readonly readLog: (point: number, fromMs: number, toMs: number) => Promise<DeviceLog>;
}

const GAPS = 'windback/';
const RETRY_MS = 60_000;

/**
 * Fills history after a gap from what devices log themselves (R23). Gaps are replicated with the frames, so a node that
 * becomes active in the middle goes on; a log that is read twice gives the same samples under the same keys.
 */
export class Windback {
  private readonly lastSeenMs = new Map<string, number>();
  private readonly filling = new Set<string>();
  /** By device: how far its log has been read, or why it could not be. */
  private readonly reading = new Map<string, Work>();
  private readonly retries = new Map<string, Timer>();

  constructor(private readonly options: WindbackOptions) {}

  /** A device has sent good values. */
  seen(device: string): void {
    this.lastSeenMs.set(device, this.options.pairTime());
  }

  /** Call when the role is active: nobody may have recorded since `aliveMs`, the pair time of the last frame before. */
  takeOver(aliveMs: number): void {
    this.lastSeenMs.clear();
    if (aliveMs === 0) return;
    const puts = this.devices().map((device) => ({ key: GAPS + device, value: gapsJson(openGap(this.gapsOf(device), aliveMs)) }));
    if (puts.length > 0) this.options.publisher.record(puts);
  }

  /** The device does not answer any more, or does again. */
  onDevice(device: string, online: boolean): void {
    if (this.options.role() !== 'active' || !this.devices().includes(device)) return;
    const before = this.gapsOf(device);
    if (!online) {
      this.put(device, openGap(before, this.lastSeenMs.get(device) ?? this.options.pairTime()));
      return;
    }
    this.put(device, closeGap(before, this.options.pairTime()));
    void this.fill(device);
  }

  /** Logs that are being read, and those that could not be read lately. */
  work(): readonly Work[] {
    return [...this.reading.values()];
  }

  stop(): void {
    for (const timer of this.retries.values()) timer.cancel();
    this.retries.clear();
  }

  private async fill(device: string): Promise<void> {
    if (this.filling.has(device)) return;
    this.filling.add(device);
    const sinceMs = this.options.clock.monotonicMs();
    try {
      for (;;) {
        const gap = this.gapsOf(device).find(({ toMs }) => toMs !== null);
        if (gap?.toMs === undefined || gap.toMs === null || this.options.role() !== 'active') return;
        const logged = new Set(this.options.loggedPoints(device));
        const points = this.recordedPoints(device);
        const told = points.filter(({ id }) => logged.has(id));
        for (const [done, point] of told.entries()) {
          this.reading.set(device, { id: `windback/${device}`, kind: 'windback', subject: device, sinceMs, step: 'device-log', done, total: told.length, unit: 'points' });
          await this.fillPoint(point, gap.fromMs, gap.toMs);
        }
        this.reading.delete(device);
        if (this.options.role() !== 'active') return;
        this.markGaps(points.filter(({ id }) => !logged.has(id)), gap.fromMs);
        const left = this.gapsOf(device).filter((other) => other.fromMs !== gap.fromMs);
        this.put(device, left, [{ kind: 'windback', data: { device, fromMs: gap.fromMs, toMs: gap.toMs } }]);
      }
    } catch (error) {
      this.options.log.warn(`history of ${device} cannot be filled now: ${messageOf(error)}`);
      const last = this.reading.get(device);
      if (last !== undefined) this.reading.set(device, { ...last, failedAtMs: this.options.clock.monotonicMs(), error: activityError(error) });
      this.retry(device);
    } finally {
      this.filling.delete(device);
    }
  }

  /** Points of which nobody can tell what they were: all in one frame, however many. */
  private markGaps(points: readonly PointDefinition[], fromMs: number): void {
    if (points.length === 0) return;
    const samples = new SampleBuilder(points.length);
    for (const { id } of points) markGap(samples, id, fromMs);
    this.options.publisher.adopt([], samples.take(), []);
  }

  /** Rejects where it may be tried again. */
  private async fillPoint({ id, name }: PointDefinition, fromMs: number, toMs: number): Promise<void> {
    const { readLog, publisher, state } = this.options;
    const samples = new SampleBuilder();
    const { revision } = state.table;
    try {
      fillFrom(samples, id, await readLog(id, fromMs, toMs));
    } catch (error) {
      if (!isTandemError(error, 'FIELD_REJECTED')) throw error;
      this.options.log.warn(`the log of ${name} cannot be read: ${messageOf(error)}`);
      markGap(samples, id, fromMs);
    }
    // (Under another configuration the ids mean other points: its gap is still open, and is filled by it.)
    if (samples.length > 0 && this.options.role() === 'active' && state.table.revision === revision) publisher.adopt([], samples.take(), []);
  }

  private retry(device: string): void {
    this.retries.get(device)?.cancel();
    this.retries.set(device, this.options.timers.after(RETRY_MS, () => {
      this.retries.delete(device);
      if (this.options.role() === 'active') void this.fill(device);
    }));
  }

  private devices(): string[] {
    const { table } = this.options.state;
    return [...new Set(this.options.trends().flatMap(({ points }) => points.map((point) => table.byId(point).device)))];
  }

  private recordedPoints(device: string): PointDefinition[] {
    const { table } = this.options.state;
    const ids = new Set(this.options.trends().flatMap(({ points }) => points));
    return [...ids].map((id) => table.byId(id)).filter((point) => point.device === device);
  }

  private gapsOf(device: string): readonly Gap[] {
    return (this.options.state.keyed.get(GAPS + device) as unknown as readonly Gap[] | undefined) ?? [];
  }

  private put(device: string, gaps: readonly Gap[], logs: readonly { kind: string; data: Json }[] = []): void {
    if (gaps === this.gapsOf(device) || (gaps.length === 0 && this.gapsOf(device).length === 0 && logs.length === 0)) return;
    this.options.publisher.record([{ key: GAPS + device, value: gaps.length === 0 ? null : gapsJson(gaps) }], logs);
  }
}

function gapsJson(gaps: readonly Gap[]): Json {
  return gaps.map((gap) => ({ ...gap }));
}
