import { asciiFraming } from '../../../simulators/modbus-plc/framing/ascii.js';
import { rtuFraming } from '../../../simulators/modbus-plc/framing/rtu.js';
import { tcpFraming } from '../../../simulators/modbus-plc/framing/tcp.js';
import type { SeededRandom } from '../../../simulators/virtual-time/index.js';

export type FuzzTransport = 'tcp' | 'rtu' | 'ascii';

/** A read of holding registers that the driver has sent. */
export interface Asked {
  readonly unit: number;
  readonly transaction: number;
  readonly start: number;
  readonly count: number;
}

const READ = 3;

export function framingOf(transport: FuzzTransport): ReturnType<typeof tcpFraming> {
  if (transport === 'tcp') return tcpFraming();
  return transport === 'rtu' ? rtuFraming() : asciiFraming();
}

/**
 * What of the bytes that came counts as sent by the device: a frame that is valid Modbus for a request which is open,
 * found without any help of the driver, on one connection. On a bus any place in what was heard since the request may begin one.
 */
export class Oracle {
  private readonly open = new Map<number, Asked>();
  private heard: number[] = [];
  /** Values by unit and register, of the present round. */
  private readonly sent = new Map<number, Set<number>>();

  constructor(private readonly transport: FuzzTransport) {}

  /** A poll begins; all former requests are settled. */
  newRound(): void {
    this.open.clear();
    this.sent.clear();
  }

  asked(asked: Asked): void {
    if (this.transport !== 'tcp') {
      this.open.clear();
      this.heard = [];
    }
    this.open.set(asked.transaction, asked);
  }

  received(bytes: Uint8Array): void {
    for (const byte of bytes) this.heard.push(byte);
    if (this.transport === 'tcp') this.readTcp();
    else for (const asked of this.open.values()) this.searchBus(asked);
  }

  wasSent(unit: number, register: number, value: number): boolean {
    return this.sent.get(unit * 65_536 + register)?.has(value) ?? false;
  }

  private readTcp(): void {
    const { heard } = this;
    let at = 0;
    while (heard.length - at >= 8) {
      const length = word(heard, at + 4);
      if (heard.length - at < 6 + length) break;
      const asked = this.open.get(word(heard, at));
      if (asked !== undefined && word(heard, at + 2) === 0 && heard[at + 6] === asked.unit && length === 3 + 2 * asked.count) this.accept(asked, heard, at + 7);
      at += 6 + length;
    }
    this.heard = heard.slice(at);
  }

  private searchBus(asked: Asked): void {
    const { heard } = this;
    const length = 3 + 2 * asked.count;
    if (this.transport === 'rtu') {
      for (let at = 0; at + length + 2 <= heard.length; at++) {
        if (heard[at] !== asked.unit || heard[at + 1] !== READ) continue;
        if (crcOf(heard, at, length) === ((heard[at + length] ?? 0) | ((heard[at + length + 1] ?? 0) << 8))) this.accept(asked, heard, at + 1);
      }
      return;
    }
    for (let colon = heard.indexOf(0x3a); colon >= 0; colon = heard.indexOf(0x3a, colon + 1)) {
      const line = Buffer.from(heard.slice(colon + 1, colon + 1 + 2 * (length + 1) + 2)).toString('latin1');
      if (!/^[0-9A-Fa-f]+\r\n$/.test(line) || line.length !== 2 * (length + 1) + 2) continue;
      const bytes = [...Buffer.from(line.slice(0, -2), 'hex')];
      if ((bytes.reduce((sum, byte) => sum + byte, 0) & 0xff) === 0 && bytes[0] === asked.unit) this.accept(asked, bytes, 1);
    }
  }

  /** `at` is where function, byte count and registers begin. */
  private accept(asked: Asked, bytes: readonly number[], at: number): void {
    if (bytes[at] !== READ || bytes[at + 1] !== 2 * asked.count) return;
    for (let index = 0; index < asked.count; index++) {
      const key = asked.unit * 65_536 + asked.start + index;
      const values = this.sent.get(key) ?? new Set();
      this.sent.set(key, values.add(word(bytes, at + 2 + 2 * index)));
    }
  }
}

/** One answer, spoilt in one of many ways or none: the pieces in which it arrives. `others`: frames that went before. */
export function mangled(transport: FuzzTransport, asked: Asked, registers: readonly number[], others: readonly Uint8Array[], random: SeededRandom): readonly Uint8Array[] {
  const framing = framingOf(transport);
  const encode = (unit: number, pdu: readonly number[], transaction = asked.transaction): Uint8Array => framing.encode(unit, Uint8Array.from(pdu), transaction);
  const data = registers.flatMap((value) => [value >> 8, value & 0xff]);
  const right = encode(asked.unit, [READ, data.length, ...data]);
  const noise = (most: number): Uint8Array => Uint8Array.from({ length: 1 + random.below(most) }, () => random.below(256));
  const other = others[random.below(Math.max(1, others.length))] ?? right;
  const flipped = (times: number): Uint8Array => {
    const copy = right.slice();
    for (let time = 0; time < times; time++) copy[random.below(copy.length)]! ^= 1 << random.below(8);
    return copy;
  };
  const cut = random.below(right.length);
  switch (random.below(36)) {
    case 0: return [];
    case 1: return [right.slice(0, cut)];
    case 2: return [right.slice(cut)];
    case 3: return [right, right];
    case 4: return [right, noise(20)];
    case 5: return [noise(20), right];
    case 6: return [flipped(1)];
    case 7: return [flipped(1 + random.below(6))];
    case 8: return [flipped(1), right];
    case 9: return [noise(60)];
    case 10: return [Uint8Array.of(...right.subarray(0, cut), ...other.subarray(Math.min(cut, other.length)))];
    case 11: return [Uint8Array.of(...right.subarray(0, cut), ...noise(3), ...right.subarray(cut))];
    case 12: return [other];
    case 13: return [other, right];
    case 14: return [right, other];
    case 15: return [encode(asked.unit, [0x80 | READ, random.below(256)])];
    case 16: return [encode(asked.unit, [0x80 | READ])];
    case 17: return [encode((asked.unit % 247) + 1, [READ, data.length, ...data])];
    case 18: return [encode(asked.unit, [READ, data.length, ...data], asked.transaction ^ (1 << random.below(16)))];
    case 19: return [encode(asked.unit, [4, data.length, ...data])];
    case 20: return [encode(asked.unit, [READ, data.length - 2, ...data.slice(2)])];
    case 21: return [encode(asked.unit, [READ, data.length, ...data, 0, 0])];
    case 22: return [encode(asked.unit, [READ, random.below(256), ...data])];
    case 23: return [encode(asked.unit, [])];
    case 24: return [encode(asked.unit, [READ, data.length, ...data.map((byte) => byte ^ random.below(2))])];
    case 25: return [encode(0, [READ, data.length, ...data])];
    default: return random.below(4) === 0 ? [right.slice(0, cut), right.slice(cut)] : [right];
  }
}

function word(bytes: readonly number[], index: number): number {
  return ((bytes[index] ?? 0) << 8) | (bytes[index + 1] ?? 0);
}

/** CRC-16/MODBUS by table, apart from the driver's. */
const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >> 1 : (crc >> 1) ^ 0xa001;
  return crc;
});

function crcOf(bytes: readonly number[], at: number, length: number): number {
  let crc = 0xffff;
  for (let index = at; index < at + length; index++) crc = (crc >> 8) ^ table[(crc ^ (bytes[index] ?? 0)) & 0xff]!;
  return crc;
}
