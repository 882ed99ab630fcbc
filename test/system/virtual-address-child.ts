/**
 * A pair on two machines with a virtual address, and a third machine (this one) that knows nothing else. Runs in a network
 * of its own; prints what it saw as JSON. With `6` the address is one of IPv6, and only found, and lost with its node.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RedundancyStatus } from '../../src/contract/index.js';
import { Supervised } from '../../simulators/demo/supervised.js';
import { dist, until } from './processes.js';
import { hasOwnNetwork, TwoHosts, type Host } from './two-hosts.js';

const isSix = process.argv[2] === '6';
const VIRTUAL = isSix ? 'fd77::10' : '10.77.0.10';
const NETWORK = `${VIRTUAL}/${isSix ? '64' : '24'}`;
const IN_URL = isSix ? `[${VIRTUAL}]` : VIRTUAL;

type Name = 'main' | 'backup';

/** Asked on a connection of its own: one that was made to the other node would hang. */
async function ask(host: string): Promise<RedundancyStatus | undefined> {
  try {
    const response = await fetch(`http://${host}:8080/api/v1/redundancy`, { signal: AbortSignal.timeout(500), headers: { connection: 'close' } });
    return (await response.json()) as RedundancyStatus;
  } catch {
    return undefined;
  }
}

function has(host: Host): boolean {
  const [command = '', ...rest] = host.prefix;
  return execFileSync(command, [...rest, 'ip', '-o', isSix ? '-6' : '-4', 'addr', 'show', 'to', `${VIRTUAL}/${isSix ? '128' : '32'}`], { encoding: 'utf8' }) !== '';
}

/** Hardware addresses: what this machine believes, and what the machine with the role has. */
function neighbour(): string {
  return /lladdr (\S+)/.exec(execFileSync('ip', ['neigh', 'show', 'to', VIRTUAL], { encoding: 'utf8' }))?.[1] ?? '';
}

function hardware(host: Host): string {
  const [command = '', ...rest] = host.prefix;
  return execFileSync(command, [...rest, 'cat', '/sys/class/net/eth0/address'], { encoding: 'utf8' }).trim();
}

/** What an address of IPv6 must not take with it, nor leave behind: the machine's own, as a router gave it, is good for an hour. */
function leftOn({ prefix: [command = '', ...rest] }: Host): object {
  const route = execFileSync(command, [...rest, 'ip', '-6', 'route', 'show', 'fd77::/64'], { encoding: 'utf8' });
  const detection = execFileSync(command, [...rest, 'cat', '/proc/sys/net/ipv6/conf/eth0/dad_transmits'], { encoding: 'utf8' }).trim();
  return { reaches: route.includes('dev eth0'), ends: !(Number(/expires (\d+)sec/.exec(route)?.[1]) > 600), detection };
}

