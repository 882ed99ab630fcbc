import { pollClasses, type PollClass } from '../contract/index.js';

/** How one poll class of a device keeps to its period, milliseconds. */
export interface CycleStatus {
  readonly poll: PollClass;
  readonly periodMs: number;
  /** From the beginning of the last poll but one to that of the last; 0 before there were two. */
  readonly cycleMs: number;
  readonly longestCycleMs: number;
  /** From the beginning of the last poll to its end. */
  readonly pollMs: number;
  readonly longestPollMs: number;
  /** Polls that were not over when the next one was due. */
  readonly overruns: number;
  /** Periods that were left out for that. */
  readonly missed: number;
}

type Measured = Record<Exclude<keyof CycleStatus, 'poll' | 'periodMs'> | 'beganMs', number>;

/** Measures the polls of a device. A break, as when it is not asked for a while, is no cycle. */
export class Cycles {
  private readonly measured = new Map<PollClass, Measured>();

  constructor(private readonly periodMs: Readonly<Record<PollClass, number>>) {}

  began(pollClass: PollClass, nowMs: number): void {
    const cycle = this.of(pollClass);
    if (Number.isFinite(cycle.beganMs)) {
      cycle.cycleMs = nowMs - cycle.beganMs;
      cycle.longestCycleMs = Math.max(cycle.longestCycleMs, cycle.cycleMs);
    }
    cycle.beganMs = nowMs;
  }

  ended(pollClass: PollClass, nowMs: number): void {
    const cycle = this.of(pollClass);
    // The break came in the midst of it.
    if (Number.isNaN(cycle.beganMs)) return;
    cycle.pollMs = nowMs - cycle.beganMs;
    cycle.longestPollMs = Math.max(cycle.longestPollMs, cycle.pollMs);
  }

  overran(pollClass: PollClass, missed: number): void {
    const cycle = this.of(pollClass);
    cycle.overruns++;
    cycle.missed += missed;
  }

  /** The device is not asked at its periods for a while. */
  broke(): void {
    for (const cycle of this.measured.values()) cycle.beganMs = NaN;
  }

  list(): readonly CycleStatus[] {
    return pollClasses.flatMap((poll) => {
      const cycle = this.measured.get(poll);
      if (cycle === undefined) return [];
      const { cycleMs, longestCycleMs, pollMs, longestPollMs, overruns, missed } = cycle;
      const [last, longest, took, tookLongest] = [cycleMs, longestCycleMs, pollMs, longestPollMs].map(Math.round) as [number, number, number, number];
      return [{ poll, periodMs: this.periodMs[poll], cycleMs: last, longestCycleMs: longest, pollMs: took, longestPollMs: tookLongest, overruns, missed }];
    });
  }

  private of(pollClass: PollClass): Measured {
    let cycle = this.measured.get(pollClass);
    if (cycle === undefined) this.measured.set(pollClass, (cycle = { beganMs: NaN, cycleMs: 0, longestCycleMs: 0, pollMs: 0, longestPollMs: 0, overruns: 0, missed: 0 }));
    return cycle;
  }
}
