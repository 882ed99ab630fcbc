/**
 * Segments of a virtual device (clauses 5.4.5 and 5.4.5.2): requests that come in pieces, answers that leave in
 * pieces, by client and invoke id. Written apart from the driver's, as the codec is.
 */
import type { Address, Timer, Timers } from '../../src/contract/index.js';
import type { ConfirmedRequest, Route, SegmentAcknowledgement } from './frames.js';

export interface Client {
  readonly at: Address;
  readonly route?: Route | undefined;
}

interface Answer {
  readonly header: Buffer;
  readonly parts: readonly Buffer[];
  readonly request: Buffer;
  /** First part that has not been acknowledged, and how many may be on their way. */
  from: number;
  window: number;
  tries: number;
  timer?: Timer;
}

interface Pieces {
  readonly parts: Buffer[];
  sinceAck: number;
  timer: Timer;
}

/** Max_Segments_Accepted. */
export const MOST_SEGMENTS = 256;
const BUFFER_OVERFLOW = 1;
const WINDOW_SIZE_OUT_OF_RANGE = 7;

const SILENCE_MS = 2_000;
const TRIES = 4;

export class Segmentation {
  private readonly answers = new Map<string, Answer>();
  private readonly requests = new Map<string, Pieces>();

  constructor(
    private readonly timers: Timers,
    private readonly window: number,
    private readonly send: (apdu: Buffer, to: Client, expectingReply: boolean) => void,
  ) {}

  /** Sends a ComplexACK of `service` in pieces of APDUs of at most `limit` octets. */
  answer(client: Client, request: ConfirmedRequest, body: Buffer, limit: number): void {
    const key = keyOf(client, request.invokeId);
    const size = limit - 5;
    const parts = Array.from({ length: Math.ceil(body.length / size) }, (_, part) => body.subarray(part * size, (part + 1) * size));
    this.drop(key);
    const answer: Answer = { header: Buffer.from([request.invokeId, request.service]), parts, request: request.body, from: 0, window: 1, tries: TRIES };
    this.answers.set(key, answer);
    this.transmit(key, answer, client);
  }

  /** True for a repetition of the request whose answer is being sent; its beginning is sent again if it seems lost. */
  isAnswering(client: Client, request: ConfirmedRequest): boolean {
    const key = keyOf(client, request.invokeId);
    const answer = this.answers.get(key);
    if (answer?.request.equals(request.body) !== true) return false;
    if (answer.from === 0) this.transmit(key, answer, client);
    return true;
  }

  acknowledged(client: Client, ack: SegmentAcknowledgement): void {
    const key = keyOf(client, ack.invokeId);
    const answer = this.answers.get(key);
    if (answer === undefined) return;
    const taken = (ack.sequence - answer.from + 1) & 255;
    if (taken > Math.min(answer.window, answer.parts.length - answer.from)) return;
    if (taken === 0 && !ack.negative) return;
    answer.from += taken;
    answer.window = ack.window;
    answer.tries = TRIES;
    if (answer.from === answer.parts.length) this.drop(key);
    else this.transmit(key, answer, client);
  }

  /** The client gives up. */
  aborted(client: Client, invokeId: number): void {
    this.drop(keyOf(client, invokeId));
  }

  /** Takes one piece of a request; the whole request with the last one. */
  collect(client: Client, request: ConfirmedRequest): ConfirmedRequest | undefined {
    const { segment, invokeId } = request;
    if (segment === undefined) return request;
    const key = keyOf(client, invokeId);
    if (segment.window < 1 || segment.window > 127) return this.refuse(key, client, invokeId, WINDOW_SIZE_OUT_OF_RANGE);
    let known = this.requests.get(key);
    known?.timer.cancel();
    // The client begins anew; what is here is of a request that it gave up.
    if (segment.sequence === 0 && known !== undefined && (known.parts.length > 1 || known.parts[0]?.equals(request.body) === false)) known = undefined;
    if (known === undefined && segment.sequence !== 0) return undefined;
    const pieces: Pieces = known ?? { parts: [], sinceAck: 0, timer: { cancel: () => undefined } };
    pieces.timer = this.timers.after(TRIES * SILENCE_MS, () => this.requests.delete(key));
    this.requests.set(key, pieces);
    const ack = (negative: boolean): void => {
      pieces.sinceAck = 0;
      const last = (pieces.parts.length - 1) & 255;
      this.send(Buffer.from([negative ? 0x43 : 0x41, invokeId, last, Math.min(this.window, segment.window)]), client, false);
    };
    if (segment.sequence !== (pieces.parts.length & 255)) {
      const isAhead = ((segment.sequence - pieces.parts.length) & 255) < 128;
      ack(isAhead);
      return undefined;
    }
    if (pieces.parts.length === MOST_SEGMENTS) return this.refuse(key, client, invokeId, BUFFER_OVERFLOW);
    pieces.parts.push(Buffer.from(request.body));
    pieces.sinceAck++;
    if (!segment.more || segment.sequence === 0 || pieces.sinceAck >= Math.min(this.window, segment.window)) ack(false);
    if (segment.more) return undefined;
    pieces.timer.cancel();
    this.requests.delete(key);
    return { ...request, body: Buffer.concat(pieces.parts) };
  }

  close(): void {
    for (const key of [...this.answers.keys()]) this.drop(key);
    for (const { timer } of this.requests.values()) timer.cancel();
    this.requests.clear();
  }

  private refuse(key: string, client: Client, invokeId: number, reason: number): ConfirmedRequest | undefined {
    this.requests.get(key)?.timer.cancel();
    this.requests.delete(key);
    this.send(Buffer.from([0x71, invokeId, reason]), client, false);
    return undefined;
  }

  private transmit(key: string, answer: Answer, client: Client): void {
    answer.timer?.cancel();
    answer.timer = this.timers.after(SILENCE_MS, () => {
      if (--answer.tries > 0) this.transmit(key, answer, client);
      else this.answers.delete(key);
    });
    const end = Math.min(answer.parts.length, answer.from + answer.window);
    for (let part = answer.from; part < end; part++) {
      const more = part < answer.parts.length - 1;
      const head = Buffer.from([more ? 0x3c : 0x38, answer.header.readUInt8(0), part & 255, this.window, answer.header.readUInt8(1)]);
      this.send(Buffer.concat([head, answer.parts[part] ?? Buffer.alloc(0)]), client, true);
    }
  }

  private drop(key: string): void {
    this.answers.get(key)?.timer?.cancel();
    this.answers.delete(key);
  }
}

function keyOf({ at, route }: Client, invokeId: number): string {
  return `${at.host}:${at.port}/${route === undefined ? '' : `${route.network}:${route.mac}`}/${invokeId}`;
}
