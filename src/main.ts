#!/usr/bin/env node
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { drivers } from '../drivers/index.js';
import { checkFiles, formatProblem, loadPair } from './config/index.js';
import { isTandemError, messageOf, TandemError, type LogLevel, type Problem } from './contract/index.js';
import { createGateway } from './gateway.js';
import { consoleLog } from './platform/log.js';
import { realNetwork } from './platform/network.js';
import { realClock, realRandom, realTimers } from './platform/time.js';
import { webSocketLink } from './platform/ws-link.js';
import { openLevel } from './store/index.js';

const usage = `usage:
  tandem run --site FILE --node FILE [--log debug|info|warn|error]
                                     run this machine's node of a site
  tandem check FILE…                 check site and node documents
  tandem help | version`;

/** Exit codes: 0 done, 1 an operating error, 2 bad usage or bad configuration. */
async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  switch (command) {
    case 'run':
      return run(rest);
    case 'check':
      return check(rest);
    case 'version':
    case '--version':
      console.log(version());
      return 0;
    case 'help':
    case '--help':
      console.log(usage);
      return 0;
    default:
      throw new TandemError('USAGE', command === undefined ? usage : `there is no command ${command}\n${usage}`);
  }
}

function check(args: readonly string[]): number {
  const { positionals } = parse({ args: [...args], allowPositionals: true });
  if (positionals.length === 0) throw new TandemError('USAGE', 'tandem check needs at least one file');
  const { problems, documents } = checkFiles(positionals, drivers);
  const failed = report(problems);
  if (!failed) for (const { path, kind } of documents) console.log(`${path}: ok (${kind})`);
  return failed ? 2 : 0;
}

async function run(args: readonly string[]): Promise<number> {
  const { values } = parse({ args: [...args], options: { site: { type: 'string' }, node: { type: 'string' }, log: { type: 'string', default: 'info' } } });
  const level = values.log;
  if (values.site === undefined || values.node === undefined) throw new TandemError('USAGE', 'tandem run needs --site FILE and --node FILE');
  if (!isLogLevel(level)) throw new TandemError('USAGE', `--log is debug, info, warn or error, not ${level}`);
  const { site, node, problems } = loadPair(values.site, values.node, drivers);
  report(problems);
  if (site === undefined || node === undefined) return 2;

  const log = consoleLog(level, node.id);
  const consoleFolder = fileURLToPath(new URL('../console', import.meta.url));
  const gateway = await createGateway({ site, node, token: node.token ?? ownToken(node.data) }, drivers, {
    clock: realClock,
    timers: realTimers,
    random: realRandom,
    network: realNetwork,
    transport: webSocketLink,
    log,
    openDatabase: async (folder) => openLevel(join(folder, 'db')),
    ...(existsSync(consoleFolder) ? { consoleFolder } : {}),
  });
  log.info(`node ${node.id} (${node.mode}) of site ${site.name}, configuration ${site.revision}, console ${node.url}`);
  const signal = new Promise<'signal'>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => resolve('signal'));
  });
  const end = await Promise.race([signal, gateway.failed]);
  if (end !== 'signal') log.error('this node cannot go on', end);
  // A clean stop flushes and says goodbye; a disk that hangs must not keep the node from ending.
  const hardStop = setTimeout(() => process.exit(1), 10_000);
  await gateway.stop();
  clearTimeout(hardStop);
  return end === 'signal' ? 0 : 1;
}

/** The token of this node, made at its first start and kept in its data folder for its owner alone. */
function ownToken(data: string): string {
  const file = join(data, 'token');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const token = randomBytes(24).toString('base64url');
  mkdirSync(data, { recursive: true });
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  return token;
}

/** Prints problems; true when one of them is an error. */
function report(problems: readonly Problem[]): boolean {
  for (const problem of problems) console.error(formatProblem(problem));
  return problems.some(({ severity }) => severity === 'error');
}

function parse<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (cause) {
    throw new TandemError('USAGE', `${messageOf(cause)}\n${usage}`, { cause });
  }
}

function isLogLevel(text: unknown): text is LogLevel {
  return text === 'debug' || text === 'info' || text === 'warn' || text === 'error';
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  return manifest.version;
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  console.error(isTandemError(error) ? `${error.code}: ${error.message}` : error);
  process.exit(isTandemError(error, 'USAGE') ? 2 : 1);
}
