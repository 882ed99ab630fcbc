/** A BACnet/IP Broadcast Management Device (annex J.4 and J.5): carries broadcasts between subnets, and to foreign devices that register. */
import type { Address, UdpSocket } from '../../src/contract/index.js';
import type { DeviceWorld } from './options.js';

export interface BbmdOptions {
  readonly at: Address;
  /** Where broadcasts of its subnet go. */
  readonly broadcast: Address;
  /** The BBMDs of other subnets. */
  readonly peers?: readonly Address[];
}

interface Foreign {
  readonly at: Address;
  readonly ttlS: number;
  readonly untilMs: number;
}

/** What a registration is kept beyond its time-to-live (J.5.2.1). */
const GRACE_S = 30;
const RESULT = 0x00;
const WRITE_BDT = 0x01;
const READ_BDT = 0x02;
const BDT = 0x03;
const FORWARDED = 0x04;
const REGISTER = 0x05;
const READ_FDT = 0x06;
const FDT = 0x07;
const DELETE_FDT = 0x08;
const DISTRIBUTE = 0x09;
const BROADCAST = 0x0b;

export class VirtualBbmd {
  /** Register-Foreign-Device requests that it took. */
  registrations = 0;
  /** Broadcasts that it carried. */
  forwarded = 0;
  private socket: UdpSocket | undefined;
  private readonly foreign = new Map<string, Foreign>();

  constructor(private readonly world: Pick<DeviceWorld, 'network' | 'clock'>, private readonly options: BbmdOptions) {}

  async open(): Promise<void> {
    const { at } = this.options;
    this.socket = await this.world.network.openUdp({ ...at, broadcast: true, reuseAddress: false }, (data, from) => this.receive(data, from));
  }

  async close(): Promise<void> {
    await this.socket?.close();
  }

  /** Those that are registered now. */
  foreignDevices(): readonly Address[] {
    const now = this.world.clock.monotonicMs();
    for (const [key, { untilMs }] of this.foreign) if (untilMs <= now) this.foreign.delete(key);
    return [...this.foreign.values()].map(({ at }) => at);
  }

  /** What a socket for broadcasts of its subnet hears. */
  heard(data: Uint8Array, from: Address): void {
    const { at } = this.options;
    if (data[1] !== BROADCAST || (from.host === at.host && from.port === at.port)) return;
    this.spread(forwarded(data.subarray(4), from), from, false);
  }

  private receive(data: Uint8Array, from: Address): void {
    if (data[0] !== 0x81 || data.length < 4) return;
    switch (data[1]) {
      case WRITE_BDT: this.result(0x10, from); return; // its table is its configuration (annex J.4.4.2)
      case READ_BDT: {
        const { at, peers = [] } = this.options;
        this.answer(BDT, [at, ...peers].map((each) => Buffer.concat([addressOctets(each), Buffer.alloc(4, 0xff)])), from);
        return;
      }
      case READ_FDT: {
        const now = this.world.clock.monotonicMs();
        this.foreignDevices();
        this.answer(FDT, [...this.foreign.values()].map(({ at, ttlS, untilMs }) => {
          const leftS = Math.min(0xffff, Math.max(0, Math.ceil((untilMs - now) / 1_000)));
          return Buffer.concat([addressOctets(at), Buffer.from([ttlS >> 8, ttlS & 255, leftS >> 8, leftS & 255])]);
        }), from);
        return;
      }
      case DELETE_FDT: {
        const key = data.length === 10 ? `${[...data.subarray(4, 8)].join('.')}:${String((data[8] ?? 0) * 256 + (data[9] ?? 0))}` : '';
        this.foreignDevices();
        this.result(this.foreign.delete(key) ? 0 : 0x50, from);
        return;
      }
      case REGISTER: {
        if (data.length !== 6) {
          this.result(0x30, from);
          return;
        }
        const ttlS = (data[4] ?? 0) * 256 + (data[5] ?? 0);
        this.registrations++;
        this.foreign.set(`${from.host}:${from.port}`, { at: from, ttlS, untilMs: this.world.clock.monotonicMs() + (ttlS + GRACE_S) * 1_000 });
        this.result(0, from);
        return;
      }
      case DISTRIBUTE:
        if (this.foreignDevices().some(({ host, port }) => host === from.host && port === from.port)) this.spread(forwarded(data.subarray(4), from), from, true);
        else this.result(0x60, from);
        return;
      case FORWARDED: // by the BBMD of another subnet: for this one, and for who is registered here
        if (this.options.peers?.some(({ host, port }) => host === from.host && port === from.port) !== true) return;
        this.forwarded++;
        this.socket?.send(data, this.options.broadcast);
        for (const to of this.foreignDevices()) this.socket?.send(data, to);
        return;
      default: return;
    }
  }

  private spread(frame: Buffer, origin: Address, here: boolean): void {
    this.forwarded++;
    const { broadcast, peers = [] } = this.options;
    if (here) this.socket?.send(frame, broadcast);
    for (const to of [...peers, ...this.foreignDevices().filter(({ host, port }) => host !== origin.host || port !== origin.port)]) this.socket?.send(frame, to);
  }

  /** Read-Broadcast-Distribution-Table-Ack and Read-Foreign-Device-Table-Ack (J.2.4, J.2.8). */
  private answer(purpose: number, entries: readonly Buffer[], to: Address): void {
    const body = Buffer.concat(entries);
    this.socket?.send(Buffer.concat([Buffer.from([0x81, purpose, (body.length + 4) >> 8, (body.length + 4) & 255]), body]), to);
  }

  private result(code: number, to: Address): void {
    this.socket?.send(Buffer.from([0x81, RESULT, 0, 6, code >> 8, code & 255]), to);
  }
}

function forwarded(npdu: Uint8Array, origin: Address): Buffer {
  const length = npdu.length + 10;
  return Buffer.concat([Buffer.from([0x81, FORWARDED, length >> 8, length & 255]), addressOctets(origin), npdu]);
}

function addressOctets({ host, port }: Address): Buffer {
  return Buffer.from([...host.split('.').map(Number), port >> 8, port & 255]);
}
