import { TandemError, type RecordedConflict, type RedundancyEvent } from '../contract/index.js';
import { askNode } from '../platform/node-http.js';
import { parse, type Command } from './command.js';
import { addressOf, NODE_OPTIONS } from './node-address.js';

const ROOT = '/api/v1/redundancy';
/** Their ids may be long (a program, its output, the point): a request takes 64 KB. */
const DISMISSED_AT_ONCE = 100;

type Numbered = RedundancyEvent & { readonly number: number };

export const events: Command = {
  name: 'events',
  usage: [['events [--match TEXT] [--limit N] [--before N] [--format jsonl] --node FILE | --url URL --token T', 'what a node decided and on what evidence, newest first']],
  async run(args) {
    const { values } = parse({ args: [...args], options: { ...NODE_OPTIONS, match: { type: 'string' }, limit: { type: 'string', default: '100' }, before: { type: 'string' }, format: { type: 'string', default: 'text' } } });
    if (values.format !== 'text' && values.format !== 'jsonl') throw new TandemError('USAGE', '--format is text or jsonl');
    const { url, token } = addressOf(values);
    const query = new URLSearchParams({ limit: values.limit, ...(values.match === undefined ? {} : { match: values.match }), ...(values.before === undefined ? {} : { before: values.before }) });
    const { events: found, next } = await askNode<{ events: readonly Numbered[]; next?: number }>(`${url}${ROOT}/events?${query.toString()}`, { token });
    for (const event of found) console.log(values.format === 'jsonl' ? JSON.stringify(event) : `${String(event.number).padStart(6)} ${new Date(event.timeMs).toISOString()} ${event.node} ${event.what}: ${event.evidence}`);
    if (next !== undefined) console.error(`older ones: --before ${next}`);
    return 0;
  },
};

export const conflicts: Command = {
  name: 'conflicts',
  usage: [['conflicts list | adopt ID | dismiss ID… | dismiss --all --node FILE | --url URL --token T', 'what the two nodes did apart and do not agree on']],
  async run(args) {
    const { values, positionals } = parse({ args: [...args], allowPositionals: true, options: { ...NODE_OPTIONS, all: { type: 'boolean', default: false } } });
    const [verb = 'list', id, ...more] = positionals;
    const { url, token } = addressOf(values);
    const api = `${url}${ROOT}/conflicts`;
    if (verb === 'list') {
      const { conflicts: found } = await askNode<{ conflicts: readonly RecordedConflict[] }>(api, { token });
      for (const conflict of found) console.log(`${conflict.id}\t${new Date(conflict.timeMs).toISOString()} ${conflict.by}: ${conflict.text}`);
      return 0;
    }
    if (verb === 'dismiss' && (more.length > 0 || values.all)) {
      if (values.all && id !== undefined) throw new TandemError('USAGE', 'tandem conflicts dismiss takes ids or --all');
      const ids = id === undefined ? (await askNode<{ conflicts: readonly RecordedConflict[] }>(api, { token })).conflicts.map((conflict) => conflict.id) : [id, ...more];
      let count = 0;
      for (let from = 0; from < ids.length; from += DISMISSED_AT_ONCE) {
        const { dismissed } = await askNode<{ dismissed: number }>(`${api}/dismiss`, { method: 'POST', token, body: { ids: ids.slice(from, from + DISMISSED_AT_ONCE) } });
        count += dismissed;
      }
      console.log(`${String(count)} dismissed`);
      return 0;
    }
    if ((verb !== 'adopt' && verb !== 'dismiss') || id === undefined || more.length > 0 || values.all) throw new TandemError('USAGE', 'tandem conflicts list, adopt ID, dismiss ID… or dismiss --all');
    const one = `${api}/${encodeURIComponent(id)}`;
    const { held } = await askNode<{ held: string }>(verb === 'adopt' ? `${one}/adopt` : one, { method: verb === 'adopt' ? 'POST' : 'DELETE', token, ...(verb === 'adopt' ? { body: {} } : {}) });
    console.log(`${id}: ${verb === 'adopt' ? 'adopted' : 'dismissed'}, ${held}`);
    return 0;
  },
};
