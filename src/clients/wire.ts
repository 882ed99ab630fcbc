import type { PointDefinition, PointValue, WireAlarm, WireLog, WirePoint, WireValue } from '../contract/index.js';
import type { Image, Json, LogEntry, Put } from '../image/index.js';
import type { RowWriter } from './row-writer.js';

export const ALARM_PREFIX = 'alarm/';

export function wirePoint(point: PointDefinition): WirePoint {
  return {
    index: point.id,
    name: point.name,
    kind: point.kind,
    device: point.device,
    ...(point.unit === undefined ? {} : { unit: point.unit }),
    ...(point.area === undefined ? {} : { area: point.area }),
    ...(point.tags === undefined ? {} : { tags: point.tags }),
    ...(point.states === undefined ? {} : { states: point.states }),
    writable: point.write !== undefined,
  };
}

export function wireValue(kind: PointDefinition['kind'], value: PointValue): WireValue {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') return value;
  // JSON knows no infinity; a field device that reports one has no value to show.
  if (!Number.isFinite(value)) return null;
  return kind === 'boolean' ? value !== 0 : value;
}

/** Adds the row of a point as the image has it. */
export function addImageRow(rows: RowWriter, image: Image, point: PointDefinition): void {
  const value = image.value(point.id);
  const isText = typeof value !== 'number';
  rows.add(point.id, point.kind === 'boolean', isText ? NaN : value, isText ? value : undefined, image.quality(point.id), image.timeMs(point.id), image.seq(point.id));
}

export function alarmsOf(entries: Iterable<readonly [key: string, value: Json]>): WireAlarm[] {
  return [...entries].map(([, value]) => value as unknown as WireAlarm);
}

export function alarmKey(name: string): string {
  return ALARM_PREFIX + name;
}

/** Alarm states among changed keys. A deleted one is back to normal, and that is all that is left to say of it. */
export function alarmsIn(puts: readonly Put[], timeMs: number): WireAlarm[] {
  const alarms: WireAlarm[] = [];
  for (const put of puts) {
    if (!put.key.startsWith(ALARM_PREFIX)) continue;
    if (put.value !== null) alarms.push(put.value as unknown as WireAlarm);
    else alarms.push({ name: put.key.slice(ALARM_PREFIX.length), point: '', state: 'normal', priority: 4, class: '', message: '', sinceMs: timeMs, occurrence: 0 });
  }
  return alarms;
}

export function isClientLog(entry: LogEntry): boolean {
  return entry.kind === 'alarm';
}

export function wireLog(entry: LogEntry): WireLog {
  return { id: entry.id, kind: entry.kind, timeMs: entry.timeMs, data: entry.data };
}

/** The frame in which an entry was first written; its id is `epoch.seq.n`. */
export function seqOfLog(entry: { readonly id: string }): number {
  return Number(entry.id.split('.')[1] ?? 0);
}
