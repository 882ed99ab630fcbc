import { readChanges } from './binary-changes.js';
import type { ClientMessage, ServerMessage } from '../contract/client-protocol.js';
import type { Epoch } from '../contract/position.js';
import type { Role } from '../contract/redundancy-status.js';
import type { ClientTimers, WebSocketLike } from './types.js';

export interface LinkContext {
  readonly open: (url: string) => WebSocketLike;
  readonly now: () => number;
  readonly timers: ClientTimers;
  readonly random: () => number;
}

export interface LinkEvents {
  onMessage(link: NodeLink, message: ServerMessage): void;
  onLost(link: NodeLink): void;
}

const HELLO_WITHIN_MS = 5_000;
const CHECK_MS = 500;
const MISSED_BEATS = 3;
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 5_000;
/** Spread of a thousand screens that are all sent to the other node in one instant. */
const WAKE_SPREAD_MS = 50;

/** The connection to one node, opened again for as long as the client lives. Knows the role that the node told. */
export class NodeLink {
  readonly socketUrl: string;
  role: Role | 'unknown' = 'unknown';
  /** Number of the epoch in which the node is, as far as it told. */
  epoch = 0;
  /** Nonce of that epoch. */
  nonce = '';
  node = '';
  /** The node keeps users; with `needsLogin` it tells nothing to anybody else. */
  knowsUsers = false;
  needsLogin = false;
  /** The node has said hello. */
  ready = false;
  /** As a standby it has refused to be read. */
  refusesReaders = false;
  /** Frame up to which the node has told at its latest heartbeat. */
  seq = 0;
  /** How often something was subscribed on the present socket; whoever does so counts. */
  subscriptions = 0;
  private socket: WebSocketLike | undefined;
  private timer: { cancel(): void } | undefined;
  private failures = 0;
  private heardAt = 0;
  private checkedAt = 0;
  private silenceMs = HELLO_WITHIN_MS;
  private stopped = false;

  constructor(
    readonly url: string,
    private readonly context: LinkContext,
    private readonly events: LinkEvents,
  ) {
    this.socketUrl = `${url.replace(/^http/, 'ws').replace(/\/+$/, '')}/ws`;
  }

  start(): void {
    if (!this.stopped) this.connect();
  }

  stop(): void {
    this.stopped = true;
    this.timer?.cancel();
    const { socket } = this;
    this.socket = undefined;
    this.ready = false;
    socket?.close(1000);
  }

  send(message: ClientMessage): void {
    try {
      this.socket?.send(JSON.stringify(message));
    } catch {
      // A socket that is closing refuses; its close event follows, and what was not answered is sent again.
    }
  }

  /** Something says that this node is wanted now: where the next attempt is still being waited for, make it. */
  wake(): void {
    if (this.stopped || this.socket !== undefined) return;
    this.timer?.cancel();
    this.failures = 0;
    this.timer = this.context.timers.after(WAKE_SPREAD_MS * this.context.random(), () => this.start());
  }

  /** Gives the socket up and connects anew. */
  drop(): void {
    const { socket } = this;
    if (socket === undefined) return;
    this.lost(socket);
    // A dead peer never answers a close: do not wait for it where that can be said.
    if (socket.terminate === undefined) socket.close();
    else socket.terminate();
  }

  private connect(): void {
    let socket: WebSocketLike;
    try {
      socket = this.context.open(this.socketUrl);
    } catch {
      this.retry();
      return;
    }
    socket.binaryType = 'arraybuffer';
    this.socket = socket;
    this.subscriptions = 0;
    this.silenceMs = HELLO_WITHIN_MS;
    this.heardAt = this.checkedAt = this.context.now();
    socket.addEventListener('message', (event) => this.onMessage(socket, event.data));
    socket.addEventListener('close', () => this.lost(socket));
    // An error is always followed by a close.
    socket.addEventListener('error', () => undefined);
    this.timer = this.context.timers.after(CHECK_MS, () => this.check());
  }

  private onMessage(socket: WebSocketLike, data: unknown): void {
    if (socket !== this.socket || !(typeof data === 'string' || data instanceof ArrayBuffer)) return;
    this.heardAt = this.context.now();
    let message: ServerMessage;
    try {
      message = typeof data === 'string' ? (JSON.parse(data) as ServerMessage) : readChanges(data);
    } catch {
      this.drop();
      return;
    }
    if (message.type === 'hello') {
      this.ready = true;
      this.refusesReaders = false;
      this.failures = 0;
      this.node = message.node;
      this.knowsUsers = message.access !== undefined;
      this.needsLogin = message.access === 'login';
      this.role = message.role;
      this.seq = message.position.seq;
      ({ number: this.epoch, nonce: this.nonce } = message.position.epoch);
      this.silenceMs = message.heartbeatMs * MISSED_BEATS;
    } else if (message.type === 'role' || message.type === 'heartbeat') {
      this.role = message.role;
      if (message.type === 'heartbeat') this.seq = message.seq;
      else this.refusesReaders = false;
      this.learn(message.epoch);
    } else if (message.type === 'snapshot') {
      this.learn(message.position.epoch);
    } else if (message.type === 'changes') {
      this.learn(message.epoch);
    } else if (message.type === 'redirect') {
      this.role = 'standby';
    }
    this.events.onMessage(this, message);
  }

  /** A node may begin an epoch without a change of its role (after a split): what is sent under the one before would be refused. */
  private learn({ number, nonce }: Epoch): void {
    if (number >= this.epoch) [this.epoch, this.nonce] = [number, nonce];
  }

  private check(): void {
    const now = this.context.now();
    const stalled = now - this.checkedAt > 3 * CHECK_MS;
    this.checkedAt = now;
    this.timer = this.context.timers.after(CHECK_MS, () => this.check());
    // After an own stall (a busy page, a laptop that slept) messages are waiting that have not been heard yet.
    if (!stalled && now - this.heardAt > this.silenceMs) this.drop();
  }

  private lost(socket: WebSocketLike): void {
    if (socket !== this.socket) return;
    this.socket = undefined;
    this.ready = false;
    this.role = 'unknown';
    this.timer?.cancel();
    if (!this.stopped) this.retry();
    this.events.onLost(this);
  }

  /** Exponential, with jitter: a thousand screens must not come back in the same instant. */
  private retry(): void {
    const delayMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.failures++) * (0.5 + this.context.random());
    this.timer = this.context.timers.after(delayMs, () => this.start());
  }
}
