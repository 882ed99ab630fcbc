import type { Day } from './busy-day.js';

/** A raise may be noticed late by a takeover and the first poll after it. */
const MOST_LATE_S = 5;

/** What a day with failures has otherwise than one without. */
export function differencesOf(calm: Day, day: Day): string[] {
  const found: string[] = [];
  const compare = (what: string, expected: readonly string[], actual: readonly string[]): void => {
    if (JSON.stringify(expected) === JSON.stringify(actual)) return;
    const at = expected.findIndex((each, index) => each !== actual[index]);
    const from = Math.max(0, (at < 0 ? expected.length : at) - 2);
    found.push(`${what}: ${expected.slice(from, from + 6).join(', ')} … became ${actual.slice(from, from + 6).join(', ')} … (${expected.length}, ${actual.length})`);
  };
  for (const name of new Set([...Object.keys(calm.journal), ...Object.keys(day.journal)])) {
    compare(`journal of ${name}`, calm.journal[name] ?? [], day.journal[name] ?? []);
    (calm.raisedS[name] ?? []).forEach((atS, index) => {
      if (Math.abs(atS - (day.raisedS[name]?.[index] ?? NaN)) > MOST_LATE_S) found.push(`${name} raised at ${atS} s, and at ${String(day.raisedS[name]?.[index])}`);
    });
  }
  for (const name of Object.keys(calm.writes)) compare(`writes to ${name}`, (calm.writes[name] ?? []).map(String), (day.writes[name] ?? []).map(String));
  compare('messages', calm.sent, day.sent);
  for (const [key, atS] of Object.entries(calm.quietS)) {
    if (Math.abs(atS - (day.quietS[key] ?? NaN)) > MOST_LATE_S) found.push(`message ${key} left at ${atS} s, and at ${String(day.quietS[key])}`);
  }
  for (const point of ['T1', 'Sum'] as const) compare(`history of ${point}`, calm.history[point], day.history[point]);
  for (const point of ['Hot', 'T2'] as const) {
    // An aligned time that nobody could look at is left out; none is there with another value.
    const actual = new Set(day.history[point]);
    const missing = calm.history[point].filter((sample) => !actual.has(sample));
    const expected = new Set(calm.history[point]);
    const more = day.history[point].filter((sample) => !expected.has(sample));
    if (more.length > 0) found.push(`history of ${point} has ${more.slice(0, 5).join(', ')} (${more.length})`);
    if (missing.length > day.gaps + day.kills * 0.1) found.push(`history of ${point} lacks ${missing.slice(0, 5).join(', ')} (${missing.length})`);
  }
  return found;
}
