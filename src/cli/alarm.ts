import { TandemError, type AlarmFigures, type AlarmMute, type WireAlarm, type WireLog } from '../contract/index.js';
import { askNode } from '../platform/node-http.js';
import { parse, type Command } from './command.js';
import { addressOf, NODE_OPTIONS } from './node-address.js';

const AT = '--node FILE | --url URL --token T';
const FILTERS = ['state', 'class', 'priority', 'area'] as const;
const JOURNAL = [...FILTERS, 'event', 'alarm', 'point', 'match', 'from', 'to', 'before', 'limit'] as const;
/** What is done to one alarm, and its route. */
const ACTIONS = { ack: 'acknowledge', shelve: 'shelve', unshelve: 'unshelve', reset: 'reset', 'out-of-service': 'take-out-of-service', 'in-service': 'return-to-service', note: 'notes' } as const;

const strings = <K extends string>(keys: readonly K[]): Record<K, { type: 'string' }> => Object.fromEntries(keys.map((key) => [key, { type: 'string' }])) as Record<K, { type: 'string' }>;

/** Alarms of a running pair. */
export const alarm: Command = {
  name: 'alarm',
  usage: [
    [`alarm list [--all] [--state S] [--class C] [--priority P] [--area A] [--json] ${AT}`, 'what is not normal; with --all everything that has been'],
    [`alarm ack|reset|unshelve|out-of-service|in-service NAME [--note TEXT] ${AT}`, 'ack --transition raised|returned: only that one'],
    [`alarm shelve NAME --for DURATION [--note TEXT] ${AT}`, 'puts it aside until then; alarm note NAME --note TEXT'],
    [`alarm silence [NAME …] ${AT}`, 'ends the noise and acknowledges nothing'],
    [`alarm mute|unmute|mutes [--area A | --device D] [--for DURATION] ${AT}`, 'keeps an area or a device quiet'],
    [`alarm journal [--match TEXT] [--from T] [--to T] [--event E] [--alarm NAME] [--format jsonl] ${AT}`, 'newest first; further: --state --class --priority --point --area --limit --before'],
    [`alarm figures [--from T] [--to T] [--operators N] ${AT}`, 'figures of ISA-18.2'],
  ],
  async run(args) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: { ...NODE_OPTIONS, ...strings(JOURNAL), ...strings(['for', 'note', 'transition', 'device', 'operators', 'format'] as const), all: { type: 'boolean' }, json: { type: 'boolean' } },
    });
    const [verb = 'list', ...names] = positionals;
    const { url, token } = addressOf(values);
    const root = `${url}/api/v1/alarms`;
    const say = (found: unknown, lines: readonly string[]): number => {
      for (const line of values.json === true || values.format === 'jsonl' ? [JSON.stringify(found)] : lines) console.log(line);
      return 0;
    };
    const query = (keys: readonly (keyof typeof values)[]): string => {
      const text = new URLSearchParams(keys.flatMap((key): [string, string][] => (typeof values[key] === 'string' ? [[key, values[key]]] : []))).toString();
      return text === '' ? '' : `?${text}`;
    };
    if (verb in ACTIONS) {
      const [name, ...others] = names;
      if (name === undefined || others.length > 0) throw new TandemError('USAGE', `tandem alarm ${verb} NAME`);
      const body = { ...(values.note === undefined ? {} : { note: values.note }), ...(values.for === undefined ? {} : { for: values.for }), ...(values.transition === undefined ? {} : { transition: values.transition }) };
      const { held } = await askNode<{ held: string }>(`${root}/${encodeURIComponent(name)}/${ACTIONS[verb as keyof typeof ACTIONS]}`, { method: 'POST', token, body });
      return say({ alarm: name, held }, [`${name}: ${verb}, ${held}`]);
    }
    switch (verb) {
      case 'list': {
        const { alarms } = await askNode<{ alarms: readonly WireAlarm[] }>(root + query(FILTERS), { token });
        const shown = alarms.filter(({ state }) => values.all === true || values.state !== undefined || state !== 'normal').sort((a, b) => a.priority - b.priority || a.sinceMs - b.sinceMs);
        return say(shown, shown.map((each) => `${each.priority} ${each.state.padEnd(24)} ${iso(each.sinceMs)} ${each.name}#${each.occurrence}${each.untilMs === undefined ? '' : ` until ${iso(each.untilMs)}`}: ${each.message}`));
      }
      case 'silence': {
        const { held } = await askNode<{ held: string }>(`${root}/silence`, { method: 'POST', token, body: names.length === 0 ? {} : { alarms: names } });
        return say({ held }, [`silenced, ${held}`]);
      }
      case 'mutes': {
        const { mutes } = await askNode<{ mutes: readonly AlarmMute[] }>(`${root}/mutes`, { token });
        return say(mutes, mutes.map(({ scope, untilMs, by, note }) => `${'area' in scope ? `area ${scope.area}` : `device ${scope.device}`} until ${iso(untilMs)} by ${by}${note === undefined ? '' : `: ${note}`}`));
      }
      case 'mute':
      case 'unmute': {
        const { area, device, note, for: length } = values;
        const scope = { ...(area === undefined ? {} : { area }), ...(device === undefined ? {} : { device }) };
        const body = { ...scope, ...(length === undefined ? {} : { for: length }), ...(note === undefined ? {} : { note }) };
        const { held } = await askNode<{ held: string }>(verb === 'mute' ? `${root}/mutes` : `${root}/mutes${query(['area', 'device'])}`, verb === 'mute' ? { method: 'POST', token, body } : { method: 'DELETE', token });
        return say({ held }, [`${area ?? device ?? ''}: ${verb}d, ${held}`]);
      }
      case 'journal': {
        const { entries, next } = await askNode<{ entries: readonly WireLog[]; next?: string }>(`${root}/journal${query(JOURNAL)}`, { token });
        for (const entry of entries) say(entry, [describe(entry)]);
        if (next !== undefined) console.error(`older ones: --before ${next}`);
        return 0;
      }
      case 'figures': {
        const found = await askNode<AlarmFigures>(`${root}/figures${query(['from', 'to', 'operators'])}`, { token });
        return say(found, [
          `${found.raised} raised; ${found.per10MinAverage.toFixed(2)} in ten minutes (peak ${found.per10MinPeak}); ${found.floods} floods, ${(found.floodShare * 100).toFixed(1)} % of the time`,
          `chattering: ${found.chattering.join(', ') || 'none'}`,
          ...found.top.map(({ name, raised, share }) => `${String(raised).padStart(6)} ${(share * 100).toFixed(1).padStart(5)} % ${name}`),
          ...found.standing.map(({ name, sinceMs, state }) => `standing since ${iso(sinceMs)}: ${name} (${state})`),
        ]);
      }
      default:
        throw new TandemError('USAGE', 'tandem alarm list|ack|shelve|unshelve|reset|out-of-service|in-service|note|silence|mute|unmute|mutes|journal|figures');
    }
  },
};

function describe({ timeMs, data }: WireLog): string {
  const { event = '', name = '', state = '', message = '', by, note, priority } = data as Partial<WireAlarm> & { event?: string; by?: string; note?: string };
  return `${iso(timeMs)} ${event.padEnd(14)} ${priority ?? ''} ${name} (${state}) ${message}${by === undefined ? '' : ` by ${by}`}${note === undefined ? '' : `: ${note}`}`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
