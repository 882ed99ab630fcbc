import type { Log, SiteConfig, Timer, Timers } from '../contract/index.js';
import type { RetentionRules, Store } from '../store/index.js';

const FIRST_MS = 60_000;
const EVERY_MS = 3_600_000;

/** What is recorded no more (its trend was taken out, its point was renamed) is kept for as long as nothing else is said of any: it may have been a mistake. */
const LEAST_ORPHAN_MS = 3 * 365 * 86_400_000;

export function rulesOf({ trends, points, history }: Pick<SiteConfig, 'trends' | 'points' | 'history'>): RetentionRules {
  const keep = new Map(trends.flatMap((trend) => trend.points.map((id) => [points[id]?.name ?? '', trend.keepMs] as const)));
  return { keepMs: (point) => keep.get(point), orphanKeepMs: Math.max(LEAST_ORPHAN_MS, ...trends.map(({ keepMs }) => keepMs)), maxBytes: history.maxBytes };
}

/** Forgets history that is too old or too much, each hour, on both nodes by pair time: neither asks the other. */
export function keepWithinLimits(site: () => SiteConfig, store: Store, timers: Timers, pairTime: () => number, log: Log): Timer {
  const timer: { now?: Timer } = {};
  const run = (): void => {
    store
      .prune(rulesOf(site()), pairTime())
      .then((blocks) => {
        if (blocks > 0) log.info(`forgot ${blocks} blocks of history that were too old or too much`);
      })
      .catch((error: unknown) => log.error('history could not be trimmed', error));
    timer.now = timers.after(EVERY_MS, run);
  };
  timer.now = timers.after(FIRST_MS, run);
  return { cancel: () => timer.now?.cancel() };
}
