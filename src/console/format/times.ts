import { texts } from '../texts.js';

const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const date = new Intl.DateTimeFormat('sv-SE', { year: 'numeric', month: '2-digit', day: '2-digit' });
const halfDayMs = 43_200_000;

/** The time alone where it cannot be mistaken for another day's, with its date otherwise. */
export function formatTime(timeMs: number, nowMs: number = Date.now()): string {
  if (timeMs <= 0) return texts.none;
  const clock = time.format(timeMs);
  return Math.abs(nowMs - timeMs) < halfDayMs ? clock : `${date.format(timeMs)} ${clock}`;
}

/** On the clock of a place, whatever the browser's: `Fri 2026-11-27 06:00`, with seconds where there are some. */
export function formatTimeAt(timeMs: number, timezone: string): string {
  const part = Object.fromEntries(zoned(timezone).formatToParts(timeMs).map(({ type, value }) => [type, value]));
  const { weekday = '', year = '', month = '', day = '', hour = '', minute = '', second = '' } = part;
  return `${weekday} ${year}-${month}-${day} ${hour}:${minute}${second === '00' ? '' : `:${second}`}`;
}

const zones = new Map<string, Intl.DateTimeFormat>();

function zoned(timezone: string): Intl.DateTimeFormat {
  const format = zones.get(timezone) ?? new Intl.DateTimeFormat('en-GB', { timeZone: timezone, weekday: 'short', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
  zones.set(timezone, format);
  return format;
}

/** `4 min 05 s`, `850 ms`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
