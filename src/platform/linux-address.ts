import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { BlockList, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { messageOf, TandemError, type AddressHolder, type AddressKeeper, type VirtualAddress } from '../contract/index.js';
import { setWithNotice } from './neighbour-notice.js';

/**
 * Addresses by iproute2, with a lifetime that the kernel itself ends: a node that is frozen, or a machine that nobody
 * answers on, loses the address without anybody's doing.
 */
export const linuxAddresses: AddressKeeper = {
  async open(at, named) {
    if (process.platform !== 'linux') throw failed(at, 'a virtual address needs Linux');
    const [found] = interfacesOn(at);
    const dev = named ?? found;
    if (dev === undefined) throw failed(at, 'no interface of this machine is on that network: name it in the node document (node.virtualInterface)');
    await ip(at, 'link', 'show', 'dev', dev);
    const held = await shown(at);
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
    const { at } = this;
    const words = [familyOf(at), 'addr', 'replace', this.text, 'dev', this.interface, ...this.flags, 'valid_lft', String(seconds), 'preferred_lft', isIPv6(at.address) ? '0' : String(seconds)];
    if (!isIPv6(at.address)) await ip(at, ...words);
    // Nobody is told: those who knew the other machine find out when it does not answer any more (RFC 4861, 7.3).
    else if (!(await setWithNotice(this.interface, async () => ip(at, ...words), async () => !(await shown(at)).includes('tentative')))) await ip(at, ...words, 'nodad');
    if (this.guard !== undefined) return;
    // A shell of its own renews the address with each line that it hears and takes it away when it hears no more: its
    // pipe ends with this process, however that ends.
    const guard = spawn('sh', ['-c', `while read -r _; do ip ${words.join(' ')}; done; ip ${familyOf(this.at)} addr del ${this.text} dev ${this.interface}`], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
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
    // The kernel has told of it as it was set.
    if (isIPv6(address)) return;
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

  /**
   * Of IPv6: the route to the network is that of the machine's own address, and must not end with this one. Together with a preferred
   * lifetime of 0, for which it is never chosen for connections of this machine's own: they would end with the role (RFC 6724, rule 3).
   */
  private get flags(): string[] {
    return isIPv6(this.at.address) && interfacesOn(this.at).includes(this.interface) ? ['noprefixroute'] : [];
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
    await ip(at, familyOf(at), 'addr', 'del', `${at.address}/${at.prefix}`, 'dev', dev);
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

/** What the kernel shows of the address, a line for each interface that has it. */
async function shown(at: VirtualAddress): Promise<string> {
  return ip(at, '-o', familyOf(at), 'addr', 'show', 'to', `${at.address}/${isIPv6(at.address) ? 128 : 32}`);
}

function familyOf({ address }: VirtualAddress): '-4' | '-6' {
  return isIPv6(address) ? '-6' : '-4';
}

/** The interfaces that are on the same network. */
function interfacesOn({ address, prefix }: VirtualAddress): string[] {
  const network = new BlockList();
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  network.addSubnet(address, prefix, family);
  return Object.entries(networkInterfaces()).flatMap(([name, all]) => ((all ?? []).some((own) => own.address !== address && own.family.toLowerCase() === family && network.check(own.address, family)) ? [name] : []));
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
