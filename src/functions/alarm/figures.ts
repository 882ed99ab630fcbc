import type { AlarmFigures, WireAlarm } from '../../contract/index.js';

/** What of a journal entry counts. */
export interface FigureEntry {
  readonly timeMs: number;
  readonly event: string;
  readonly name: string;
  readonly priority: number;
  readonly occurrence: number;
}

export interface FigureOptions {
  readonly fromMs: number;
  readonly toMs: number;
  /** People who share the alarms; the rates are for each of them. */
  readonly operators: number;
}

const PERIOD_MS = 600_000;
/** ISA-18.2, clause 16: a flood begins with more than 10 alarms in 10 minutes for one operator, and ends below 5. */
const FLOOD_BEGINS = 10;
const FLOOD_ENDS = 5;
const STANDING_MS = 86_400_000;
/** Raised three times within a minute. */
const CHATTER = { times: 3, withinMs: 60_000 };
const TOP = 10;

/** Figures of alarm management after ISA-18.2 / IEC 62682, clause 16. `entries` oldest first, `present` the alarms as they are now. */
export function alarmFigures(entries: Iterable<FigureEntry>, present: Iterable<WireAlarm>, { fromMs, toMs, operators }: FigureOptions): AlarmFigures {
  const times: number[] = [];
  const raised = new Map<string, { count: number; recent: number[]; chatters: boolean }>();
  const byPriority: Record<string, number> = {};
  const waiting = new Map<string, number>();
  const answersMs: number[] = [];
  for (const { timeMs, event, name, priority, occurrence } of entries) {
    if (timeMs < fromMs || timeMs > toMs) continue;
    const key = `${name}\n${occurrence}`;
    if (event === 'acknowledged') {
      const sinceMs = waiting.get(key);
      if (sinceMs !== undefined) answersMs.push(timeMs - sinceMs);
      waiting.delete(key);
    }
    if (event !== 'raised') continue;
    times.push(timeMs);
    waiting.set(key, timeMs);
    byPriority[priority] = (byPriority[priority] ?? 0) + 1;
    const actor = raised.get(name) ?? { count: 0, recent: [], chatters: false };
    actor.count += 1;
    actor.recent = [...actor.recent.filter((atMs) => atMs > timeMs - CHATTER.withinMs), timeMs];
    actor.chatters ||= actor.recent.length >= CHATTER.times;
    raised.set(name, actor);
  }
  times.sort((a, b) => a - b);
  const periods = (toMs - fromMs) / PERIOD_MS;
  const flood = floods(times, fromMs, toMs, operators);
  const now = [...present];
  return {
    raised: times.length,
    per10MinAverage: periods <= 0 ? 0 : times.length / Math.max(1, periods) / operators,
    per10MinPeak: flood.peak / operators,
    floods: flood.count,
    floodShare: toMs <= fromMs ? 0 : flood.lastedMs / (toMs - fromMs),
    byPriority,
    standing: now.filter((alarm) => alarm.active === true && alarm.state !== 'suppressed' && alarm.sinceMs <= toMs - STANDING_MS).map(({ name, priority, sinceMs, state }) => ({ name, priority, sinceMs, state })),
    present: countBy(now.filter(({ state }) => state !== 'normal'), ({ state }) => state),
    top: [...raised].map(([name, { count }]) => ({ name, raised: count, share: count / times.length })).sort((a, b) => b.raised - a.raised || (a.name < b.name ? -1 : 1)).slice(0, TOP),
    chattering: [...raised].flatMap(([name, { chatters }]) => (chatters ? [name] : [])).sort(),
    acknowledgeMeanMs: answersMs.length === 0 ? null : answersMs.reduce((sum, ms) => sum + ms, 0) / answersMs.length,
  };
}

/** A window of ten minutes that ends at each alarm, and at each moment at which one leaves it. */
function floods(times: readonly number[], fromMs: number, toMs: number, operators: number): { peak: number; count: number; lastedMs: number } {
  let [peak, count, lastedMs, first] = [0, 0, 0, 0];
  let sinceMs: number | undefined;
  const leave = (untilMs: number): void => {
    while (first < times.length && (times[first] as number) + PERIOD_MS <= untilMs) first += 1;
  };
  times.forEach((timeMs, index) => {
    // Between two alarms the window only empties: the flood may have ended on the way.
    while (sinceMs !== undefined && first < index && (times[first] as number) + PERIOD_MS <= timeMs) {
      const leftMs = (times[first] as number) + PERIOD_MS;
      first += 1;
      if (index - first < FLOOD_ENDS * operators) {
        lastedMs += leftMs - sinceMs;
        sinceMs = undefined;
      }
    }
    leave(timeMs);
    const inWindow = index + 1 - first;
    peak = Math.max(peak, inWindow);
    if (sinceMs === undefined && inWindow > FLOOD_BEGINS * operators) {
      sinceMs = timeMs;
      count += 1;
    }
  });
  if (sinceMs !== undefined) {
    const endsWith = times[Math.max(first, times.length - Math.ceil(FLOOD_ENDS * operators))] ?? toMs;
    lastedMs += Math.min(toMs, endsWith + PERIOD_MS) - Math.max(fromMs, sinceMs);
  }
  return { peak, count, lastedMs };
}

function countBy<T>(items: readonly T[], key: (item: T) => string): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[key(item)] = (counts[key(item)] ?? 0) + 1;
  return counts;
}
