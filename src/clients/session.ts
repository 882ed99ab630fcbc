import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { CloseCode, formatRoles, messageOf, TandemError, type ClientMessage, type ErrorCode, type Position, type Principal, type ServerMessage, type Timer } from '../contract/index.js';
import type { Frame } from '../image/index.js';
import { parseClientMessage, waitingFor } from './client-message.js';
import { mustReachSomewhere } from './guard.js';
import { limits } from './limits.js';
import { Reach } from './reach.js';
import { messageRoles } from './route-roles.js';
import { requestOf } from './session-requests.js';
import { Subscription, type Outlet, type SubscriptionContext } from './subscription.js';

export interface SessionContext extends SubscriptionContext {
  /** Position that clients may see. */
  visible(): Position;
  /** This node itself was away for so long that nobody waits for an answer to what was sent before. */
  wasAway(): boolean;
}

type Subscribe = Extract<ClientMessage, { type: 'subscribe' }>;

/** One WebSocket of one client. */
export class Session implements Outlet {
  private readonly subscriptions = new Map<string, Subscription>();
  private malformed = 0;
  private messages = 0;
  private inFlight = 0;
  private stalled = 0;
  private beats = 0;
  private alive = true;
  private ending: Timer | undefined;
  private principal: Principal | undefined;

  constructor(
    private readonly context: SessionContext,
    private readonly socket: WebSocket,
    stream: Duplex,
    readonly remote: string,
    /** A token or the key of a session. */
    private credential: string | undefined,
    onClose: () => void,
  ) {
    this.principal = this.who();
    socket.on('message', (data: Buffer, isBinary: boolean) => this.onMessage(data, isBinary));
    socket.on('pong', () => (this.alive = true));
    // What an error means is that the socket closes, and that is heard below.
    socket.on('error', (error) => this.context.log.debug(`${remote}: ${error.message}`));
    socket.on('close', () => {
      this.ending?.cancel();
      this.dropSubscriptions();
      onClose();
    });
    stream.on('drain', () => this.pump());
  }

  /** Who it is of, where somebody has said so. */
  get user(): Principal | undefined {
    return this.principal?.kind === 'anyone' ? undefined : this.principal;
  }

  get bufferedBytes(): number {
    return this.socket.bufferedAmount;
  }

  get full(): boolean {
    return this.bufferedBytes > limits.bufferedBytes;
  }

  /** Wants values of this node whatever its role. */
  get anyRole(): boolean {
    return this.subscriptions.size > 0 && [...this.subscriptions.values()].every((subscription) => subscription.anyRole);
  }

