import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Subscription as Subscriptions } from 'rxjs';
import type { WebSocket } from 'ws';
import { CLIENT_PROTOCOL, CloseCode, NO_EPOCH, sameEpoch, type Epoch, type Log, type Position, type Principal, type Role, type ServerMessage, type Timer, type Timers, type WireUser } from '../contract/index.js';
import { NO_POSITION, type Frame, type Put } from '../image/index.js';
import { credentialOf } from './credential.js';
import { limits } from './limits.js';
import type { NodeApi } from './node-api.js';
import { PointSets } from './point-sets.js';
import type { Presence } from './presence.js';
import { Session, type SessionContext } from './session.js';

/** All sessions: brings them the frames, the role and the heartbeat. */
export class SessionHub {
  readonly sets: PointSets;
  private readonly sessions = new Set<Session>();
  private readonly subscriptions = new Subscriptions();
  private readonly context: SessionContext;
  private seen: Position = NO_POSITION;
  private role: Role = 'starting';
  /** Epoch that the last word of the role was about. */
  private told: Epoch = NO_EPOCH;
  private heartbeat: Timer | undefined;
  private onEmpty: (() => void) | undefined;

  constructor(
    private readonly api: NodeApi,
    private readonly timers: Timers,
    private readonly presence: Presence,
    private readonly log: Log,
  ) {
    this.sets = new PointSets(() => api.role());
    // What still waits in the sockets of who has given up is of nobody: carried out now, it would come after what has been asked for since (story 17992).
    this.context = { api, sets: this.sets, timers, log, visible: () => this.seen, wasAway: () => presence.wasAway };
  }

  get size(): number {
    return this.sessions.size;
  }

  get bufferedBytes(): number {
    let sum = 0;
    for (const session of this.sessions) sum += session.bufferedBytes;
    return sum;
  }

  start(): void {
    const { api, log } = this;
    const held = api.state.position;
    api.whenVisible(held.seq).then(
      () => {
        if (this.seen.seq < held.seq) this.seen = held;
      },
      (error: unknown) => log.error('the restored state does not become visible', error),
    );
    // A subscriber that throws would take the whole pipeline down with it.
    this.subscriptions.add(api.visible$.subscribe((frame) => this.guard('a frame', () => this.onFrame(frame))));
    this.subscriptions.add(api.role$.subscribe((role) => this.guard('a change of role', () => this.onRole(role))));
    this.presence.begin();
    this.heartbeat = this.timers.every(limits.heartbeatMs, () => this.guard('a heartbeat', () => this.beat()));
  }

  /** Says goodbye to every client, and cuts off those that have not answered after `patienceMs`. */
  async stop(patienceMs: number): Promise<void> {
    this.subscriptions.unsubscribe();
    this.heartbeat?.cancel();
    for (const session of this.sessions) session.end(CloseCode.shutdown, 'the node stops');
    if (this.sessions.size === 0) return;
    await new Promise<void>((resolve) => {
      const patience = this.timers.after(patienceMs, resolve);
      this.onEmpty = () => {
        patience.cancel();
        resolve();
      };
    });
    for (const session of this.sessions) session.terminate();
  }

  accept(socket: WebSocket, stream: Duplex, request: IncomingMessage): void {
    const session: Session = new Session(this.context, socket, stream, request.socket.remoteAddress ?? 'unknown', credentialOf(this.api, request)?.secret, () => {
      this.sessions.delete(session);
      if (this.sessions.size === 0) this.onEmpty?.();
    });
    this.sessions.add(session);
    session.tell({
      type: 'hello',
      protocol: CLIENT_PROTOCOL,
      site: this.api.site,
      node: this.api.node,
      role: this.api.role(),
      ...this.peerUrl(),
      position: { ...plain(this.seen), revision: this.api.state.table.revision },
      heartbeatMs: limits.heartbeatMs,
      access: this.api.access.anyone === undefined ? 'login' : 'open',
      ...(session.user === undefined ? {} : { user: userOf(session.user) }),
    });
  }

  private onFrame(frame: Frame): void {
    const isNext = !sameEpoch(frame.epoch, this.seen.epoch);
    this.seen = { epoch: frame.epoch, seq: frame.seq };
    // It led before and leads on, after a split: requests that are sent under the epoch before would be refused.
    if (isNext && this.role === 'active' && !sameEpoch(frame.epoch, this.told)) {
      const message = this.roleMessage(frame.epoch);
      for (const session of this.sessions) session.tell(message);
    }
    // Before the frame is told: who may not see it any more does not get it.
    if (frame.puts.some(changesRoles)) for (const session of this.sessions) session.lookAgain();
    for (const session of this.sessions) session.onFrame(frame);
  }

  private onRole(role: Role): void {
    const wasActive = this.role === 'active';
    if (role === this.role) return;
    this.role = role;
    const peerUrl = this.api.peerUrl();
    const message = this.roleMessage(this.epoch());
    for (const session of this.sessions) {
      if (wasActive && peerUrl !== undefined && !(session.anyRole && this.api.servesReaders())) {
        session.redirect(peerUrl);
      } else {
        session.tell(message);
        if (wasActive) session.refuseSubscriptions();
      }
    }
  }

  private roleMessage(epoch: Epoch): ServerMessage {
    this.told = epoch;
    return { type: 'role', role: this.role, epoch, ...this.peerUrl() };
  }

  private beat(): void {
    const awayMs = this.presence.beat();
    if (awayMs !== undefined && this.sessions.size > 0) {
      this.log.warn(`this node did not run for ${Math.round(awayMs)} ms: ${this.sessions.size} clients have to connect again, and what they had sent is not carried out`);
      for (const session of this.sessions) session.terminate();
    }
    const message = (position: Position): ServerMessage => ({ type: 'heartbeat', role: this.api.role(), ...plain(position) });
    const shared = Buffer.from(JSON.stringify(message(this.seen)));
    for (const session of this.sessions) session.beat(shared, message);
  }

  private epoch(): Epoch {
    const entry = this.api.status().epoch;
    return entry === null ? NO_EPOCH : { number: entry.number, node: entry.node, nonce: entry.nonce };
  }

  private peerUrl(): { peerUrl?: string } {
    const peerUrl = this.api.peerUrl();
    return peerUrl === undefined ? {} : { peerUrl };
  }

  private guard(what: string, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.log.error(`clients: ${what} failed`, error);
    }
  }
}

/** A user or a token with other roles, or a session that has ended; not one that was only used. */
function changesRoles({ key, value }: Put): boolean {
  return key.startsWith('auth/user/') || key.startsWith('auth/api-token/') || (value === null && key.startsWith('auth/session/'));
}

function userOf({ name, role, areas }: Principal): WireUser {
  return { name, role, ...(areas === undefined ? {} : { areas }) };
}

function plain(position: Position): Position {
  return { epoch: position.epoch, seq: position.seq };
}
