import type { Log, SiteConfig, Timer, Timers } from '../contract/index.js';
import type { Store } from '../store/index.js';

const FIRST_MS = 60_000;
const EVERY_MS = 3_600_000;

/** Forgets history that is too old or too much, each hour, on both nodes by pair time: neither asks the other. */
export function keepWithinLimits(site: () => SiteConfig, store: Store, timers: Timers, pairTime: () => number, log: Log): Timer {
  const timer: { now?: Timer } = {};
  const run = (): void => {
    const { trends, points, history } = site();
    const keep = new Map(trends.flatMap((trend) => trend.points.map((id) => [points[id]?.name ?? '', trend.keepMs] as const)));
    const orphanKeepMs = Math.max(0, ...trends.map(({ keepMs }) => keepMs));
    store
      .prune({ keepMs: (point) => keep.get(point), orphanKeepMs, maxBytes: history.maxBytes }, pairTime())
      .then((blocks) => {
        if (blocks > 0) log.info(`forgot ${blocks} blocks of history that were too old or too much`);
      })
      .catch((error: unknown) => log.error('history could not be trimmed', error));
    timer.now = timers.after(EVERY_MS, run);
  };
  timer.now = timers.after(FIRST_MS, run);
  return { cancel: () => timer.now?.cancel() };
}
