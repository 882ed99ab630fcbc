import type { AlarmFigures, AlarmMute, AlarmNote } from '../../contract/alarm.js';
import type { PendingNotification } from '../../contract/notification.js';
import { getJson, postJson } from './rest.js';

export async function readNotes(url: string, alarm: string): Promise<readonly AlarmNote[]> {
  return ((await getJson(url, `api/v1/alarms/${encodeURIComponent(alarm)}`)) as { readonly notes: readonly AlarmNote[] }).notes;
}

export async function readMutes(url: string): Promise<readonly AlarmMute[]> {
  return ((await getJson(url, 'api/v1/alarms/mutes')) as { readonly mutes: readonly AlarmMute[] }).mutes;
}

/** A message to one recipient, as a row. */
export interface ToldNotification {
  readonly id: string;
  /** When it was sent or given up; of one that waits, when it is tried next. */
  readonly atMs: number;
  readonly alarm: string;
  readonly event: string;
  readonly to: string;
  readonly state: 'waiting' | 'sending' | 'sent' | 'given-up';
  /** Tried in vain so often. */
  readonly attempt: number;
  readonly escalation: number | undefined;
  readonly possibleRepeat: boolean;
  readonly why: string | undefined;
}

interface NotificationEntry {
  readonly timeMs: number;
  readonly data: { readonly what: 'sent' | 'given-up'; readonly id: string; readonly to: string; readonly event: string; readonly alarm: string; readonly escalation?: number; readonly possibleRepeat?: boolean; readonly by?: string; readonly reason?: string };
}

export async function readNotifications(url: string): Promise<{ readonly pending: readonly ToldNotification[]; readonly log: readonly ToldNotification[] }> {
  const { pending, log } = (await getJson(url, 'api/v1/notifications?limit=100')) as { readonly pending: readonly PendingNotification[]; readonly log: readonly NotificationEntry[] };
  return {
    pending: pending.map(({ id, notBeforeMs, alarm, event, to, sending, attempt, escalation, possibleRepeat, error }) => ({ id, atMs: notBeforeMs, alarm: alarm.name, event, to, state: sending === true ? 'sending' : 'waiting', attempt, escalation, possibleRepeat: possibleRepeat === true, why: error })),
    log: log.map(({ timeMs, data: { what, id, alarm, event, to, escalation, possibleRepeat, by, reason } }) => ({ id, atMs: timeMs, alarm, event, to, state: what, attempt: 0, escalation, possibleRepeat: possibleRepeat === true, why: by === undefined ? reason : [by, ...(reason === undefined ? [] : [reason])].join(': ') })),
  };
}

/** Sends one that waits now, or gives it up. */
export async function actOnNotification(url: string, id: string, kind: 'send' | 'give-up', note: string, token: string): Promise<unknown> {
  return postJson(url, `api/v1/notifications/${encodeURIComponent(id)}/${kind}`, note === '' ? {} : { note }, token);
}

export const spans = { day: 86_400_000, week: 604_800_000, month: 2_592_000_000 } as const;
export type Span = keyof typeof spans;

export async function readFigures(url: string, span: Span): Promise<AlarmFigures> {
  const toMs = Date.now();
  const query = new URLSearchParams({ from: new Date(toMs - spans[span]).toISOString(), to: new Date(toMs).toISOString() });
  return (await getJson(url, `api/v1/alarms/figures?${query.toString()}`)) as AlarmFigures;
}

/** `1h`, as the texts name durations. */
export function durationMs(text: string): number {
  const units: Readonly<Record<string, number>> = { min: 60_000, h: 3_600_000, d: 86_400_000 };
  const [, count = '0', unit = ''] = /^(\d+)(min|h|d)$/.exec(text) ?? [];
  return Number(count) * (units[unit] ?? 0);
}
