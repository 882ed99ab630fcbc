/** When the present day began in a time zone, ms since 1970; on the days that have 23 or 25 hours, too. */
export function startOfDay(nowMs: number, timezone: string): number {
  const day = dayAt(nowMs, timezone);
  // The last instant of the day before, found by halves: what a zone does at night is nobody's guess.
  let [before, within] = [nowMs - 26 * 3_600_000, nowMs];
  while (within - before > 1) {
    const middle = Math.floor((before + within) / 2);
    if (dayAt(middle, timezone) === day) within = middle;
    else before = middle;
  }
  return within;
}

/** `2026-11-27`, by the calendar of the zone. */
export function dayAt(timeMs: number, timezone: string): string {
  return formatOf(timezone).format(timeMs);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timezone: string): Intl.DateTimeFormat {
  const format = formats.get(timezone) ?? new Intl.DateTimeFormat('en-CA', { timeZone: timezone, year: 'numeric', month: '2-digit', day: '2-digit' });
  formats.set(timezone, format);
  return format;
}
