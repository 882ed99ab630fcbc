import type { Activity, ActivityKind } from '../../contract/activity.js';

interface AwaitedWork {
  readonly kind: ActivityKind;
  readonly subject: string;
  readonly sinceMs: number;
}

const place = 'tandem.awaited';
/** Nobody waits for longer. */
const mostMs = 600_000;

/**
 * What this tab has asked for and was not answered when it was loaded again. The answer went to a page that is no more; the node still
 * tells what came of it.
 */
export class Awaited {
  #work: readonly AwaitedWork[];
  /** Of the page before: what this page asks for is answered. */
  #left: readonly AwaitedWork[];
  #leaving = false;

  constructor() {
    this.#left = read().filter(({ sinceMs }) => Date.now() - sinceMs < mostMs);
    this.#work = this.#left;
    // A request that ends because the page does has no answer.
    window.addEventListener('pagehide', () => (this.#leaving = true));
    window.addEventListener('pageshow', () => (this.#leaving = false));
  }

  async during<T>(kind: ActivityKind, subject: string, ask: () => Promise<T>): Promise<T> {
    const work: AwaitedWork = { kind, subject, sinceMs: Date.now() };
    this.#keep([...this.#work, work]);
    try {
      return await ask();
    } finally {
      if (!this.#leaving) this.#keep(this.#work.filter((other) => other !== work));
    }
  }

  /** Those that the page before has waited for and that have ended; each is told once. */
  ended(activities: readonly Activity[]): readonly Activity[] {
    const found = activities.filter(({ state, kind, subject }) => state !== 'running' && this.#left.some((work) => work.kind === kind && work.subject === subject));
    if (found.length === 0) return found;
    const isFound = (work: AwaitedWork): boolean => found.some(({ kind, subject }) => work.kind === kind && work.subject === subject);
    this.#keep(this.#work.filter((work) => !(this.#left.includes(work) && isFound(work))));
    this.#left = this.#left.filter((work) => !isFound(work));
    return found;
  }

  #keep(work: readonly AwaitedWork[]): void {
    this.#work = work;
    sessionStorage.setItem(place, JSON.stringify(work));
  }
}

function read(): readonly AwaitedWork[] {
  try {
    return JSON.parse(sessionStorage.getItem(place) ?? '[]') as readonly AwaitedWork[];
  } catch {
    return [];
  }
}
