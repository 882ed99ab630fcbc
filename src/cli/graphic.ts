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
    ['graphic get NAME FILE.svg [--drawing] --node FILE | --url URL --token T', 'write the drawing of a page, or one that many pages show, to a file'],
    ['graphic put NAME FILE.svg [--drawing] [--title TEXT] [--area A] [--comment TEXT] --node FILE | --url URL --token T', 'take a drawing as a new page (or for many pages), or in place of the one that is there, whose bindings stay'],
  ],
  async run(args) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: { ...NODE_OPTIONS, title: { type: 'string' }, area: { type: 'string' }, comment: { type: 'string', default: '' }, drawing: { type: 'boolean', default: false } },
    });
    const [verb = '', first, second] = positionals;
    const needed = (value: string | undefined, what: string): string => {
      if (value === undefined) throw new TandemError('USAGE', `tandem graphic ${verb} needs ${what}`);
      return value;
    };
    if (verb === 'check') return checkFile(needed(first, 'a file'));
    const { url, token } = addressOf(values);
    const desk: Desk = { url, token, section: values.drawing ? 'drawings' : 'graphics' };
    switch (verb) {
      case 'list': {
        const { graphics } = await askNode<{ graphics: readonly GraphicInfo[] }>(`${url}/api/v1/graphics`, { token });
        for (const { name, title, area = '', points, drawing } of graphics) console.log([name, title, area, `${points.length} points`, ...(drawing === undefined ? [] : [`drawing ${drawing}`])].join('\t'));
        return 0;
      }
      case 'get': {
        const name = needed(first, 'the name of a graphic');
        const { value } = await askNode<{ value: Written }>(definitionAddress(desk, name), { token });
        writeFileSync(needed(second, 'the file to write'), ownDrawing(name, value));
        return 0;
      }
      case 'put':
        return put(desk, needed(first, 'the name of a graphic'), needed(second, 'a file'), values);
      default:
        throw new TandemError('USAGE', 'tandem graphic list, check, get or put');
    }
  },
};

interface Desk {
  readonly url: string;
  readonly token: string | undefined;
  readonly section: 'graphics' | 'drawings';
}

/** The SVG of what is written. @throws USAGE for a page that shows a drawing of many: changing that changes all of them */
function ownDrawing(name: string, { svg, drawing }: Written): string {
  if (typeof svg === 'string') return svg;
  throw new TandemError('USAGE', `${name} shows the drawing \`${String(drawing)}\`, as other pages may: name that one, with --drawing`);
}

function checkFile(file: string): number {
  const { elements, findings } = readDrawing(read(file));
  for (const { severity, code, message } of findings) console.error(`${file}: ${severity} ${code} ${message}`);
  for (const { id, kind, text = '' } of elements) console.log(`${id}\t${kind}\t${text}`);
  return findings.some(({ severity }) => severity === 'error') ? 2 : 0;
}

async function put(desk: Desk, name: string, file: string, { title, area, comment }: { readonly title?: string | undefined; readonly area?: string | undefined; readonly comment: string }): Promise<number> {
  const { url, token, section } = desk;
  const { value: before, revision: expected } = await present(desk, name);
  if (before.drawing !== undefined) ownDrawing(name, before);
  const value = { ...before, ...(title === undefined ? {} : { title }), ...(area === undefined ? {} : { area }), svg: read(file) };
  const { ok, problems } = await askNode<GraphicCheck>(`${url}/api/v1/graphics/${encodeURIComponent(name)}/check`, { method: 'POST', token, body: { value, section } });
  print(problems);
  if (!ok) return 2;
  try {
    const { number, held } = await askNode<{ number: number; held: string }>(definitionAddress(desk, name), { method: 'PUT', token, body: { value, expected, comment: comment === '' ? `drawing of ${name}` : comment } });
    console.log(`configuration ${number}, ${held === 'protected' ? 'on both nodes' : 'on this node alone: the other one takes it when it comes back'}`);
    return 0;
  } catch (error) {
    if (!isTandemError(error, 'CONFIG_REFUSED')) throw error;
    console.error(`${error.code}: ${messageOf(error)}`);
    print(error.details.problems as readonly Problem[] | undefined);
    return 2;
  }
}

/** What is written now, and the revision that it belongs to: what is made of it replaces nothing that came after it. */
async function present(desk: Desk, name: string): Promise<{ readonly value: Written; readonly revision?: string }> {
  try {
    return await askNode<{ value: Written; revision: string }>(definitionAddress(desk, name), { token: desk.token });
  } catch (error) {
    if (isTandemError(error, 'CONFIG_UNKNOWN')) return { value: {} };
    throw error;
  }
}

function definitionAddress({ url, section }: Desk, name: string): string {
  return `${url}/api/v1/configuration/${section}/${encodeURIComponent(name)}`;
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
