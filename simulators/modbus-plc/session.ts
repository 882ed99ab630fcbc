import type { Random, Timers } from '../../src/contract/clock.js';
import type { TcpConnection, TcpEvents } from '../../src/contract/network.js';
import type { FaultKind } from './faults.js';

const HEADER = 7;
const WRONG_TRANSACTION = 0x5a5a;

export interface SessionGiven {
  readonly timers: Timers;
  readonly random: Random;
  /** Told of each request; returns the fault for it, if there is one. */
  received(unit: number, functionCode: number): FaultKind | undefined;
  /** Carries a request out; undefined when the unit does not answer. `refusal`: answer with this exception instead. */
  handle(unit: number, pdu: Uint8Array, refusal?: number): Uint8Array | undefined;
  closed(): void;
}

/** One connection of a client: frames in, answers out, and the faults of the wire. */
export function serve(connection: TcpConnection, given: SessionGiven): TcpEvents {
  let rest: Uint8Array = new Uint8Array(0);
  let open = true;
  const send = (bytes: Uint8Array): void => {
    if (open) connection.write(bytes);
  };
  const answerFrame = (frame: Uint8Array): void => {
    const unit = frame[6] ?? 0;
    const pdu = frame.slice(HEADER);
    const fault = given.received(unit, pdu[0] ?? 0);
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'reset') {
      (connection.reset ?? connection.destroy).call(connection);
      return;
    }
    const answer = given.handle(unit, pdu, fault?.kind === 'exception' ? fault.code : undefined);
    if (answer === undefined) return;
    const whole = new Uint8Array(HEADER + answer.length);
    whole.set(frame.subarray(0, HEADER));
    whole.set(answer, HEADER);
    setLength(whole);
    if (fault?.kind === 'delay') given.timers.after(fault.delayMs, () => send(whole));
    else for (const part of spoil(whole, fault, given.random)) send(part);
  };
  return {
    onData: (data) => {
      rest = join(rest, data);
      while (open && rest.length >= HEADER) {
        const length = word(rest, 4);
        if (word(rest, 2) !== 0 || length < 2 || length > 254) {
          connection.destroy();
          return;
        }
        if (rest.length < 6 + length) return;
        const frame = rest.slice(0, 6 + length);
        rest = rest.slice(6 + length);
        answerFrame(frame);
      }
    },
    onClose: () => {
      open = false;
      given.closed();
    },
  };
}

/** The frames that leave instead of a right one. */
function spoil(frame: Uint8Array, fault: FaultKind | undefined, random: Random): readonly Uint8Array[] {
  switch (fault?.kind) {
    case 'drop':
      return [];
    case 'duplicate':
      return [frame, frame];
    case 'wrong-transaction':
      frame[0] = (frame[0] ?? 0) ^ (WRONG_TRANSACTION >> 8);
      frame[1] = (frame[1] ?? 0) ^ (WRONG_TRANSACTION & 0xff);
      return [frame];
    case 'wrong-unit':
      frame[6] = (frame[6] ?? 0) ^ 0x40;
      return [frame];
    case 'wrong-function':
      frame[HEADER] = (frame[HEADER] ?? 0) ^ 0x07;
      return [frame];
    case 'wrong-echo':
      frame[frame.length - 1] = (frame[frame.length - 1] ?? 0) ^ 0x01;
      return [frame];
    case 'wrong-length': {
      const short = frame.slice(0, Math.max(HEADER + 2, frame.length - 2));
      if (short.length > HEADER + 1) short[HEADER + 1] = short.length - HEADER - 2;
      setLength(short);
      return [short];
    }
    case 'cut-short':
      return [frame.slice(0, frame.length >> 1)];
    case 'garbage':
      return [Uint8Array.from({ length: 1 + Math.floor(random.next() * 64) }, () => Math.floor(random.next() * 256))];
    case 'bad-crc':
    case undefined:
    case 'exception':
    case 'delay':
    case 'hang':
    case 'reset':
      return [frame];
  }
}

function setLength(frame: Uint8Array): void {
  const length = frame.length - 6;
  frame[4] = length >> 8;
  frame[5] = length & 0xff;
}

function word(data: Uint8Array, index: number): number {
  return ((data[index] ?? 0) << 8) | (data[index + 1] ?? 0);
}

export function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}
