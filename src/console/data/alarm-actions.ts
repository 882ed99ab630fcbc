import type { AlarmFigures, AlarmMute, AlarmNote } from '../../contract/alarm.js';
import { getJson, patientMs } from './rest.js';

export async function readNotes(url: string, alarm: string): Promise<readonly AlarmNote[]> {
  return ((await getJson(url, `api/v1/alarms/${encodeURIComponent(alarm)}`)) as { readonly notes: readonly AlarmNote[] }).notes;
}

export async function readMutes(url: string): Promise<readonly AlarmMute[]> {
  return ((await getJson(url, 'api/v1/alarms/mutes')) as { readonly mutes: readonly AlarmMute[] }).mutes;
}

export const spans = { day: 86_400_000, week: 604_800_000, month: 2_592_000_000 } as const;
export type Span = keyof typeof spans;

export async function readFigures(url: string, span: Span): Promise<AlarmFigures> {
  const toMs = Date.now();
  const query = new URLSearchParams({ from: new Date(toMs - spans[span]).toISOString(), to: new Date(toMs).toISOString() });
  return (await getJson(url, `api/v1/alarms/figures?${query.toString()}`, patientMs)) as AlarmFigures;
}

/** `1h`, as the texts name durations. */
export function durationMs(text: string): number {
  const units: Readonly<Record<string, number>> = { min: 60_000, h: 3_600_000, d: 86_400_000 };
  const [, count = '0', unit = ''] = /^(\d+)(min|h|d)$/.exec(text) ?? [];
  return Number(count) * (units[unit] ?? 0);
}
