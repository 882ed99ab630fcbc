import { TandemError, type AlarmAction, type ClientMessage, type Principal } from '../contract/index.js';
import { actOnAlarm, type AlarmOutcome } from './alarm-permission.js';
import { mustReachSomewhere } from './guard.js';
import type { NodeApi } from './node-api.js';
import { writablePoint } from './point-permission.js';
import { Reach } from './reach.js';
import { alarmAudits, messageRoles } from './route-roles.js';
import { readValue } from './wire-input.js';

/** Carries out a write or an acknowledgement of a client; `own` is who the socket is of. Rejects with its error's code. */
export async function requestOf(api: NodeApi, message: Extract<ClientMessage, { type: 'write' | 'acknowledge' | 'alarm' }>, own: Principal | undefined, remote: string): Promise<AlarmOutcome> {
  const brought = message.token === undefined || message.token === '' ? undefined : message.token;
  const principal = brought === undefined ? own : api.access.who(brought);
  mustReachSomewhere(principal, messageRoles[message.type]);
  const by = `${principal.name}@${remote}`;
  requireActive(api);
  const { id } = message;
  if (message.type === 'alarm') return audited(api, message.action, principal, remote);
  if (message.type === 'acknowledge') {
    const { alarm, occurrence, note } = message;
    return audited(api, { kind: 'acknowledge', alarm, occurrence, ...(note === undefined ? {} : { note }) }, principal, remote);
  }
  const point = writablePoint(api, message.point, { principal, address: remote }, 'write');
  return api.write({
    id,
    point: point.name,
    value: readValue(point, message.value),
    by,
    epoch: message.epoch,
    ...(message.nonce === undefined ? {} : { nonce: message.nonce }),
    ...(message.priority === undefined ? {} : { priority: message.priority }),
  });
}

/** Carries out what a person does to alarms, and keeps in the audit what came of it: as the guard does for REST. */
async function audited(api: NodeApi, action: AlarmAction, principal: Principal, remote: string): Promise<AlarmOutcome> {
  const { name } = principal;
  const { kind, ...said } = action;
  const target = 'alarm' in action ? action.alarm : 'scope' in action ? Object.values(action.scope).join('') : '';
  const entry = { who: name, from: remote, action: alarmAudits[kind], target, new: said };
  try {
    return await actOnAlarm(api, new Reach(api, principal), action, `${name}@${remote}`, { ...entry, outcome: 'done' });
  } catch (error) {
    const code = error instanceof TandemError ? error.code : 'INTERNAL';
    api.access.note({ ...entry, outcome: code === 'INTERNAL' ? 'failed' : 'refused', code });
    throw error;
  }
}

export function requireActive(api: NodeApi): void {
  if (api.role() !== 'active') throw new TandemError('NOT_ACTIVE', 'this node is not active: ask the other one');
}

export function epochNumber(api: NodeApi): number {
  return api.status().epoch?.number ?? 0;
}