async function measure(folder: string, hosts: TwoHosts): Promise<object> {
  const site = join(folder, 'site.yaml');
  const settings = 'recovery: manual, pingRate: 100ms, missedPings: 4, failoverTime: 1s, connectionWait: 3s, staleWait: 10s';
  writeFileSync(site, `site: {name: s, timezone: UTC, virtualAddress: "${NETWORK}"}\nredundancy: {${settings}}\n`);
  const ids = { main: 'A', backup: 'B' } as const;
  const node = (name: Name, other: Name): Supervised => {
    const file = join(folder, `${name}.yaml`);
    const { address, prefix } = hosts[name];
    writeFileSync(file, `node: {id: ${ids[name]}, mode: ${name}, data: ${join(folder, name)}, token: t, access: open, tls: off, url: "http://${address}:8080", listen: {console: "${isSix ? '[::]' : '0.0.0.0'}:8080", link: "${address}:8099"}}\npartners: [{symbol: ${ids[other]}, address: ${hosts[other].address}, port: 8099}]\n`);
    return new Supervised({ name, script: join(dist, 'src/main.js'), args: ['run', '--site', site, '--node', file], logFile: join(folder, `${name}.log`), prefix });
  };
  const main = node('main', 'backup');
  const backup = node('backup', 'main');
  let both = 0;
  /** Until the address is answered by `id`, counting how often both machines had it. */
  const answeredBy = async (id: string): Promise<boolean> => {
    const machine = id === 'A' ? hosts.main : hosts.backup;
    // Without a word from here: by what the machine itself tells.
    if (isSix && neighbour() !== '') await until('the neighbour cache is told', () => (neighbour() === hardware(machine) ? true : undefined), 30_000);
    await until(`${VIRTUAL} is node ${id}`, async () => {
      // The one is asked after the other: it may have moved in between.
      if (has(hosts.main) && has(hosts.backup) && has(hosts.main)) both += 1;
      return (await ask(IN_URL))?.self.id === id ? true : undefined;
    }, 30_000);
    return until('the neighbour cache follows', () => (neighbour() === hardware(machine) ? true : undefined));
  };
  const inSync = async (id: Name): Promise<unknown> => until('both in sync', async () => ((await ask(hosts[id].address))?.protected === true ? true : undefined), 30_000);
  main.start();
  backup.start();
  try {
    await inSync('main');
    const first = await answeredBy('A');
    const status = (await ask(IN_URL))?.virtualAddress;
    const standby = (await ask(hosts.backup.address))?.virtualAddress;
    // A console that was opened at the virtual address asks the other node, too.
    const allowed = (await fetch(`http://${hosts.backup.address}:8080/api/v1/redundancy`, { headers: { origin: `http://${IN_URL}:8080` } })).headers.get('access-control-allow-origin');
    await fetch(`http://${hosts.main.address}:8080/api/v1/redundancy/switch`, { method: 'POST', headers: { authorization: 'Bearer t', 'content-type': 'application/json' }, body: '{"reason":"test"}' });
    const switched = await answeredBy('B');
    await inSync('backup');
    backup.kill();
    const killed = await answeredBy('A');
    if (isSix) return { first, status, standby, allowed, switched, killed, both, left: [hosts.main, hosts.backup].map(leftOn) };
    backup.start();
    await inSync('main');
    main.freeze();
    const frozen = await answeredBy('B');
    main.kill();
    // What an earlier life has left, however that came about.
    execFileSync('ip', ['-n', hosts.main.prefix[3] ?? '', 'addr', 'add', NETWORK, 'dev', 'eth0']);
    main.start();
    await until('the left-over address is gone', () => (has(hosts.main) ? undefined : true));
    const [command = '', ...rest] = hosts.main.prefix;
    const unable = spawnSync(command, [...rest, 'setpriv', '--bounding-set=-net_admin', process.execPath, join(dist, 'src/main.js'), 'run', '--site', site, '--node', unprivileged(folder)], { encoding: 'utf8', timeout: 20_000 });
    return { first, status, standby, allowed, switched, killed, frozen, both, rights: { code: unable.status, stderr: unable.stderr } };
  } catch (error) {
    for (const name of ['main', 'backup']) console.error(readFileSync(join(folder, `${name}.log`), 'utf8'));
    throw error;
  } finally {
    await Promise.all([main.stop(), backup.stop()]);
  }
}

/** Another node of the site, on a data folder and ports of its own. */
function unprivileged(folder: string): string {
  const file = join(folder, 'unprivileged.yaml');
  writeFileSync(file, `node: {id: C, mode: independent, data: ${join(folder, 'c')}, access: open, listen: {console: "0.0.0.0:8090"}}\n`);
  return file;
}

if (hasOwnNetwork()) {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-virtual-'));
  const hosts = TwoHosts.create();
  if (isSix) {
    execFileSync('ip', ['addr', 'add', 'fd77::1/64', 'dev', 'switch', 'nodad']);
    for (const [host, address] of [[hosts.main, 'fd77::11/64'], [hosts.backup, 'fd77::12/64']] as const) execFileSync('ip', ['-n', host.prefix[3] ?? '', 'addr', 'add', address, 'dev', 'eth0', 'nodad', 'valid_lft', '3600', 'preferred_lft', '3600']);
  }
  let status = 0;
  try {
    console.log(JSON.stringify(await measure(folder, hosts)));
  } catch (error) {
    console.error(error);
    status = 1;
  }
  hosts.remove();
  rmSync(folder, { recursive: true, force: true });
  process.exit(status);
}
