/** Where this node plugs a line in, and which addresses that is on this machine. */
import { TandemError, type Network } from '../../src/contract/index.js';
import type { Bbmd } from './foreign-registration.js';

export interface Plug {
  /** Local address; 0.0.0.0 where the machine has one network only. */
  readonly address: string;
  /** Name of a network interface, in place of the address: `eno1`. */
  readonly interface?: string | undefined;
  /** Local port; 0 takes any free one. */
  readonly port: number;
  /** Port of the line: Who-Is goes there, and broadcasts are heard there. */
  readonly linePort: number;
  /** Where broadcasts go, e.g. 10.20.255.255; the interface's own where that is given. */
  readonly broadcast?: string;
  /** Where this node registers as a foreign device, for devices on another subnet. */
  readonly bbmd?: Bbmd | undefined;
  /** What this node is as a device; without it, it answers nobody. */
  readonly deviceInstance?: number | undefined;
}

/** Names what is shared: drivers with one plug share their sockets. */
export function plugKey({ address, interface: card = '', port, linePort, broadcast = '', bbmd }: Plug): string {
  return `bacnet-ip ${address}:${port} ${card} line ${linePort} ${broadcast} ${bbmd === undefined ? '' : `${bbmd.host}:${bbmd.port}`}`;
}

/** Looked up anew each time the line is opened: an interface may get its address late, or another one. @throws FIELD_UNREACHABLE */
export function addressesOf(plug: Plug, network: Network): { readonly address: string; readonly broadcast: string } {
  if (plug.interface === undefined) return { address: plug.address, broadcast: plug.broadcast ?? '255.255.255.255' };
  const all = network.interfaces?.() ?? [];
  const card = all.find(({ name, address }) => name === plug.interface || address === plug.interface);
  if (card === undefined) {
    throw new TandemError('FIELD_UNREACHABLE', `this machine has no network interface ${plug.interface} with an IPv4 address; it has ${[...new Set(all.map(({ name }) => name))].join(', ') || 'none'}`);
  }
  return { address: card.address, broadcast: plug.broadcast ?? broadcastOf(card.address, card.netmask) };
}

/** All host bits set: 10.20.255.255 for 10.20.0.1 and 255.255.0.0. */
export function broadcastOf(address: string, netmask: string): string {
  const mask = netmask.split('.').map(Number);
  return address.split('.').map((octet, at) => (Number(octet) | (~(mask[at] ?? 255) & 0xff)) & 0xff).join('.');
}
