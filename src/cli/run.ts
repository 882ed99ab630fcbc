import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drivers } from '../../drivers/index.js';
import { configOf, loadFiles } from '../config/index.js';
import { messageOf, TandemError, type LogLevel, type NodeConfig } from '../contract/index.js';
import { createGateway } from '../gateway.js';
import { runBounded } from '../platform/bounded.js';
import { threadedHeartbeats } from '../platform/heartbeat-carrier.js';
import { consoleLog } from '../platform/log.js';
import { httpsFiles } from '../platform/https-files.js';
import { linuxAddresses } from '../platform/linux-address.js';
import { measureMachine } from '../platform/measure.js';
import { giveBackMemory } from '../platform/memory.js';
import { messenger } from '../platform/messenger.js';
import { watchText } from '../platform/changed-file.js';
import { realNetwork } from '../platform/network.js';
import { ScryptPasswords } from '../platform/passwords.js';
import { processHealth } from '../platform/process-health.js';
import { setUpFile } from '../platform/set-up-file.js';
import { askServer } from '../platform/outbound.js';
import { realClock, realRandom, realTimers } from '../platform/time.js';
import { TrustHome } from '../platform/trust-home.js';
import { secureWebSocketLink, webSocketLink } from '../platform/ws-link.js';
import { certificateName } from '../redundancy/index.js';
import { openLevel } from '../store/index.js';
import { parse, report, type Command } from './command.js';
import { sheetDesk, siteLoader, textDesk } from './site-loader.js';

/** From here on the collection after reading is worth the tenth of a second that it takes. */
const MANY_POINTS = 20_000;

export const run: Command = {
  name: 'run',
  usage: [['run --site FILE --node FILE [--log debug|info|warn|error] [--configuration NUMBER]', "run this machine's node of a site; with an older configuration of the pair where the present one cannot be run"]],
  async run(args) {
    const { values } = parse({ args: [...args], options: { site: { type: 'string' }, node: { type: 'string' }, log: { type: 'string', default: 'info' }, configuration: { type: 'string' } } });
    const level = values.log;
    if (values.site === undefined || values.node === undefined) throw new TandemError('USAGE', 'tandem run needs --site FILE and --node FILE');
    if (!isLogLevel(level)) throw new TandemError('USAGE', `--log is debug, info, warn or error, not ${level}`);
    const inPlace = values.configuration === undefined ? undefined : Number(values.configuration);
    if (inPlace !== undefined && !(Number.isInteger(inPlace) && inPlace > 0)) throw new TandemError('USAGE', '--configuration is the number of a configuration, as tandem config history tells');
    const { site, node: { node: document, problems }, siteFile, nodeFile } = loadFiles(values.site, values.node, drivers, realClock.wallMs());
    report([...site.problems, ...problems]);
    if (document === undefined || nodeFile === undefined) return 2;
    const node = configOf(document, drivers);
    // A node that holds the pair's configuration starts with it, whatever has become of the file.
    if (site.site === undefined && !existsSync(join(node.data, 'db'))) return 2;
    if ((site.site?.points.length ?? 0) >= MANY_POINTS) await giveBackMemory();

    const log = consoleLog(level, node.id);
    const trust = node.mode === 'independent' || node.tls === 'off' ? undefined : await TrustHome.open(node.data, certificateName(node));
    if (trust === undefined && node.mode !== 'independent') log.warn('tls: off — the link is in the clear');
    if (node.access === 'open') log.warn('access: open — whoever reaches the console port may read without signing in');
    const consoleFolder = fileURLToPath(new URL('../../console', import.meta.url));
    const config = {
      site: site.site,
      siteProblems: site.problems,
      configuration: { load: siteLoader(nodeFile, document, log), sheets: sheetDesk, texts: textDesk, ...(siteFile === undefined ? {} : { file: siteFile }), ...(inPlace === undefined ? {} : { inPlace }) },
      node,
      token: node.token ?? ownToken(node.data),
      setUpFile: setUpFile(node.data),
      witnessSecret: witnessSecret(node),
    };
    const https = node.https === undefined ? undefined : httpsFiles(node.https, realClock, realTimers, log.child('https'));
    let documentChanged = false;
    const watching = watchText(nodeFile, realTimers, (changed) => {
      documentChanged = changed;
      if (changed) log.warn(`NODE_DOCUMENT_CHANGED: ${nodeFile.path} has changed since this node was started: restart it to take it`);
      else log.info(`${nodeFile.path} is again what this node was started with`);
    });
    const gateway = await createGateway(config, drivers, {
      clock: realClock,
      timers: realTimers,
      random: realRandom,
      network: realNetwork,
      transport: trust === undefined ? webSocketLink : secureWebSocketLink(trust.identity),
      witnessTransport: webSocketLink,
      heartbeats: threadedHeartbeats,
      ...(trust === undefined ? {} : { trust }),
      ...(https === undefined ? {} : { https }),
      ...(node.notifications === undefined ? {} : { messenger: messenger(node.notifications) }),
      addresses: linuxAddresses,
      passwords: new ScryptPasswords(),
      health: processHealth(),
      bounded: runBounded,
      ask: askServer,
      measure: measureMachine,
      log,
      openDatabase: async (folder) => openLevel(join(folder, 'db')),
      ...(existsSync(consoleFolder) ? { consoleFolder, consoleBuild: readFileSync(join(consoleFolder, 'index.html'), 'utf8') } : {}),
      runtime: process.version,
      documentChanged: () => documentChanged,
    });
    const { site: name, revision } = gateway.pair.status();
    log.info(`node ${node.id} (${node.mode}) of site ${name}, configuration ${revision}, console ${node.url}${trust === undefined ? '' : `, certificate ${trust.own().fingerprint}`}`);
    if (gateway.candidate !== undefined) log.warn(`${gateway.candidate} differs from the configuration of the pair and is not used: look at it with tandem config diff FILE, put it into force with tandem config apply FILE`);
    if (gateway.replaced !== undefined) log.error(`configuration ${gateway.replaced.current} of the pair cannot be run here: this node runs ${gateway.replaced.by}, and puts it into force when it becomes active`);
    else if (inPlace !== undefined) log.warn('--configuration is not needed: the configuration of the pair can be run');
    const signal = new Promise<'signal'>((resolve) => {
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => resolve('signal'));
    });
    const end = await Promise.race([signal, gateway.failed]);
    if (end !== 'signal') log.error('this node cannot go on', end);
    // A clean stop flushes and says goodbye; a disk that hangs must not keep the node from ending.
    const hardStop = realTimers.after(10_000, () => process.exit(1));
    watching.cancel();
    await gateway.stop();
    hardStop.cancel();
    return end === 'signal' ? 0 : 1;
  },
};

/** The token of this node, made at its first start and kept in its data folder for its owner alone. */
function ownToken(data: string): string {
  const file = join(data, 'token');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const token = randomBytes(24).toString('base64url');
  mkdirSync(data, { recursive: true });
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  return token;
}

function witnessSecret({ witnessSecret: secret, witnessSecretFile: file }: NodeConfig): string | undefined {
  if (file === undefined) return secret;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new TandemError('CONFIG_FILE', `the secret of the witness cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function isLogLevel(text: unknown): text is LogLevel {
  return text === 'debug' || text === 'info' || text === 'warn' || text === 'error';
}
