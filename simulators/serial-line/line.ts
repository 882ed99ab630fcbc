import type { CloseReason, Network, SerialTarget, TcpConnection, TcpEvents, Timers } from '../../src/contract/index.js';
import type { SeededRandom } from '../virtual-time/index.js';

/** One that has its port open. */
interface Station {
  readonly target: SerialTarget;
  readonly events: TcpEvents;
  /** When what it has written so far has left. */
  sendingUntilMs: number;
  open: boolean;
}

/** What is on the wire. */
interface Transmission {
  readonly from: Station;
  readonly data: Uint8Array;
  readonly untilMs: number;
  /** Somebody else sent at the same time. */
  garbled: boolean;
}

const OPENING_MS = 1;

/**
 * A serial line without hardware, for virtual time: whoever has a port on it hears what all others send, at the pace
 * of the stated speed. Who speaks at another speed is heard as rubbish, and so are two that speak at once. A port is for
 * one at a time, as with a lock of the operating system.
 *
 *     const line = new SerialLine(time, random);
 *     await plc.openSerial(line.target('/dev/plc'));            // its network: line.network()
 */
export class SerialLine {
  /** Share of the transmissions that arrive with one to three wrong bits (which a CRC-16 always shows) or with stray bytes. */
  noise = 0;
  /** Share of the transmissions that arrive in two pieces, as through a USB adapter. */
  pieces = 0;
  spoilt = 0;
  collisions = 0;
  private readonly stations = new Map<string, Station>();
  private onAir: Transmission[] = [];

  constructor(private readonly time: Timers & { monotonicMs(): number }, private readonly random: SeededRandom) {}

  /** A machine's network that has this line's ports and no other way out. */
  network(): Network {
    const none = (): never => {
      throw new Error('there is a serial line here, and no network');
    };
    return { connectTcp: none, listenTcp: none, openUdp: none, openSerial: (target, events) => this.open(target, events) };
  }

  open(target: SerialTarget, events: TcpEvents): TcpConnection {
    const station: Station = { target, events, sendingUntilMs: 0, open: false };
    if (this.stations.has(target.path)) {
      this.time.after(0, () => events.onClose('error'));
    } else {
      this.stations.set(target.path, station);
      this.time.after(OPENING_MS, () => {
        if (this.stations.get(target.path) !== station) return;
        station.open = true;
        events.onOpen?.();
      });
    }
    return {
      remote: { host: target.path, port: 0 },
      bufferedBytes: 0,
      write: (data) => this.send(station, data.slice()),
      destroy: () => this.close(station, 'local'),
    };
  }

  /** Who has that port open loses it, as when an adapter is pulled out. */
  unplug(path: string): void {
    const station = this.stations.get(path);
    if (station !== undefined) this.close(station, 'ended');
  }

  isOpen(path: string): boolean {
    return this.stations.get(path)?.open ?? false;
  }

  private close(station: Station, reason: CloseReason): void {
    if (this.stations.get(station.target.path) !== station) return;
    this.stations.delete(station.target.path);
    station.open = false;
    this.time.after(0, () => station.events.onClose(reason));
  }

  private send(from: Station, data: Uint8Array): void {
    if (!from.open || data.length === 0) return;
    const fromMs = Math.max(this.time.monotonicMs(), from.sendingUntilMs);
    const untilMs = fromMs + data.length * characterMs(from.target);
    from.sendingUntilMs = untilMs;
    const transmission: Transmission = { from, data, untilMs, garbled: false };
    for (const other of this.onAir) {
      if (other.from === from || other.untilMs <= fromMs) continue;
      if (!transmission.garbled) this.collisions++;
      transmission.garbled = true;
      other.garbled = true;
    }
    this.onAir.push(transmission);
    this.time.after(untilMs - this.time.monotonicMs(), () => this.arrive(transmission));
  }

  private arrive(transmission: Transmission): void {
    this.onAir = this.onAir.filter((other) => other !== transmission);
    const { from, data, garbled } = transmission;
    const heard = garbled ? this.rubbish(data.length) : this.spoil(data);
    for (const to of this.stations.values()) {
      if (to === from || !to.open) continue;
      this.deliver(to, speaksAlike(from.target, to.target) ? heard : this.rubbish(data.length));
    }
  }

  private deliver(to: Station, data: Uint8Array): void {
    const cut = this.pieces > 0 && data.length > 1 && this.random.next() < this.pieces ? 1 + this.random.below(data.length - 1) : data.length;
    to.events.onData(data.slice(0, cut));
    if (cut === data.length) return;
    this.time.after(characterMs(to.target) * (data.length - cut), () => {
      if (to.open) to.events.onData(data.slice(cut));
    });
  }

  private spoil(data: Uint8Array): Uint8Array {
    const { random } = this;
    if (this.noise === 0 || random.next() >= this.noise) return data;
    this.spoilt++;
    if (random.below(3) > 0) {
      const copy = data.slice();
      for (let bits = 1 + random.below(3); bits > 0; bits--) {
        const at = random.below(copy.length);
        copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
      }
      return copy;
    }
    const stray = this.rubbish(1 + random.below(8));
    return random.below(2) === 0 ? Uint8Array.of(...stray, ...data) : Uint8Array.of(...data, ...stray);
  }

  private rubbish(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.random.below(256));
  }
}

function characterMs({ baud, dataBits, parity, stopBits }: SerialTarget): number {
  return ((1 + dataBits + Number(parity !== 'none') + stopBits) * 1000) / baud;
}

function speaksAlike(a: SerialTarget, b: SerialTarget): boolean {
  return a.baud === b.baud && a.dataBits === b.dataBits && a.parity === b.parity;
}
