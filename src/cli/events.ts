import { TandemError, type RecordedConflict, type RedundancyEvent } from '../contract/index.js';
import { askNode } from '../platform/node-http.js';
import { parse, type Command } from './command.js';
import { addressOf, NODE_OPTIONS } from './node-address.js';

const ROOT = '/api/v1/redundancy';

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
  usage: [['conflicts list | adopt ID | dismiss ID --node FILE | --url URL --token T', 'what the two nodes did apart and do not agree on']],
  async run(args) {
    const { values, positionals } = parse({ args: [...args], allowPositionals: true, options: NODE_OPTIONS });
    const [verb = 'list', id] = positionals;
    const { url, token } = addressOf(values);
    const api = `${url}${ROOT}/conflicts`;
    if (verb === 'list') {
      const { conflicts: found } = await askNode<{ conflicts: readonly RecordedConflict[] }>(api, { token });
      for (const conflict of found) console.log(`${conflict.id}\t${new Date(conflict.timeMs).toISOString()} ${conflict.by}: ${conflict.text}`);
      return 0;
    }
    if ((verb !== 'adopt' && verb !== 'dismiss') || id === undefined) throw new TandemError('USAGE', 'tandem conflicts list, adopt ID or dismiss ID');
    const one = `${api}/${encodeURIComponent(id)}`;
    const { held } = await askNode<{ held: string }>(verb === 'adopt' ? `${one}/adopt` : one, { method: verb === 'adopt' ? 'POST' : 'DELETE', token, ...(verb === 'adopt' ? { body: {} } : {}) });
    console.log(`${id}: ${verb === 'adopt' ? 'adopted' : 'dismissed'}, ${held}`);
    return 0;
  },
};
