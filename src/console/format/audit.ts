import type { AuditEntry } from '../../contract/access.js';
import { texts } from '../texts.js';
import { formatDuration, formatTime } from './times.js';

/** From what to what, for a person: `18 → value 18.5, priority 8, until 10:15:00, reason concert`. */
export function changeText({ old, new: next }: Pick<AuditEntry, 'old' | 'new'>): string {
  const [before, after] = [written(old), written(next)];
  return before === '' ? after : `${before} → ${after}`;
}

function written(value: unknown): string {
  if (value === undefined) return '';
  if (value === null) return texts.none;
  if (Array.isArray(value)) return value.map(written).join(', ');
  if (typeof value === 'object') return Object.entries(value).map(([key, each]) => field(key, each)).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A moment or a length of time is told as one: `untilMs`, `forMs`. */
function field(key: string, value: unknown): string {
  const [, name] = /^(\w+)Ms$/.exec(key) ?? [];
  if (name === undefined || typeof value !== 'number') return `${key}: ${written(value)}`;
  return `${name}: ${value > FIRST_MOMENT_MS ? formatTime(value) : formatDuration(value)}`;
}

/** The year 2001: no length of time that anybody asks for is as long. */
const FIRST_MOMENT_MS = 1e12;
