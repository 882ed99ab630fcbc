import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { formatProblem } from '../config/index.js';
import {
  isTandemError,
  messageOf,
  TandemError,
  type ConfigurationCandidate,
  type ConfigurationCheck,
  type ConfigurationDiff,
  type ConfigurationDocument,
  type ConfigurationInfo,
  type Problem,
} from '../contract/index.js';
import { askNode } from '../platform/node-http.js';
import { configSheet, sheetUsage } from './config-sheet.js';
import { parse, type Command } from './command.js';
import { addressOf, NODE_OPTIONS } from './node-address.js';

type Current = ConfigurationDocument & { readonly candidate?: ConfigurationCandidate };
type Applied = ConfigurationInfo & { readonly held: string };

/** The configuration of a running pair, through its API. `export` and `import` are `show` and `apply` of files, for scripts. */
export const config: Command = {
  name: 'config',
  usage: [
    ['config show|history --node FILE | --url URL --token T', 'the configuration in force; the revisions that are kept'],
    ['config diff FROM TO | FILE --node FILE | --url URL --token T', 'what is different between two numbers, or between what is in force and a file'],
    ['config check FILE --node FILE | --url URL --token T', 'check a file as the running node would run it'],
    ['config apply FILE [--comment TEXT] --node FILE | --url URL --token T', 'put a file into force on both nodes (also: config import)'],
    ['config rollback NUMBER [--comment TEXT] --node FILE | --url URL --token T', 'put an earlier revision into force again'],
    ['config export FILE [--number N] --node FILE | --url URL --token T', 'write a revision to a file'],
    ...sheetUsage,
  ],
  async run(args) {
    if (args[0] === 'sheet') return configSheet(args.slice(1));
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: { ...NODE_OPTIONS, comment: { type: 'string', default: '' }, number: { type: 'string' } },
    });
    const { url, token } = addressOf(values);
    const desk = new Desk(`${url}/api/v1/configuration`, token, values.comment);
    const [verb = '', first, second] = positionals;
    const needed = (what: string): string => {
      if (first === undefined) throw new TandemError('USAGE', `tandem config ${verb} needs ${what}`);
      return first;
    };
    try {
      switch (verb) {
        case 'show':
          return await desk.show();
        case 'history':
          return await desk.history();
        case 'diff':
          return await (second === undefined ? desk.diffFile(needed('two numbers, or a file')) : desk.diff(needed('two numbers'), second));
        case 'check':
          return await desk.check(needed('a file'));
        case 'apply':
        case 'import':
          return await desk.apply(needed('a file'));
        case 'rollback':
          return await desk.rollback(needed('the number of a revision'));
        case 'export':
          return await desk.export(needed('the file to write'), values.number);
        default:
          throw new TandemError('USAGE', 'tandem config show, history, diff, check, apply, rollback, export, import or sheet');
      }
    } catch (error) {
      if (!isTandemError(error, 'CONFIG_REFUSED')) throw error;
      console.error(`${error.code}: ${messageOf(error)}`);
      print(error.details.problems as readonly Problem[] | undefined);
      return 2;
    }
  },
};

class Desk {
  constructor(
    private readonly api: string,
    private readonly token: string | undefined,
    private readonly comment: string,
  ) {}

  async show(): Promise<number> {
    const { text, candidate, ...info } = await askNode<Current>(this.api, { token: this.token });
    process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
    console.error(describe(info));
    if (candidate !== undefined) console.error(`${candidate.file} on node ${candidate.node} was changed by hand and is not in force`);
    return 0;
  }

  async history(): Promise<number> {
    const { history } = await askNode<{ history: readonly ConfigurationInfo[] }>(`${this.api}/history`, { token: this.token });
    for (const info of history) console.log(describe(info));
    return 0;
  }

  async diff(from: string, to: string): Promise<number> {
    const { changes, patch } = await askNode<ConfigurationDiff>(`${this.api}/diff?from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`, { token: this.token });
    for (const { section, name, change } of changes) console.error(`${change}: ${section}${name === '' ? '' : ` ${name}`}`);
    process.stdout.write(patch);
    return 0;
  }

  async diffFile(file: string): Promise<number> {
    const { changes, patch } = await askNode<ConfigurationDiff>(`${this.api}/diff`, { method: 'POST', token: this.token, body: { text: read(file) } });
    for (const { section, name, change } of changes) console.error(`${change}: ${section}${name === '' ? '' : ` ${name}`}`);
    process.stdout.write(patch);
    return 0;
  }

  async check(file: string): Promise<number> {
    const { ok, problems, revision } = await askNode<ConfigurationCheck>(`${this.api}/check`, { method: 'POST', token: this.token, body: { text: read(file) } });
    print(problems.map((problem) => ({ ...problem, file })));
    if (ok) console.log(`${file}: ok (revision ${revision ?? ''})`);
    return ok ? 0 : 2;
  }

  async apply(file: string): Promise<number> {
    const { revision: expected } = await askNode<Current>(this.api, { token: this.token });
    return this.applied(await askNode<Applied>(this.api, { method: 'PUT', token: this.token, body: { text: read(file), expected, comment: this.comment, file: resolve(file) } }));
  }

  async rollback(number: string): Promise<number> {
    const { revision: expected } = await askNode<Current>(this.api, { token: this.token });
    return this.applied(await askNode<Applied>(`${this.api}/rollback`, { method: 'POST', token: this.token, body: { number: Number(number), expected, comment: this.comment } }));
  }

  async export(file: string, number: string | undefined): Promise<number> {
    const { text, ...info } = await askNode<ConfigurationDocument>(number === undefined ? this.api : `${this.api}/history/${encodeURIComponent(number)}`, { token: this.token });
    writeFileSync(file, text);
    console.error(`${file}: ${describe(info)}`);
    return 0;
  }

  private applied({ held, ...info }: Applied): number {
    console.log(`${describe(info)}, ${held === 'protected' ? 'on both nodes' : 'on this node alone: the other one takes it when it comes back'}`);
    return 0;
  }
}

function describe({ number, revision, origin }: ConfigurationInfo): string {
  const who = origin.user === '' ? '' : ` by ${origin.user}`;
  return `${number} ${revision} ${new Date(origin.timeMs).toISOString()} ${origin.how} on ${origin.node}${who}${origin.comment === '' ? '' : `: ${origin.comment}`}`;
}

function print(problems: readonly Problem[] | undefined): void {
  for (const problem of problems ?? []) console.error(formatProblem(problem));
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw new TandemError('CONFIG_FILE', `${file} cannot be read: ${messageOf(error)}`);
  }
}
