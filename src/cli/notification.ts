import { TandemError, type PendingNotification, type WireLog } from '../contract/index.js';
import { askNode } from '../platform/node-http.js';
import { parse, type Command } from './command.js';
import { addressOf, NODE_OPTIONS } from './node-address.js';

const AT = '--node FILE | --url URL --token T';

interface Told {
  readonly what: 'sent' | 'given-up';
  readonly id: string;
  readonly to: string;
  readonly event: string;
  readonly alarm: string;
  readonly by?: string;
  readonly reason?: string;
  readonly possibleRepeat?: true;
}

/** Mails and webhooks of a running pair. */
export const notification: Command = {
  name: 'notification',
  usage: [
    [`notification list [--log] [--limit N] [--json] ${AT}`, 'what waits to be sent and why; with --log what was sent or given up'],
    [`notification send|give-up ID [--note TEXT] ${AT}`, 'sends one that waits now, whatever the hour, or never'],
  ],
  async run(args) {
    const { values, positionals } = parse({ args: [...args], allowPositionals: true, options: { ...NODE_OPTIONS, log: { type: 'boolean' }, limit: { type: 'string' }, note: { type: 'string' }, json: { type: 'boolean' } } });
    const [verb = 'list', id, ...others] = positionals;
    const { url, token } = addressOf(values);
    const root = `${url}/api/v1/notifications`;
    if (verb === 'list' && id === undefined) {
      const { pending, log } = await askNode<{ pending: readonly PendingNotification[]; log: readonly WireLog[] }>(`${root}${values.limit === undefined ? '' : `?limit=${encodeURIComponent(values.limit)}`}`, { token });
      const found = values.log === true ? log : pending;
      if (values.json === true) console.log(JSON.stringify(found));
      else for (const line of values.log === true ? log.map(toldLine) : pending.map(waitingLine)) console.log(line);
      return 0;
    }
    if ((verb !== 'send' && verb !== 'give-up') || id === undefined || others.length > 0) throw new TandemError('USAGE', 'tandem notification list, or tandem notification send|give-up ID');
    const { held } = await askNode<{ held: string }>(`${root}/${encodeURIComponent(id)}/${verb}`, { method: 'POST', token, body: values.note === undefined ? {} : { note: values.note } });
    console.log(values.json === true ? JSON.stringify({ id, held }) : `${id}: ${verb}, ${held}`);
    return 0;
  },
};

function waitingLine({ id, to, event, alarm, notBeforeMs, attempt, sending, error, possibleRepeat }: PendingNotification): string {
  const state = sending === true ? 'being sent' : `not before ${iso(notBeforeMs)}`;
  return `${id} to ${to}: ${alarm.name} ${event}, ${state}${attempt === 0 ? '' : `, tried ${attempt} times: ${error ?? ''}`}${possibleRepeat === true ? ', possible repeat' : ''}`;
}

function toldLine({ timeMs, data }: WireLog): string {
  const { what, id, to, event, alarm, by, reason, possibleRepeat } = data as Told;
  return `${iso(timeMs)} ${what} ${id} to ${to}: ${alarm} ${event}${by === undefined ? '' : `, by ${by}`}${reason === undefined ? '' : `: ${reason}`}${possibleRepeat === true ? ', possible repeat' : ''}`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
