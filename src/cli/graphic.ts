import { readFileSync, writeFileSync } from 'node:fs';
import { formatProblem, readDrawing } from '../config/index.js';
import { isTandemError, messageOf, TandemError, type GraphicCheck, type GraphicInfo, type Problem } from '../contract/index.js';
import { askNode } from '../platform/node-http.js';
import { parse, type Command } from './command.js';
import { addressOf, NODE_OPTIONS } from './node-address.js';

type Written = Readonly<Record<string, unknown>>;

/** Pages of the plant of a running pair: drawings as files, for a drawing program. */
export const graphic: Command = {
  name: 'graphic',
  usage: [
    ['graphic list --node FILE | --url URL --token T', 'the pages of the plant, and how many points each shows'],
    ['graphic check FILE.svg', 'whether a drawing would be taken, and the ids that can be bound; asks no node'],
    ['graphic get NAME FILE.svg --node FILE | --url URL --token T', 'write the drawing of a page to a file'],
    ['graphic put NAME FILE.svg [--title TEXT] [--area A] [--comment TEXT] --node FILE | --url URL --token T', 'take a drawing as a new page, or in place of the one that is there, whose bindings stay'],
  ],
  async run(args) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: { ...NODE_OPTIONS, title: { type: 'string' }, area: { type: 'string' }, comment: { type: 'string', default: '' } },
    });
    const [verb = '', first, second] = positionals;
    const needed = (value: string | undefined, what: string): string => {
      if (value === undefined) throw new TandemError('USAGE', `tandem graphic ${verb} needs ${what}`);
      return value;
    };
    if (verb === 'check') return checkFile(needed(first, 'a file'));
    const { url, token } = addressOf(values);
    switch (verb) {
      case 'list': {
        const { graphics } = await askNode<{ graphics: readonly GraphicInfo[] }>(`${url}/api/v1/graphics`, { token });
        for (const { name, title, area = '', points } of graphics) console.log([name, title, area, `${points.length} points`].join('\t'));
        return 0;
      }
      case 'get': {
        const { value } = await askNode<{ value: Written }>(addressIn(url, 'configuration/graphics', needed(first, 'the name of a graphic')), { token });
        writeFileSync(needed(second, 'the file to write'), String(value.svg));
        return 0;
      }
      case 'put':
        return put(url, token, needed(first, 'the name of a graphic'), needed(second, 'a file'), values);
      default:
        throw new TandemError('USAGE', 'tandem graphic list, check, get or put');
    }
  },
};

function checkFile(file: string): number {
  const { elements, findings } = readDrawing(read(file));
  for (const { severity, code, message } of findings) console.error(`${file}: ${severity} ${code} ${message}`);
  for (const { id, kind, text = '' } of elements) console.log(`${id}\t${kind}\t${text}`);
  return findings.some(({ severity }) => severity === 'error') ? 2 : 0;
}

async function put(url: string, token: string | undefined, name: string, file: string, { title, area, comment }: { readonly title?: string | undefined; readonly area?: string | undefined; readonly comment: string }): Promise<number> {
  const before = await present(url, token, name);
  const value = { ...before, ...(title === undefined ? {} : { title }), ...(area === undefined ? {} : { area }), svg: read(file) };
  const { ok, problems } = await askNode<GraphicCheck>(addressIn(url, 'graphics', name, '/check'), { method: 'POST', token, body: { value } });
  print(problems);
  if (!ok) return 2;
  try {
    const { number, held } = await askNode<{ number: number; held: string }>(addressIn(url, 'configuration/graphics', name), { method: 'PUT', token, body: { value, comment: comment === '' ? `drawing of ${name}` : comment } });
    console.log(`configuration ${number}, ${held === 'protected' ? 'on both nodes' : 'on this node alone: the other one takes it when it comes back'}`);
    return 0;
  } catch (error) {
    if (!isTandemError(error, 'CONFIG_REFUSED')) throw error;
    console.error(`${error.code}: ${messageOf(error)}`);
    print(error.details.problems as readonly Problem[] | undefined);
    return 2;
  }
}

async function present(url: string, token: string | undefined, name: string): Promise<Written> {
  try {
    return (await askNode<{ value: Written }>(addressIn(url, 'configuration/graphics', name), { token })).value;
  } catch (error) {
    if (isTandemError(error, 'CONFIG_UNKNOWN')) return {};
    throw error;
  }
}

function addressIn(url: string, route: string, name: string, rest = ''): string {
  return `${url}/api/v1/${route}/${encodeURIComponent(name)}${rest}`;
}

function print(problems: readonly Problem[] = []): void {
  for (const problem of problems) console.error(formatProblem(problem));
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new TandemError('CONFIG_FILE', `${file} cannot be read: ${messageOf(error)}`);
  }
}
