import type { Random, Timer, Timers } from '../../src/contract/clock.js';
import type { TcpConnection, TcpEvents } from '../../src/contract/network.js';
import { rightFrame, type Behaviour, type Reply } from './behaviours/behaviour.js';
import type { Framing, PlcRequest } from './framing/framing.js';

/** How a bus, or a connection that stands for one, differs from Modbus TCP. */
export interface BusOptions {
  /** Default: `rtu`. */
  readonly framing?: 'rtu' | 'ascii';
  /** Everything takes as long as at this speed, 11 bits a character (10 in ASCII); a pseudo terminal knows no speed of its own. */
  readonly baud?: number;
  /** The master hears what it sends, as with many RS-485 adapters. */
  readonly echo?: boolean;
}

export interface SessionGiven {
  readonly timers: Timers;
  readonly random: Random;
  /** Told of each request; returns what it is met with. */
  received(unit: number, functionCode: number): Behaviour;
  /** Carries a request out; undefined when the unit does not answer. `refusal`: answer with this exception instead. */
  handle(unit: number, pdu: Uint8Array, refusal?: number): Uint8Array | undefined;
  closed(): void;
}

/** On a line a frame ends with a silence (Modbus over Serial Line v1.02, clause 2.5.1.1); what is not whole by then never will be. Long, as a device server has it. */
const SILENCE_MS = 100;

/** One connection of a client, or one serial line: frames in, answers out, and what goes wrong with them. */
export function serve(connection: TcpConnection, framing: Framing, given: SessionGiven, bus: BusOptions = {}): TcpEvents {
  let open = true;
  let silence: Timer | undefined;
  const isOpen = (): boolean => open;
  /** Answers that wait for the next request. */
  let held: Uint8Array[] = [];
  const bitsPerCharacter = bus.framing === 'ascii' ? 10 : 11;
  const send = (bytes: Uint8Array): void => {
    if (open) connection.write(bytes);
  };
  const answer = (request: PlcRequest): void => {
    const behaviour = given.received(request.unit, request.pdu[0] ?? 0);
    const { refusal, deaf, cuts, delayMs = 0, held: isHeld } = behaviour;
    if (deaf === true) return;
    if (cuts === true) {
      (connection.reset ?? connection.destroy).call(connection);
      return;
    }
    const overdue = held;
    held = [];
    const pdu = given.handle(request.unit, request.pdu, refusal);
    const reply: Reply | undefined = pdu === undefined ? undefined : { request, pdu, framing, random: given.random };
    const own = reply === undefined ? [] : (behaviour.frames?.(reply) ?? [rightFrame(reply)]);
    if (isHeld === true) held = [...own];
    let wireMs = 0;
    for (const frame of isHeld === true ? overdue : [...overdue, ...own]) {
      if (bus.baud !== undefined) wireMs += ((wireMs === 0 ? request.frame.length + frame.length : frame.length) * bitsPerCharacter * 1000) / bus.baud;
      const laterMs = wireMs + delayMs;
      if (laterMs > 0) given.timers.after(laterMs, () => send(frame));
      else send(frame);
    }
  };
  return {
    onData: (data) => {
      if (!open) return;
      if (bus.echo === true) send(data.slice());
      silence?.cancel();
      if (framing.forget !== undefined) silence = given.timers.after(SILENCE_MS, () => framing.forget?.());
      const requests = framing.read(data);
      if (requests === undefined) connection.destroy();
      // What follows a request whose connection was cut is for nobody.
      else requests.every((request) => {
        answer(request);
        return isOpen();
      });
    },
    onClose: () => {
      open = false;
      silence?.cancel();
      given.closed();
    },
  };
}
