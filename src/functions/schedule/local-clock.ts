import { IANAZone } from 'luxon';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const REMEMBERED_DAYS = 2_000;
/** Clocks are set back by an hour or less; a zone that crosses the date line repeats a day, and is not looked for. */
const LOOK_BACK_MS = 3 * HOUR_MS;
const WIDEST_OFFSET_MS = 26 * HOUR_MS;

/**
 * The clock on the wall of a zone, but one that never goes back: while an hour is repeated it stands still. Local
 * times are written as milliseconds since 1970 as if they were UTC. With it both nights of a year need no special
 * case: an entry in the hour that is left out comes into force at the jump, one in the hour that comes twice comes
 * into force the first time, and nothing comes into force twice.
 */
export class LocalClock {
  private readonly zone: IANAZone;
  /** Offsets in minutes of whole UTC days: at the beginning, from `changeMs` on, and when that is. */
  private readonly byDay = new Map<number, { readonly before: number; readonly after: number; readonly changeMs: number }>();

  constructor(readonly timezone: string) {
    this.zone = IANAZone.create(timezone);
  }

  /** The latest local time that the clock has shown by `instantMs`. */
  localMs(instantMs: number): number {
    const offset = this.offsetMs(instantMs);
    const before = this.offsetMs(instantMs - LOOK_BACK_MS);
    if (before <= offset) return instantMs + offset;
    let early = instantMs - LOOK_BACK_MS;
    let late = instantMs;
    while (late - early > 1) {
      const middle = Math.floor((early + late) / 2);
      if (this.offsetMs(middle) === before) early = middle;
      else late = middle;
    }
    // `late` is when the clocks were set back: they had come to just before `late + before`.
    return Math.max(instantMs + offset, late + before - 1);
  }

  /** The first instant at which the clock has come to `localMs`. */
  instantMs(localMs: number): number {
    const early = this.offsetMs(localMs - WIDEST_OFFSET_MS);
    const late = this.offsetMs(localMs + WIDEST_OFFSET_MS);
    if (early === late) return localMs - early;
    let low = localMs - WIDEST_OFFSET_MS;
    let high = localMs + WIDEST_OFFSET_MS;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.localMs(middle) >= localMs) high = middle;
      else low = middle;
    }
    return high;
  }

  /** Asking the zone costs microseconds, and a thousand schedules ask about the same few days. */
  private offsetMs(instantMs: number): number {
    const day = Math.floor(instantMs / DAY_MS);
    let known = this.byDay.get(day);
    if (known === undefined) {
      const [before, after] = [this.zone.offset(day * DAY_MS), this.zone.offset((day + 1) * DAY_MS)];
      known = { before, after, changeMs: before === after ? Infinity : this.changeIn(day * DAY_MS, before) };
      if (this.byDay.size >= REMEMBERED_DAYS) this.byDay.clear();
      this.byDay.set(day, known);
    }
    return (instantMs < known.changeMs ? known.before : known.after) * MINUTE_MS;
  }

  /** When, on the UTC day that begins at `fromMs`, the clocks change; no zone has done so twice on one day. */
  private changeIn(fromMs: number, before: number): number {
    let [early, late] = [fromMs, fromMs + DAY_MS];
    while (late - early > 1) {
      const middle = Math.floor((early + late) / 2);
      if (this.zone.offset(middle) === before) early = middle;
      else late = middle;
    }
    return late;
  }
}
