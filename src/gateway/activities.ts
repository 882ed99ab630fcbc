import { isTandemError, type Activity, type ActivityError, type ActivityProgress, type ActivityResult, type Clock, type Work } from '../contract/index.js';
import type { ActivitiesApi, ActivityHandle, ActivityStart } from '../clients/index.js';

/** What is over sooner is not worth a person's look. */
const SHOWN_AFTER_MS = 1_000;
/** How long a failure, or a result, is listed. */
const ENDED_FOR_MS = 60_000;
const MOST_ENDED = 20;

export interface ActivitiesOptions {
  readonly node: string;
  readonly clock: Clock;
  /** Parts that know themselves what they are at. */
  readonly sources: () => readonly Work[];
}

/** What a person should see of all that is under way: what has taken a second already, and what ended lately after as long. */
export function shownWork(work: readonly Work[], nowMs: number): readonly Work[] {
  const isShown = (sinceMs: number, endedAtMs: number): boolean => endedAtMs - sinceMs >= SHOWN_AFTER_MS && nowMs - endedAtMs < ENDED_FOR_MS;
  return work.filter(({ sinceMs, failedAtMs, doneAtMs }) => isShown(sinceMs, failedAtMs ?? doneAtMs ?? nowMs)).sort((a, b) => a.sinceMs - b.sinceMs);
}

/** What this node is at that takes its time, so that whoever looks sees it: after a reload, or in another browser, too. */
export class Activities implements ActivitiesApi {
  private readonly running = new Map<string, Work>();
  private ended: Work[] = [];
  private count = 0;

  constructor(private readonly options: ActivitiesOptions) {}

  /** Longest first. */
  list(): readonly Activity[] {
    const { node, clock, sources } = this.options;
    const nowMs = clock.monotonicMs();
    const wallMs = clock.wallMs();
    return shownWork([...sources(), ...this.running.values(), ...this.ended], nowMs).map(({ sinceMs, failedAtMs, doneAtMs, ...work }) => ({ ...work, node, startedMs: Math.round(wallMs - (nowMs - sinceMs)), state: failedAtMs !== undefined ? 'failed' : doneAtMs !== undefined ? 'done' : 'running' }));
  }

  begin({ kind, subject = '', by, ...progress }: ActivityStart): ActivityHandle {
    const { clock } = this.options;
    const id = `${kind}/${String(++this.count)}`;
    const fixed = { id, kind, subject, sinceMs: clock.monotonicMs(), ...(by === undefined ? {} : { by }) };
    this.running.set(id, { ...fixed, ...progress });
    const end = (how: (nowMs: number) => Partial<Work>): void => {
      const last = this.running.get(id);
      if (last === undefined) return;
      this.running.delete(id);
      const nowMs = clock.monotonicMs();
      this.ended = [...shownWork(this.ended, nowMs), { ...last, ...how(nowMs) }].slice(-MOST_ENDED);
    };
    return {
      report: (now: ActivityProgress) => {
        if (this.running.has(id)) this.running.set(id, { ...fixed, ...now });
      },
      end: (result?: ActivityResult) => {
        if (result === undefined) this.running.delete(id);
        else end((doneAtMs) => ({ doneAtMs, result }));
      },
      fail: (error: unknown) => end((failedAtMs) => ({ failedAtMs, error: activityError(error) })),
    };
  }

  /** Lists `work` until it is over, and what it has `come` to for a minute more, where that is told. */
  async run<T>(start: ActivityStart, work: (report: ActivityHandle['report']) => Promise<T>, come?: (result: T) => ActivityResult): Promise<T> {
    const handle = this.begin(start);
    try {
      const result = await work(handle.report);
      handle.end(come?.(result));
      return result;
    } catch (error) {
      // Whoever asked asks the other node: here was nothing begun, and nothing has failed.
      if (isTandemError(error, 'NOT_ACTIVE')) handle.end();
      else handle.fail(error);
      throw error;
    }
  }
}

/** What is not an operating error is for the log of the node, as in every other answer. */
export function activityError(error: unknown): ActivityError {
  return isTandemError(error) ? { code: error.code, message: error.message } : { code: 'INTERNAL', message: 'internal error' };
}
