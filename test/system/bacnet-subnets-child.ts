/**
 * Two subnets with an IP router between them, which carries no broadcasts: devices and a BBMD on one, `tandem` on the
 * other. Runs in a network of its own; prints what it saw as JSON.
 */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dist, until } from './processes.js';
import { hasOwnNetwork } from './two-hosts.js';

const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });

interface Subnet {
  readonly name: string;
  readonly net: number;
  readonly prefix: readonly string[];
}

function subnet(net: number): Subnet {
  const name = `tandem-${String(process.pid)}-${String(net)}`;
  ip('netns', 'add', name);
  ip('link', 'add', `net${String(net)}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  ip('addr', 'add', `10.81.${String(net)}.254/24`, 'dev', `net${String(net)}`);
  ip('link', 'set', `net${String(net)}`, 'up');
  for (const command of [['link', 'set', 'lo', 'up'], ['link', 'set', 'eth0', 'up'], ['addr', 'add', `10.81.${String(net)}.1/24`, 'broadcast', `10.81.${String(net)}.255`, 'dev', 'eth0'], ['route', 'add', 'default', 'via', `10.81.${String(net)}.254`]]) ip('-n', name, ...command);
  return { name, net, prefix: ['ip', 'netns', 'exec', name] };
}

function start({ prefix }: Subnet, ...args: readonly string[]): ChildProcess {
  const [command = '', ...rest] = prefix;
  return spawn(command, [...rest, process.execPath, join(dist, 'src/main.js'), ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
}

function once({ prefix }: Subnet, ...args: readonly string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const [command = '', ...rest] = prefix;
  return spawnSync(command, [...rest, process.execPath, ...args], { encoding: 'utf8' });
}

/** GET on the loopback of another subnet. */
function get(where: Subnet, url: string): Record<string, unknown> {
  const { stdout } = once(where, '-e', `fetch(${JSON.stringify(url)}).then((r) => r.text()).then((text) => console.log(text), () => console.log('{}'))`);
  return JSON.parse(stdout) as Record<string, unknown>;
}

async function measure(folder: string, field: Subnet, gateway: Subnet): Promise<Record<string, unknown>> {
  ip('-n', field.name, 'addr', 'add', '10.81.1.11/24', 'dev', 'eth0');
  ip('-n', field.name, 'addr', 'add', '10.81.1.12/24', 'dev', 'eth0');
  ip('-n', field.name, 'addr', 'add', '10.81.1.9/24', 'dev', 'eth0');
  const devices = start(field, 'simulate', 'bacnet', '--address', '10.81.1.11', '--devices', '2', '--instance', '600', '--broadcast', '10.81.1.255', '--bbmd', '10.81.1.9', '--inspect-port', '5090', '--change', '0');
  let said = '';
  devices.stdout?.on('data', (data: Buffer) => (said += data.toString()));
  await until('the devices are ready', () => (said.startsWith('ready') ? true : undefined));
  const look = (...more: readonly string[]): string => once(gateway, join(dist, 'src/main.js'), 'discover', 'bacnet', '--interface', 'eth0', '--wait', '500ms', ...more).stdout;
  const without = look();
  const through = look('--bbmd', '10.81.1.9:47808');
  const site = join(folder, 'site.yaml');
  writeFileSync(site, 'site: {name: s, timezone: UTC}\nlines: {lan: {kind: bacnet-ip}}\ndevices: {d: {driver: bacnet, line: lan, instance: 601, timeout: 500ms}}\npoints: {P: {device: d, object: "AI:1"}}\n');
  const node = join(folder, 'node.yaml');
  writeFileSync(node, `node: {id: A, mode: independent, data: ${join(folder, 'data')}, access: open, listen: {console: "127.0.0.1:8080"}}\nlines: {lan: {interface: eth0, bbmd: {host: 10.81.1.9, ttl: 10s}}}\n`);
  const registered = Number(get(field, 'http://127.0.0.1:5090/model').registrations);
  const running = start(gateway, 'run', '--site', site, '--node', node);
  const point = await until('the point is read across the subnets', () => {
    const found = get(gateway, 'http://127.0.0.1:8080/api/v1/points/P');
    return found.quality === 'good' ? found : undefined;
  }, 30_000);
  const model = await until('the registration is renewed', () => {
    const found = get(field, 'http://127.0.0.1:5090/model');
    return Number(found.registrations) >= registered + 3 ? found : undefined;
  }, 30_000);
  for (const child of [running, devices]) child.kill('SIGTERM');
  return { without, through, value: point.value, foreignDevices: model.foreignDevices };
}

if (hasOwnNetwork()) {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-subnets-'));
  ip('link', 'set', 'lo', 'up');
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
  const [field, gateway] = [subnet(1), subnet(2)];
  let status = 0;
  try {
    console.log(JSON.stringify(await measure(folder, field, gateway)));
  } catch (error) {
    console.error(error);
    status = 1;
  } finally {
    for (const { name } of [field, gateway]) {
      spawnSync('sh', ['-c', `ip netns pids ${name} | xargs -r kill -9`]);
      spawnSync('ip', ['netns', 'delete', name]);
    }
    rmSync(folder, { recursive: true, force: true });
  }
  process.exit(status);
}
