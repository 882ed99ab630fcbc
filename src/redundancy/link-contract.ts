import type { Channel, Endpoint, LinkTransport, Log, Timers } from '../contract/index.js';
import type { LinkHello, LinkMessage } from './link-messages.js';

export interface LinkOptions {
  readonly transport: LinkTransport;
  readonly timers: Timers;
  readonly log: Log;
  /** Absent on a node that only reads: nobody calls it. */
  readonly listen: Endpoint | undefined;
  /** Where to find the partner. Only one of the two dials, so that there is one connection. */
  readonly dial: Endpoint | undefined;
  /** Where else, in turn, after each call in vain. */
  readonly dialToo?: Endpoint | undefined;
  readonly connectTimeoutMs: number;
  readonly redialMs: number;
  /** After so many calls in vain it calls at `slowRedialMs`, for ever. */
  readonly retryCount: number;
  readonly slowRedialMs: number;
  readonly hello: () => LinkHello;
  /** Who may speak at all; without it everybody who greets properly (`tls: off`). */
  readonly gate?: LinkGate | undefined;
}

export interface Refusal {
  readonly code: Extract<LinkMessage, { type: 'refuse' }>['code'];
  readonly reason: string;
}

/** Stands before the greeting. The role machine hears of a refusal as such: never as death. */
export interface LinkGate {
  /** Before a word is exchanged. */
  admit(channel: Channel): Refusal | undefined;
  /** What the greeting says beside what every greeting says. */
  greeting(channel: Channel): Partial<LinkHello>;
  /** `theirs` is proper, and of this site. */
  greeted(channel: Channel, theirs: LinkHello): Refusal | undefined;
  /**
   * Whether a caller who is refused may be the partner all the same: only then is that call a sign of its life. Anybody
   * else could keep a dead node alive by calling. `theirs` where it has greeted.
   */
  mayBePartner(caller: Pick<Channel, 'remote' | 'certificate'>, theirs?: LinkHello): boolean;
  /** What is to be told to the partner as soon as it is there, and again when that has changed. */
  news(): LinkMessage | undefined;
  /** Messages about trust; the answer, if any. `false`: it is not about that. */
  heard(channel: Channel, message: LinkMessage): LinkMessage | undefined | false;
}

/** What a node says of itself even where it is refused. */
export type RefusedPeer = Pick<LinkHello, 'role' | 'position'>;

/** A connection with a node that only reads. */
export interface ReaderLine {
  send(message: LinkMessage): void;
  sendFrame(bytes: Uint8Array): void;
  readonly bufferedBytes: number;
}

/** What reading nodes do; they are never the partner. */
export interface ReaderEvents {
  onUp(line: ReaderLine, hello: LinkHello): void;
  onMessage(line: ReaderLine, message: LinkMessage): void;
  onDown(line: ReaderLine): void;
}

export interface LinkEvents {
  onUp(hello: LinkHello): void;
  onMessage(message: LinkMessage): void;
  onFrame(bytes: Uint8Array): void;
  /** The partner is alive and no partner of ours: another site, configuration or version. `of` where it is of this pair. */
  onRefused(reason: string, of?: RefusedPeer, byThem?: Refusal['code']): void;
  /** `goodbye` when the peer said so before. */
  onDown(how: 'closed' | 'goodbye'): void;
}
