import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { RedundancyStatus } from '../../src/contract/index.js';
import { writeDemoDocuments } from './demo-documents.js';
import { firstAdministrator } from './first-administrator.js';
import { portIn } from './ports.js';
import { Supervised } from './supervised.js';
import { approveEachOther } from './trust-each-other.js';

/** As a service manager would: long enough to look at the backup running alone. */
const RESTART_MS = 10_000;
const READY_MS = 60_000;

const dist = fileURLToPath(new URL('../..', import.meta.url));
const usage = 'npm start -- [--port-base 8080] [--data DIR] [--documents config/demo]';

try {
  await startDemo(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

/** The demo site: a virtual building, the main and the backup, each a process of its own. */
async function startDemo(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { 'port-base': { type: 'string', default: '8080' }, data: { type: 'string', default: 'data/demo' }, documents: { type: 'string', default: join(dist, '..', 'config', 'demo') }, 'one-loopback': { type: 'boolean', default: false } } });
  const portBase = portIn(values['port-base'], '--port-base');
  if (portBase < 1 || portBase > 65_000) throw new Error(`--port-base leaves no room for the ports above it: ${usage}`);
  const folder = resolve(values.data);
  for (const port of [portBase, portBase + 1, portBase + 10, portBase + 11, portBase + 12]) await mustBeFree(port);

  // macOS has 127.0.0.1 alone; the option plays such a machine elsewhere.
  const manyLoopbacks = !values['one-loopback'] && (await canBind('127.0.0.11'));
  const documents = writeDemoDocuments(resolve(values.documents), { folder, portBase, manyLoopbacks });
  const building = new Supervised({
    name: 'building',
    script: join(dist, 'simulators', 'demo', 'building-process.js'),
    args: ['--addresses', JSON.stringify(documents.addresses), '--inspect-port', String(documents.inspectPort)],
    logFile: join(folder, 'building.log'),
    restartMs: RESTART_MS,
  });
  const node = (name: string, file: string): Supervised =>
    new Supervised({ name, script: join(dist, 'src', 'main.js'), args: ['run', '--site', documents.site, '--node', file], logFile: join(folder, `${name}.log`), restartMs: RESTART_MS });
  const [main, backup] = [node('main', documents.nodes[0]), node('backup', documents.nodes[1])];
  const all = [main, backup, building];

  let ending = false;
  const end = async (code: number): Promise<never> => {
    ending = true;
    // The backup first: the main, going last, need not hand over to anybody.
    await backup.stop();
    await Promise.all([main.stop(), building.stop()]);
    process.exit(code);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end(0));

  building.start();
  await building.line('ready');
  main.start();
  backup.start();
  const deadline = Date.now() + READY_MS;
  while (!(await agreeInSync(documents.urls, documents.token))) {
    for (const said of await approveEachOther(documents.urls, documents.token)) console.log(said);
    const dead = all.find((one) => !one.running);
    if (dead !== undefined || Date.now() > deadline) {
      console.error(dead === undefined ? 'the nodes did not get in sync' : `${dead.options.name} ended; see ${dead.options.logFile}`);
      await end(1);
    }
    await new Promise((wake) => setTimeout(wake, 100));
  }
  const [mainUrl, backupUrl] = documents.urls;
  const person = await firstAdministrator(documents.urls, folder);
  console.log(`ready main=${mainUrl} pid=${String(main.pid)} backup=${backupUrl} pid=${String(backup.pid)}`);
  console.log(`
Open ${mainUrl} in a browser and sign in${person === undefined ? ' as you did before' : ` as ${person.name} with the password ${person.password}`}
Programs may sign in with the token ${documents.token}

Try a failover:
  kill -9 ${String(main.pid)}          the backup takes over; the console follows it by itself
                       after ${String(RESTART_MS / 1000)} s the main is started again, synchronized, and given control back
  curl -H 'Authorization: Bearer ${documents.token}' ${mainUrl}/api/v1/redundancy
  curl -X PUT -H 'Authorization: Bearer ${documents.token}' -H 'Content-Type: application/json' \\
       -d '{"value": 21}' ${mainUrl}/api/v1/points/R101.ZnTSp

Data and logs: ${values.data} · virtual devices: http://127.0.0.1:${String(documents.inspectPort)}/devices · Ctrl-C ends everything.`);
  for (const one of all) {
    one.on('died', (reason) => {
      if (!ending) console.log(`${one.options.name} is gone (${reason}); it is started again in ${String(RESTART_MS / 1000)} s`);
    });
    one.on('started', (pid) => console.log(`${one.options.name} started, pid=${String(pid)}`));
  }
}

/** One active, one standby, and both say that they are in sync. */
async function agreeInSync(urls: readonly string[], token: string): Promise<boolean> {
  const states = await Promise.all(
    urls.map(async (url) => {
      try {
        const response = await fetch(`${url}/api/v1/redundancy`, { headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(1_000) });
        return (await response.json()) as RedundancyStatus;
      } catch {
        return undefined;
      }
    }),
  );
  const roles = states.map((state) => state?.self.role).sort().join();
  return roles === 'active,standby' && states.every((state) => state?.sync.state === 'in-sync');
}

async function mustBeFree(port: number): Promise<void> {
  if (!(await canBind('127.0.0.1', port))) throw new Error(`port ${String(port)} is in use: stop what uses it, or move the demo with ${usage}`);
}

async function canBind(host: string, port = 0): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
