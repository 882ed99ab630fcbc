import { TandemError, type WirePoint, type WireValue } from '../contract/index.js';
import { askNode } from '../platform/node-http.js';
import { parse, type Command } from './command.js';
import { addressOf, NODE_OPTIONS } from './node-address.js';

const AT = '--node FILE | --url URL --token T';
const VERBS = ['get', 'write', 'relinquish', 'priorities', 'override', 'release', 'out-of-service', 'in-service', 'overrides'] as const;

interface Shown extends WirePoint {
  readonly value: WireValue;
  readonly state?: string;
  readonly quality: string;
  readonly time: string | null;
}

interface Slot {
  readonly value?: WireValue;
  readonly by: string;
  readonly since: string;
  readonly until?: string;
  readonly reason?: string;
}

interface Array16 {
  readonly slots: readonly WireValue[];
  readonly relinquishDefault: WireValue;
  readonly active: number | null;
  readonly commands: Readonly<Record<string, Slot>>;
}

/** Looks at points and commands them, at a running node. */
export const point: Command = {
  name: 'point',
  usage: [
    [`point get|priorities NAME ${AT}`, 'a value, and who commands it at which priority'],
    [`point write NAME VALUE [--priority N] [--for DURATION] [--reason TEXT] ${AT}`, 'commands it; point relinquish NAME [--priority N] gives that up'],
    [`point override NAME VALUE --reason TEXT [--for DURATION] [--priority N] ${AT}`, 'overrides it until then; point release NAME ends it'],
    [`point out-of-service NAME --reason TEXT [--for DURATION] ${AT}`, 'point in-service NAME returns it; point overrides lists what is held'],
  ],
  async run(args) {
    const { values, positionals } = parse({ args: [...args], allowPositionals: true, options: { ...NODE_OPTIONS, priority: { type: 'string' }, for: { type: 'string' }, reason: { type: 'string' }, json: { type: 'boolean' } } });
    const [given, name, value, ...more] = positionals;
    const verb = VERBS.find((each) => each === given);
    const takesValue = verb === 'write' || verb === 'override';
    if (verb === undefined || more.length > 0 || (name === undefined) !== (verb === 'overrides') || (value === undefined) === takesValue) throw new TandemError('USAGE', `tandem point ${VERBS.join('|')} NAME … (tandem help shows each)`);
    const { url, token } = addressOf(values);
    const root = `${url}/api/v1`;
    const print = (found: unknown, lines: () => readonly string[]): number => {
      for (const line of values.json === true ? [JSON.stringify(found)] : lines()) console.log(line);
      return 0;
    };
    if (verb === 'overrides') {
      const found = await askNode<{ overrides: readonly (Slot & { point: string; kind: string; priority?: number })[] }>(`${root}/overrides`, { token });
      return print(found, () => found.overrides.map((each) => `${each.point}\t${each.kind}${each.priority === undefined ? '' : ` ${each.priority}`}\t${describe(each)}`));
    }
    const at = `${root}/points/${encodeURIComponent(name ?? '')}`;
    const { for: forText, reason } = values;
    const rest = { ...(forText === undefined ? {} : { for: forText }), ...(reason === undefined ? {} : { reason }) };
    const priority = values.priority === undefined ? undefined : Number(values.priority);
    const placed = priority === undefined ? {} : { priority };
    switch (verb) {
      case 'get': {
        const found = await askNode<Shown>(at, { token });
        return print(found, () => [`${found.name} ${found.state ?? text(found.value)}${found.unit === undefined ? '' : ` ${found.unit}`} ${found.quality}${found.time === null ? '' : ` ${found.time}`}`]);
      }
      case 'priorities': {
        const found = await askNode<Array16>(`${at}/priority-array`, { token });
        const lines = found.slots.flatMap((slot, index) => (slot === null ? [] : [`${found.active === index + 1 ? '*' : ' '} ${String(index + 1).padStart(2)} ${found.commands[index + 1] === undefined ? text(slot) : describe(found.commands[index + 1] as Slot)}`]));
        return print(found, () => [...lines, `${found.active === null ? '*' : ' '} relinquish default ${text(found.relinquishDefault)}`]);
      }
      case 'write':
      case 'override': {
        const read = valueOf(await askNode<WirePoint>(at, { token }), value ?? '');
        if (verb === 'write') return done(await askNode<Held>(at, { method: 'PUT', token, body: { value: read, ...placed, ...rest } }));
        return done(await askNode<Held>(`${at}/override`, { method: 'POST', token, body: { value: read, ...placed, ...rest } }));
      }
      case 'relinquish':
        return done(await askNode<Held>(at, { method: 'PUT', token, body: { value: null, ...placed } }));
      case 'release':
        return done(await askNode<Held>(`${at}/override${priority === undefined ? '' : `?priority=${priority}`}`, { method: 'DELETE', token }));
      case 'out-of-service':
        return done(await askNode<Held>(`${at}/take-out-of-service`, { method: 'POST', token, body: rest }));
      case 'in-service':
        return done(await askNode<Held>(`${at}/return-to-service`, { method: 'POST', token }));
    }
  },
};

interface Held {
  readonly point: string;
  readonly held: string;
}

function done({ point: name, held }: Held): number {
  console.log(`${name}: done, ${held}`);
  return 0;
}

/** As the point takes it. */
function valueOf({ kind }: WirePoint, written: string): WireValue {
  if (kind === 'boolean' && (written === 'true' || written === 'false')) return written === 'true';
  if (kind === 'text' || kind === 'integer64') return written;
  const number = Number(written);
  return written.trim() === '' || Number.isNaN(number) ? written : number;
}

function describe({ value, by, since, until, reason }: Slot): string {
  return `${value === undefined ? '' : `${text(value)} `}by ${by} since ${since}${until === undefined ? '' : ` until ${until}`}${reason === undefined ? '' : `: ${reason}`}`;
}

function text(value: WireValue): string {
  return value === null ? '-' : String(value);
}
