import { isTandemError, TandemError, type AlarmAction, type AuditNote, type Refusal, type WireAlarm } from '../contract/index.js';
import type { Confirmation, NodeApi } from './node-api.js';
import type { Reach } from './reach.js';

export interface AlarmOutcome extends Confirmation {
  /** Those of many to which it was not done. */
  readonly refused?: readonly Refusal[];
}

/** Carries out what a person does to alarms as far as their roles reach; `done` as there. Rejects as {@link NodeApi.alarm}, and with CLIENT_FORBIDDEN. */
export async function actOnAlarm(api: NodeApi, reach: Reach, action: AlarmAction, by: string, done?: AuditNote): Promise<AlarmOutcome> {
  if (action.kind === 'silence') return silence(api, reach, action.alarms, by, done);
  if ('alarm' in action) reach.mustReachAlarm('operator', action.alarm);
  else reach.mustReachScope('operator', action.scope);
  return api.alarm(action, by, done);
}

/** Of many those that it may be; the others are named, each with what it lacks. Without names: whatever it may be. */
async function silence(api: NodeApi, reach: Reach, asked: readonly string[] | undefined, by: string, note: AuditNote | undefined): Promise<AlarmOutcome> {
  if (reach.mayAll('operator')) return api.alarm({ kind: 'silence', ...(asked === undefined ? {} : { alarms: asked }) }, by, note);
  if (asked === undefined) {
    const alarms = [...api.state.keyed.entries('alarm/')].map(([, value]) => value as unknown as WireAlarm);
    return api.alarm({ kind: 'silence', alarms: alarms.filter((alarm) => reach.mayAlarm('operator', alarm)).map(({ name }) => name) }, by, note);
  }
  const refused = asked.flatMap((name): Refusal[] => {
    try {
      reach.mustReachAlarm('operator', name);
      return [];
    } catch (error) {
      if (!isTandemError(error)) throw error;
      return [{ name, code: error.code, message: error.message }];
    }
  });
  const [first] = refused;
  if (first !== undefined && refused.length === asked.length) throw new TandemError(first.code === 'ALARM_UNKNOWN' ? 'ALARM_UNKNOWN' : 'CLIENT_FORBIDDEN', first.message, { details: { refused } });
  const names = new Set(refused.map(({ name }) => name));
  const done = await api.alarm({ kind: 'silence', alarms: asked.filter((name) => !names.has(name)) }, by, note);
  return refused.length === 0 ? done : { ...done, refused };
}
