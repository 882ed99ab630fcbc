import { TandemError, type AuditEntry } from '../contract/index.js';
import { askNode } from '../platform/node-http.js';
import { parse, type Command } from './command.js';
import { addressOf } from './node-address.js';

export const audit: Command = {
  name: 'audit',
  usage: [['audit [--who NAME] [--match TEXT] [--limit N] [--before ID] [--format jsonl] --node FILE | --url URL --token T', 'who changed what, newest first']],
  async run(args) {
    const { values } = parse({ args: [...args], options: { node: { type: 'string' }, url: { type: 'string' }, token: { type: 'string' }, who: { type: 'string' }, match: { type: 'string' }, limit: { type: 'string', default: '100' }, before: { type: 'string' }, format: { type: 'string', default: 'text' } } });
    if (values.format !== 'text' && values.format !== 'jsonl') throw new TandemError('USAGE', '--format is text or jsonl');
    const { url, token } = addressOf(values);
    const query = new URLSearchParams({ limit: values.limit });
    for (const key of ['who', 'match', 'before'] as const) if (values[key] !== undefined) query.set(key, values[key]);
    const { entries, next } = await askNode<{ entries: readonly AuditEntry[]; next?: string }>(`${url}/api/v1/audit?${query.toString()}`, { token });
    for (const entry of entries) console.log(values.format === 'jsonl' ? JSON.stringify(entry) : describe(entry));
    if (next !== undefined) console.error(`older ones: --before ${next}`);
    return 0;
  },
};

function describe({ timeMs, who, from, action, target, old, new: next, outcome, code }: AuditEntry): string {
  const change = [old, next].filter((value) => value !== undefined).map((value) => JSON.stringify(value)).join(' -> ');
  return `${new Date(timeMs).toISOString()} ${who}${from === '' ? '' : `@${from}`} ${action} ${target} ${change} ${outcome}${code === undefined ? '' : ` (${code})`}`.replace(/ +/g, ' ');
}
