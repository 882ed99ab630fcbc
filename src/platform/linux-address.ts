import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { messageOf, TandemError, type AddressHolder, type AddressKeeper, type VirtualAddress } from '../contract/index.js';

/**
 * Addresses by iproute2, with a lifetime that the kernel itself ends: a node that is frozen, or a machine that nobody
 * answers on, loses the address without anybody's doing.
 */
export const linuxAddresses: AddressKeeper = {
  async open(at, named) {
    if (process.platform !== 'linux') throw failed(at, 'a virtual address needs Linux');
    const dev = named ?? interfaceOf(at);
    if (dev === undefined) throw failed(at, 'no interface of this machine is on that network: name it in the node document (node.virtualInterface)');
    await ip(at, 'link', 'show', 'dev', dev);
    const held = await ip(at, '-o', '-4', 'addr', 'show', 'to', `${at.address}/32`);
    // On the chosen interface in any case: the answer tells whether this process may.
    const on = new Set([dev, ...held.split('\n').flatMap((line) => /^\d+: (\S+)/.exec(line)?.[1] ?? [])]);
    for (const each of on) await remove(at, each);
    return new LinuxAddress(at, dev);
  },
};

class LinuxAddress implements AddressHolder {
  readonly interface: string;
  private guard: ChildProcess | undefined;

  constructor(
    private readonly at: VirtualAddress,
    dev: string,
  ) {
    this.interface = dev;
  }

  async hold(seconds: number): Promise<void> {
    const words = ['-4', 'addr', 'replace', this.text, 'dev', this.interface, 'valid_lft', String(seconds), 'preferred_lft', String(seconds)];
    await ip(this.at, ...words);
    if (this.guard !== undefined) return;
    // A shell of its own renews the address with each line that it hears and takes it away when it hears no more: its
    // pipe ends with this process, however that ends.
    const guard = spawn('sh', ['-c', `while read -r _; do ip ${words.join(' ')}; done; ip -4 addr del ${this.text} dev ${this.interface}`], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    this.guard = guard;
    guard.on('error', () => undefined);
    guard.stdin.on('error', () => undefined);
    guard.once('exit', () => {
      if (this.guard === guard) this.guard = undefined;
    });
    guard.unref();
  }

  renew(): void {
    this.guard?.stdin?.write('\n');
  }

  announce(): void {
    const { address } = this.at;
    execFile('arping', ['-U', '-c', '1', '-I', this.interface, address], (error) => {
      if (error !== null) askAround(this.at);
    });
  }

  async drop(): Promise<void> {
    const { guard } = this;
    this.guard = undefined;
    await remove(this.at, this.interface);
    if (guard?.exitCode !== null) return;
    // Its own word to the kernel must not come later, when the address is here again.
    await new Promise<void>((resolve) => {
      guard.once('exit', () => resolve());
      guard.stdin?.end();
    });
  }

  private get text(): string {
    return `${this.at.address}/${this.at.prefix}`;
  }
}

/**
 * Without `arping`: the kernel asks the whole network for a neighbour that nobody knows, in the name of the address. Whoever
 * has an entry for that takes the sender's hardware address from the question (RFC 826).
 */
function askAround(at: VirtualAddress): void {
  const own = new Set(Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)));
  const number = numberOf(at.address);
  const target = [number + 1, number - 1, number + 2].map(textOf).find((each) => !own.has(each));
  if (target === undefined) return;
  const socket = createSocket('udp4');
  const close = (): void => {
    socket.removeAllListeners();
    socket.on('error', () => undefined);
    socket.close();
  };
  socket.once('error', close);
  execFile('ip', ['neigh', 'flush', 'to', target], () => {
    socket.bind(0, at.address, () => socket.send(Buffer.alloc(1), DISCARD, target, close));
  });
}

/** The discard service (RFC 863): nobody is meant to answer. */
const DISCARD = 9;

async function remove(at: VirtualAddress, dev: string): Promise<void> {
  try {
    await ip(at, '-4', 'addr', 'del', `${at.address}/${at.prefix}`, 'dev', dev);
  } catch (error) {
    // That it is not there is what was wanted.
    if (!/cannot assign requested address|address not found/i.test(messageOf(error))) throw error;
  }
}

async function ip(at: VirtualAddress, ...words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('ip', [...words], (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if ((error as NodeJS.ErrnoException).code === 'ENOENT') reject(failed(at, 'the program `ip` (iproute2) is not installed'));
      else if (/not permitted/i.test(stderr)) reject(failed(at, 'this process may not change addresses: start it as root or with CAP_NET_ADMIN as an ambient capability (AmbientCapabilities= in its systemd unit)'));
      else reject(failed(at, stderr.trim() === '' ? messageOf(error) : stderr.trim()));
    });
  });
}

/** The interface that is on the same network. */
function interfaceOf({ address, prefix }: VirtualAddress): string | undefined {
  const mask = prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0;
  for (const [name, all] of Object.entries(networkInterfaces())) {
    for (const own of all ?? []) if (own.family === 'IPv4' && own.address !== address && (numberOf(own.address) & mask) >>> 0 === (numberOf(address) & mask) >>> 0) return name;
  }
  return undefined;
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function textOf(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
}

function failed({ address, prefix }: VirtualAddress, reason: string): TandemError {
  return new TandemError('VIRTUAL_ADDRESS', `the virtual address ${address}/${prefix}: ${reason}`);
}
