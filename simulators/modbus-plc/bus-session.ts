import type { Random } from '../../src/contract/clock.js';
import type { TcpConnection, TcpEvents } from '../../src/contract/network.js';
import type { FaultKind } from './faults.js';
import { join, type SessionGiven } from './session.js';

/** A bus of RTU frames, over a serial port or TCP. */
export interface BusOptions {
  /** Everything takes as long as at this speed, 11 bits a character; a pseudo terminal knows no speed of its own. */
  readonly baud?: number;
  /** The master hears what it sends, as with many RS-485 adapters. */
  readonly echo?: boolean;
}

const BITS_PER_CHARACTER = 11;

/** One bus: RTU requests in, answers out, and the faults of the line. */
export function serveBus(connection: TcpConnection, given: SessionGiven, options: BusOptions): TcpEvents {
  let rest: Uint8Array = new Uint8Array(0);
  let open = true;
  const send = (bytes: Uint8Array): void => {
    if (open) connection.write(bytes);
  };
  const answerFrame = (frame: Uint8Array): void => {
    const unit = frame[0] ?? 0;
    const pdu = frame.slice(1, -2);
    const fault = given.received(unit, pdu[0] ?? 0);
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'reset') {
      (connection.reset ?? connection.destroy).call(connection);
      return;
    }
    const answer = given.handle(unit, pdu, fault?.kind === 'exception' ? fault.code : undefined);
    if (answer === undefined) return;
    for (const part of spoil(unit, answer, fault, given.random)) {
      const wireMs = options.baud === undefined ? 0 : ((frame.length + part.length) * BITS_PER_CHARACTER * 1000) / options.baud;
      const delayMs = wireMs + (fault?.kind === 'delay' ? fault.delayMs : 0);
      if (delayMs > 0) given.timers.after(delayMs, () => send(part));
      else send(part);
    }
  };
  return {
    onData: (data) => {
      if (options.echo === true) send(data.slice());
      rest = join(rest, data);
      while (open) {
        const length = requestLength(rest);
        if (length === undefined || rest.length < length) return;
        const frame = rest.slice(0, length);
        const whole = checkSum(frame.subarray(0, -2)) === ((frame[length - 2] ?? 0) | ((frame[length - 1] ?? 0) << 8));
        // Without a start mark the next byte is tried.
        rest = rest.slice(whole ? length : 1);
        if (whole) answerFrame(frame);
      }
    },
    onClose: () => {
      open = false;
      given.closed();
    },
  };
}

/** Bytes of the request that begins here; undefined while that cannot be known. */
function requestLength(data: Uint8Array): number | undefined {
  if (data.length < 4) return undefined;
  switch (data[1] ?? 0) {
    case 15:
    case 16:
      return data.length < 7 ? undefined : 9 + (data[6] ?? 0);
    case 22:
      return 10;
    case 23:
      return data.length < 11 ? undefined : 13 + (data[10] ?? 0);
    case 43:
      return 7;
    default:
      return 8;
  }
}

/** The frames that leave, right or wrong. */
function spoil(unit: number, answer: Uint8Array, fault: FaultKind | undefined, random: Random): readonly Uint8Array[] {
  const frame = encode(unit, answer);
  switch (fault?.kind) {
    case 'drop':
      return [];
    case 'wrong-unit':
      return [encode((unit % 247) + 1, answer)];
    case 'wrong-function':
      return [encode(unit, Uint8Array.of((answer[0] ?? 0) ^ 1, ...answer.slice(1)))];
    case 'wrong-length':
      return [encode(unit, Uint8Array.of(answer[0] ?? 0, Math.max(0, answer.length - 4), ...answer.slice(2, -2)))];
    case 'wrong-echo':
      return [encode(unit, answer.map((byte, index) => (index === answer.length - 1 ? byte ^ 1 : byte)))];
    case 'bad-crc':
      return [frame.map((byte, index) => (index === frame.length - 1 ? byte ^ 0xff : byte))];
    case 'duplicate':
      return [frame, frame];
    case 'cut-short':
      return [frame.slice(0, frame.length >> 1)];
    case 'garbage':
      return [Uint8Array.from({ length: 1 + Math.floor(random.next() * 64) }, () => Math.floor(random.next() * 256))];
    case 'wrong-transaction':
    case undefined:
    case 'exception':
    case 'delay':
    case 'hang':
    case 'reset':
      return [frame];
  }
}

function encode(unit: number, pdu: Uint8Array): Uint8Array {
  const body = Uint8Array.of(unit, ...pdu);
  const crc = checkSum(body);
  return Uint8Array.of(...body, crc & 0xff, crc >> 8);
}

/** CRC-16/MODBUS, bit by bit as the specification tells it. */
function checkSum(data: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >> 1 : (crc >> 1) ^ 0xa001;
  }
  return crc;
}
