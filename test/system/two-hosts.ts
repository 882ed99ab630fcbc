import { execFileSync, spawnSync } from 'node:child_process';

/** A machine of the test: a network namespace with one cable to the switch. */
export interface Host {
  readonly address: string;
  /** Runs what follows it on that machine. */
  readonly prefix: readonly string[];
}

/**
 * Two machines beside this one, on one switch: network namespaces joined by a bridge. The process that makes them must
 * have a network of its own already ({@link inOwnNetwork}), so that nothing outside it is touched. Needs root and iproute2.
 */
export class TwoHosts {
  /** This process, the devices and the clients. */
  readonly address = '10.77.0.1';
  readonly main: Host;
  readonly backup: Host;
  private readonly names: readonly string[];

  private constructor(private readonly tag: string) {
    ip('link', 'set', 'lo', 'up');
    ip('link', 'add', 'switch', 'type', 'bridge');
    ip('addr', 'add', `${this.address}/24`, 'dev', 'switch');
    ip('link', 'set', 'switch', 'up');
    this.names = [`${tag}-a`, `${tag}-b`];
    this.main = this.host(`${tag}-a`, 'cable-a', '10.77.0.11');
    this.backup = this.host(`${tag}-b`, 'cable-b', '10.77.0.12');
  }

  static create(): TwoHosts {
    return new TwoHosts(`tandem-${String(process.pid)}`);
  }

  /** Pulls the cable of a machine: nothing reaches it, nothing leaves it, and nobody is told. */
  cut(which: 'main' | 'backup'): void {
    ip('link', 'set', cableOf(which), 'down');
  }

  heal(which: 'main' | 'backup'): void {
    ip('link', 'set', cableOf(which), 'up');
  }

  remove(): void {
    for (const name of this.names) spawnSync('ip', ['netns', 'delete', name]);
    spawnSync('ip', ['link', 'delete', 'switch']);
  }

  private host(name: string, cable: string, address: string): Host {
    ip('netns', 'add', name);
    ip('link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    ip('link', 'set', cable, 'master', 'switch', 'up');
    for (const command of [['addr', 'add', `${address}/24`, 'dev', 'eth0'], ['link', 'set', 'eth0', 'up'], ['link', 'set', 'lo', 'up']]) ip('-n', name, ...command);
    return { address, prefix: ['ip', 'netns', 'exec', name] };
  }
}

const OWN_NETWORK = 'TANDEM_OWN_NETWORK';

/** Whether this process may make machines: root, iproute2 and a network of its own. */
export function hasOwnNetwork(): boolean {
  return process.env[OWN_NETWORK] !== undefined;
}

/**
 * The command line that runs `args` with Node in a network of its own, where machines can be made; undefined where this
 * user or system cannot.
 */
export function inOwnNetwork(args: readonly string[]): { command: string; args: readonly string[]; env: NodeJS.ProcessEnv } | undefined {
  if (spawnSync('unshare', ['-n', 'true']).status !== 0 || spawnSync('ip', ['-V']).status !== 0) return undefined;
  return { command: 'unshare', args: ['-n', process.execPath, ...args], env: { ...process.env, [OWN_NETWORK]: '1' } };
}

function cableOf(which: 'main' | 'backup'): string {
  return which === 'main' ? 'cable-a' : 'cable-b';
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
