import type { Area } from './pdu.js';

/** Registers that the device refuses. Each is tried again by itself once its time has come. */
interface Hole {
  readonly area: Area;
  readonly start: number;
  readonly end: number;
  retryAtMs: number;
}

/** A place that no block may span, though both sides can be read: something between them is refused, or the block was too long. */
interface Cut {
  readonly area: Area;
  readonly at: number;
  readonly forgetAtMs: number;
}

const RETRY_MS = 60_000;

/** What a device has refused with exceptions 2 and 3. Pure: time is given. */
export class Holes {
  private holes: Hole[] = [];
  private cuts: Cut[] = [];
  private changes = 0;

  /** Rises with each change: a plan made at an older version is out of date. */
  get version(): number {
    return this.changes;
  }

  get count(): number {
    return this.holes.length;
  }

  refuses(area: Area, start: number, end: number): boolean {
    return this.holes.some((hole) => hole.area === area && hole.start < end && hole.end > start)
      || this.cuts.some((cut) => cut.area === area && cut.at > start && cut.at < end);
  }

  /** Whether a value lies in a hole, so that it is not read with others. */
  covers(area: Area, start: number, count: number): boolean {
    return this.find(area, start, count) !== undefined;
  }

  due(area: Area, start: number, count: number, nowMs: number): boolean {
    return nowMs >= (this.find(area, start, count)?.retryAtMs ?? 0);
  }

  /** The device refused exactly these. */
  add(area: Area, start: number, count: number, nowMs: number): void {
    const known = this.find(area, start, count);
    if (known !== undefined) {
      known.retryAtMs = nowMs + RETRY_MS;
      return;
    }
    this.holes.push({ area, start, end: start + count, retryAtMs: nowMs + RETRY_MS });
    this.changes++;
  }

  /** The device has answered for these after all. */
  remove(area: Area, start: number, count: number): void {
    const known = this.find(area, start, count);
    if (known === undefined) return;
    this.holes = this.holes.filter((hole) => hole !== known);
    this.changes++;
  }

  cut(area: Area, at: number, nowMs: number): void {
    this.cuts.push({ area, at, forgetAtMs: nowMs + RETRY_MS });
    this.changes++;
  }

  /** Forgets cuts whose time is over. */
  tick(nowMs: number): void {
    const left = this.cuts.filter((cut) => cut.forgetAtMs > nowMs);
    if (left.length === this.cuts.length) return;
    this.cuts = left;
    this.changes++;
  }

  private find(area: Area, start: number, count: number): Hole | undefined {
    return this.holes.find((hole) => hole.area === area && hole.start <= start && hole.end >= start + count);
  }
}