  send(bytes: Buffer, isBinary = false): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(bytes, { binary: isBinary });
  }

  tell(message: ServerMessage): void {
    this.send(Buffer.from(JSON.stringify(message)));
  }

  onFrame(frame: Frame): void {
    for (const subscription of this.subscriptions.values()) subscription.onFrame(frame);
  }

  /** Each heartbeat. `shared` says that everything visible has been sent, which is true of most sessions. */
  beat(shared: Buffer, own: (position: Position) => ServerMessage): void {
    this.messages = 0;
    this.lookAgain();
    if (this.full) {
      if (++this.stalled >= limits.stalledBeats) this.end(CloseCode.slow, 'does not read');
      return;
    }
    this.stalled = 0;
    if (++this.beats % limits.beatsPerPing === 0) {
      if (!this.alive) {
        this.socket.terminate();
        return;
      }
      this.alive = false;
      this.socket.ping();
    }
    const position = this.position();
    if (position.seq === this.context.visible().seq) this.send(shared);
    else this.tell(own(position));
    this.pump();
  }

  /** Sends the client to the node that took over. */
  redirect(url: string): void {
    const { revision } = this.context.api.state.table;
    const scope = this.principal === undefined ? '' : new Reach(this.context.api, this.principal).key;
    this.tell({ type: 'redirect', url, position: { ...this.position(), revision, ...(scope === '' ? {} : { scope }) } });
    this.end(CloseCode.redirect, 'not active any more');
  }

  /** Ends what this node may not serve any more, where there is no other node to go to. */
  refuseSubscriptions(): void {
    for (const [id, subscription] of this.subscriptions) {
      if (subscription.anyRole && this.context.api.servesReaders()) continue;
      subscription.close();
      this.subscriptions.delete(id);
      this.error('NOT_ACTIVE', notActive(id));
    }
  }

  end(code: number, reason: string): void {
    this.dropSubscriptions();
    this.socket.close(code, reason);
    // A peer that does not read would never answer the close.
    this.ending ??= this.context.timers.after(2_000, () => this.socket.terminate());
  }

  terminate(): void {
    this.socket.terminate();
  }

  /** What the client has been sent: the least of its subscriptions, or what is visible when it has none. */
  private position(): Position {
    let least = this.context.visible();
    for (const { position } of this.subscriptions.values()) if (position.seq < least.seq) least = position;
    return least;
  }

  private pump(): void {
    for (const subscription of this.subscriptions.values()) subscription.pump();
  }

  private dropSubscriptions(): void {
    for (const subscription of this.subscriptions.values()) subscription.close();
    this.subscriptions.clear();
  }

  private onMessage(data: Buffer, isBinary: boolean): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    if (this.context.wasAway()) {
      this.terminate();
      return;
    }
    if (++this.messages > limits.messagesPerBeat) {
      this.end(CloseCode.limit, 'too many messages');
      return;
    }
    const text = isBinary ? '' : data.toString('utf8');
    try {
      if (isBinary) throw new TandemError('CLIENT_MALFORMED', 'messages are texts');
      this.handle(parseClientMessage(text));
    } catch (error) {
      const code = error instanceof TandemError ? error.code : 'INTERNAL';
      if (code === 'INTERNAL') this.context.log.error(`message of ${this.remote} failed`, error);
      const id = code === 'CLIENT_MALFORMED' ? waitingFor(text) : undefined;
      // Somebody waits for what became of it (a note that is too long): nothing did, and they shall not believe that something might have.
      if (id !== undefined) {
        this.tell({ type: 'result', id, ok: false, code: 'CLIENT_MALFORMED', message: messageOf(error) });
        return;
      }
      this.error(code, code === 'INTERNAL' ? 'internal error' : messageOf(error));
      if (code === 'CLIENT_MALFORMED' && ++this.malformed >= limits.malformed) this.end(CloseCode.malformed, 'malformed messages');
    }
  }

  private handle(message: ClientMessage): void {
    switch (message.type) {
      case 'authenticate':
        this.authenticate(message.token);
        return;
      case 'subscribe':
        this.subscribe(message);
        return;
      case 'unsubscribe':
        this.subscriptions.get(message.id)?.close();
        this.subscriptions.delete(message.id);
        return;
      case 'write':
      case 'acknowledge':
      case 'alarm':
        this.request(message);
    }
  }

  private subscribe(message: Subscribe): void {
    this.lookAgain();
    const { principal } = this;
    mustReachSomewhere(principal, messageRoles.subscribe);
    const anyRole = message.anyRole === true;
    const { api } = this.context;
    if (api.role() !== 'active' && !(anyRole && api.servesReaders())) {
      this.error('NOT_ACTIVE', notActive(message.id));
      return;
    }
    if (!this.subscriptions.has(message.id) && this.subscriptions.size >= limits.subscriptionsPerSocket) {
      throw new TandemError('CLIENT_LIMIT', `at most ${limits.subscriptionsPerSocket} subscriptions on one socket`);
    }
    this.subscriptions.get(message.id)?.close();
    const subscription = new Subscription(this.context, this, message.id, message.points, anyRole, message.rows, new Reach(api, principal));
    this.subscriptions.set(message.id, subscription);
    subscription.start(message.resume);
  }

  private request(message: Extract<ClientMessage, { type: 'write' | 'acknowledge' | 'alarm' }>): void {
    const { id } = message;
    const refuse = (code: ErrorCode, text: string): void => this.tell({ type: 'result', id, ok: false, code, message: text });
    if (this.inFlight >= limits.requestsInFlight) {
      refuse('CLIENT_LIMIT', `at most ${limits.requestsInFlight} requests may wait for their result`);
      return;
    }
    this.inFlight++;
    // By the roles of this instant: what somebody may do no longer is refused at once.
    requestOf(this.context.api, message, this.who(), this.remote)
      .then(({ held, refused }) => this.tell({ type: 'result', id, ok: true, held, ...(refused === undefined ? {} : { refused }) }))
      .catch((error: unknown) => {
        if (error instanceof TandemError) {
          refuse(error.code, error.message);
        } else {
          this.context.log.error(`request ${id} of ${this.remote} failed`, error);
          refuse('INTERNAL', 'internal error');
        }
      })
      .finally(() => this.inFlight--);
  }

  private authenticate(token: string): void {
    this.credential = token;
    this.principal = this.who();
    const { user } = this;
    if (user === undefined) {
      this.dropUnlessOpen();
      throw new TandemError('CLIENT_UNAUTHORIZED', 'this token is not known, or not any more');
    }
    this.regard();
    this.greet(user);
  }

  private who(): Principal | undefined {
    const { access } = this.context.api;
    return (this.credential === undefined ? undefined : access.who(this.credential)) ?? access.anyone;
  }

  /** A session ends, a token is revoked, a user gets other roles: the socket goes by it at once, and at the latest from the next heartbeat on. */
  lookAgain(): void {
    if (this.credential === undefined) return;
    const before = this.user;
    this.principal = this.who();
    const { user } = this;
    if (user !== undefined && before !== undefined && formatRoles(user) !== formatRoles(before)) {
      this.regard();
      this.greet(user);
    }
    if (before === undefined || user !== undefined) return;
    this.credential = undefined;
    this.dropUnlessOpen();
    this.error('CLIENT_UNAUTHORIZED', 'the session has ended: authenticate again');
  }

  private dropUnlessOpen(): void {
    if (this.principal === undefined) this.dropSubscriptions();
    else this.regard();
  }

  private greet({ name, role, areas }: Principal): void {
    this.tell({ type: 'authenticated', user: { name, role, ...(areas === undefined ? {} : { areas }) } });
  }

  /** What the subscriptions show follows the roles. */
  private regard(): void {
    const { principal } = this;
    if (principal === undefined || this.subscriptions.size === 0) return;
    const reach = new Reach(this.context.api, principal);
    for (const subscription of this.subscriptions.values()) subscription.regard(reach);
  }

  private error(code: ErrorCode, message: string): void {
    this.tell({ type: 'error', code, message });
  }
}

function notActive(id: string): string {
  return `subscription ${id}: this node is not active; subscribe when it says so, or with anyRole to read`;
}

