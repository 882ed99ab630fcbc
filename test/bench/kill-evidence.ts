import type { AuditEntry } from '../../src/contract/index.js';

/** A value that reached the device, wall time. */
export interface Arrival {
  readonly timeMs: number;
  readonly value: number;
}

export interface KillTimes {
  readonly node: string;
  readonly killedMs: number;
  /** When a node answered as the active one again. */
  readonly activeMs: number;
}

/** What is known of a run, to explain by it what is not as it should be. */
export interface Evidence {
  /** When entry `value` comes into force. */
  readonly dueMs: (value: number) => number;
  readonly arrivals: readonly Arrival[];
  readonly kills: readonly KillTimes[];
  /** Of the audit: what the schedule intended when, in pair time, and what became of it. */
  readonly audit: readonly AuditEntry[];
  /** What the nodes said, each line with its time and its node before it. */
  readonly said: readonly string[];
}

export interface EntryFigures {
  /** Entries of the schedule that reached the device; twice; after a later one. Passed over: another was in force before a node was active again, or it was missed. */
  readonly entries: number;
  readonly entriesTwice: number;
  readonly entriesBackwards: number;
  readonly entriesPassedOver: number;
  /** Of these: a node was active for a second or more while the entry was in force. */
  readonly entriesMissed: number;
  /** Later than a second after their time, and the longest; without those that a node coming active made up for. */
  readonly entriesLate: number;
  readonly latestMs: number;
  /** Each of those with what is known about it. */
  readonly explained: readonly string[];
}

const LATE_MS = 1_000;
/** An entry can be written at once by a node that was active for so long in its time. */
const TIME_ENOUGH_MS = 1_000;
const AROUND_MS = 6_000;

/** Looks at the writes of a schedule whose entries are consecutive numbers, one every `entryMs`. */
export function entriesOf(evidence: Evidence, entryMs: number): EntryFigures {
  const { arrivals, kills, dueMs } = evidence;
  const explained: string[] = [];
  const explain = (what: string, atMs: number): void => void explained.push(...[`${text(atMs)} ${what}`, ...around(evidence, atMs).map((line) => `  ${line}`)]);
  const values = new Set(arrivals.map(({ value }) => value));
  const first = Math.min(...values);
  const last = Math.max(...values);
  let missed = 0;
  let passedOver = 0;
  for (let value = first; value <= last; value++) {
    if (values.has(value)) continue;
    passedOver += 1;
    const fromMs = dueMs(value);
    const toMs = fromMs + entryMs;
    // Nobody was active from a kill of the active on until somebody was again.
    const withoutMs = kills.reduce((sum, { killedMs, activeMs }) => sum + Math.max(0, Math.min(activeMs, toMs) - Math.max(killedMs, fromMs)), 0);
    if (entryMs - withoutMs < TIME_ENOUGH_MS) continue;
    missed += 1;
    explain(`entry ${value} was passed over though a node was active for ${entryMs - withoutMs} ms of its time`, fromMs);
  }
  let twice = 0;
  let backwards = 0;
  let late = 0;
  let latestMs = 0;
  const seen = new Set<number>();
  arrivals.forEach(({ timeMs, value }, index) => {
    if (seen.has(value)) {
      twice += 1;
      explain(`entry ${value} arrived again`, timeMs);
    }
    seen.add(value);
    if (value < (arrivals[index - 1]?.value ?? 0)) {
      backwards += 1;
      explain(`entry ${value} arrived after ${arrivals[index - 1]?.value ?? 0}`, timeMs);
    }
    // Who comes active writes what is in force since before; lateness counts from then on.
    const since = kills.filter(({ killedMs }) => killedMs < timeMs).reduce((latest, { activeMs }) => (activeMs <= timeMs + LATE_MS ? Math.max(latest, activeMs) : latest), dueMs(value));
    const lateMs = timeMs - Math.max(dueMs(value), Math.min(since, timeMs));
    if (index === 0) return;
    latestMs = Math.max(latestMs, lateMs);
    if (lateMs <= LATE_MS) return;
    late += 1;
    explain(`entry ${value} arrived ${lateMs} ms late`, timeMs);
  });
  return { entries: arrivals.length, entriesTwice: twice, entriesBackwards: backwards, entriesPassedOver: passedOver, entriesMissed: missed, entriesLate: late, latestMs, explained };
}

/** Everything known to have happened around a moment, in order. */
function around({ arrivals, kills, audit, said, dueMs }: Evidence, atMs: number): string[] {
  const lines: [number, string][] = [
    ...arrivals.map(({ timeMs, value }): [number, string] => [timeMs, `the device is written ${value}, due at ${text(dueMs(value))}`]),
    ...kills.flatMap(({ node, killedMs, activeMs }): [number, string][] => [[killedMs, `node ${node} is killed`], [activeMs, 'a node answers as active']]),
    ...audit.map(({ timeMs, id, new: value, outcome, message }): [number, string] => [timeMs, `audit, pair time: ${outcome} ${JSON.stringify(value)} as ${id}${message === undefined ? '' : `: ${message}`}`]),
    ...said.flatMap((line): [number, string][] => {
      const at = Date.parse(/\d{4}-\d\d-\d\dT[\d:.]+Z/.exec(line)?.[0] ?? '');
      return Number.isNaN(at) ? [] : [[at, line]];
    }),
  ];
  return lines.filter(([timeMs]) => Math.abs(timeMs - atMs) < AROUND_MS).sort(([a], [b]) => a - b).map(([timeMs, line]) => `${text(timeMs)} ${line}`);
}

function text(ms: number): string {
  return new Date(ms).toISOString().slice(11, 23);
}
