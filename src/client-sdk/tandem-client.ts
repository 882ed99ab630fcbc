import type { AlarmAction } from '../contract/alarm.js';
import type { ClientMessage, RowFormat, ServerMessage, WireAlarm, WirePosition, WireValue } from '../contract/client-protocol.js';
import { Emitter } from './emitter.js';
import { LocalState } from './local-state.js';
import { NodeLink, type LinkContext } from './node-link.js';
import { chooseSource, type Level } from './choose-source.js';
import { Requests } from './requests.js';
import { TandemClientError, type ClientCounters, type ClientEvents, type ClientPoint, type ClientState, type ClientTimers, type Held, type ReadFrom, type TandemClientOptions, type WebSocketLike } from './types.js';
import { uuid } from './uuid.js';

/** The first on each socket: the same in every client, so that the gateway makes each message once for all of them. */
const SUBSCRIPTION = 'main';

const realTimers: ClientTimers = {
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

/**
 * A visualization client of a pair: holds the present values of the points it asked for. It is connected to
 * both nodes, follows the active one, and goes on at the other one by sequence number when that is lost.
 */
export class TandemClient {
  private readonly emitter = new Emitter<ClientEvents>();
  private readonly held = new LocalState();
  private readonly links: readonly NodeLink[];
  private readonly requests: Requests;
  private readonly newId: () => string;
  /** Whom values come from. */
  private current: NodeLink | undefined;
  /** Whom requests go to; the same but where a standby is read. */
  private active: NodeLink | undefined;
  private readonly level: Level = new Map();
  /** What was asked for last, and where. */
  private subscribed: { readonly link: NodeLink; readonly id: string } | undefined;
  private patterns: readonly string[];
  private readonly rows: RowFormat;
  private readonly readFrom: ReadFrom;
  private token: string;
  private now: ClientState = 'connecting';

  constructor(options: TandemClientOptions) {
    this.patterns = options.points;
    this.rows = options.rows ?? 'json';
    this.readFrom = options.readFrom ?? 'active';
    this.token = options.token ?? '';
    this.newId = options.newId ?? uuid;
    const context: LinkContext = {
      open: options.webSocket ?? globalWebSocket(),
      now: options.now ?? (() => performance.now()),
      timers: options.timers ?? realTimers,
      random: options.random ?? Math.random,
    };
    this.requests = new Requests(context.timers, options.requestTimeoutMs ?? 15_000);
    const events = { onMessage: this.onMessage.bind(this), onLost: this.onLost.bind(this) };
    this.links = options.urls.map((url) => new NodeLink(url, context, events));
  }

  start(): void {
    for (const link of this.links) link.start();
  }

  close(): void {
    this.setState('closed');
    this.current = this.active = undefined;
    this.requests.setActive(undefined);
    for (const link of this.links) link.stop();
    this.requests.close();
  }

  /** Calls `listener` for each event; returns the function that ends it. */
  on<Name extends keyof ClientEvents>(name: Name, listener: (event: ClientEvents[Name]) => void): () => void {
    return this.emitter.on(name, listener);
  }

  get state(): ClientState {
    return this.now;
  }

  /** Points by name. */
  get points(): ReadonlyMap<string, ClientPoint> {
    return this.held.points;
  }

  /** Alarms that are not normal, by name. */
  get alarms(): ReadonlyMap<string, WireAlarm> {
    return this.held.alarms;
  }

  /** Everything up to here is held. */
  get position(): WirePosition | undefined {
    return this.held.position;
  }

  get counters(): Readonly<ClientCounters> {
    return this.held.counters;
  }

  /** Address of the node that is active, where it is reached: requests go to it. */
  get activeUrl(): string | undefined {
    return this.active?.url;
  }

  /** Address of the node that tells the values now: the active one, but where a standby is read (`readFrom`). */
  get sourceUrl(): string | undefined {
    return this.current?.url;
  }

  /** Another token, or the key of another session: for what is asked from now on, and for sockets that were refused. */
  setToken(token: string): void {
    this.token = token;
    if (token === '') return;
    for (const link of this.links) if (link.ready && link.knowsUsers) link.send({ type: 'authenticate', token });
  }

  /** Asks for other points; a snapshot of them follows. */
  setPoints(points: readonly string[]): void {
    this.patterns = points;
    this.held.position = undefined;
    if (this.current !== undefined) this.subscribe(this.current);
  }

  /** Writes a point; null relinquishes. Resolves when the gateway has confirmed it, over failovers too. */
  write(point: string, value: WireValue, options: { priority?: number } = {}): Promise<Held> {
    const id = this.newId();
    const { token } = this;
    return this.request(id, (epoch, nonce) => ({ type: 'write', id, point, value, token, epoch, ...(nonce === '' ? {} : { nonce }), ...options }));
  }

  /** Acknowledges an alarm: the occurrence that is held now, unless another is named. */
  acknowledge(alarm: string, options: { occurrence?: number; note?: string } = {}): Promise<Held> {
    const occurrence = options.occurrence ?? this.held.alarms.get(alarm)?.occurrence;
    if (occurrence === undefined) return Promise.reject(new TandemClientError('ALARM_UNKNOWN', `no alarm ${alarm} is there to acknowledge`));
    const id = this.newId();
    const { token } = this;
    return this.request(id, () => ({ type: 'acknowledge', id, alarm, occurrence, token, ...(options.note === undefined ? {} : { note: options.note }) }));
  }

  /** Does something else to alarms: shelve, reset, take out of service, note, silence, mute … Resolves when the gateway has confirmed it. */
  actOnAlarm(action: AlarmAction): Promise<Held> {
    const id = this.newId();
    const { token } = this;
    return this.request(id, () => ({ type: 'alarm', id, token, action }));
  }

  private request(id: string, make: Parameters<Requests['send']>[1]): Promise<Held> {
    if (this.now === 'closed') return Promise.reject(new TandemClientError('NOT_ACTIVE', 'the client is closed'));
    return this.requests.send(id, make);
  }

  private onMessage(link: NodeLink, message: ServerMessage): void {
    switch (message.type) {
      case 'hello':
        // A node that knows no users does not know the message either.
        if (message.access !== undefined && this.token !== '') link.send({ type: 'authenticate', token: this.token });
        this.emitter.emit('role', { url: link.url, node: link.node, role: link.role });
        this.choose();
        return;
      case 'authenticated':
        this.emitter.emit('user', { ...message.user, url: link.url });
        if (link === this.current && this.now === 'unauthorized') this.subscribe(link);
        return;
      case 'role':
        this.emitter.emit('role', { url: link.url, node: link.node, role: link.role });
        this.choose();
        return;
      case 'redirect':
        this.emitter.emit('role', { url: link.url, node: link.node, role: link.role });
        this.leave(link);
        return;
      case 'heartbeat':
        if (link === this.current && this.isFollowing) this.held.advance(message.epoch, message.seq);
        this.lookAtLevel(link);
        this.choose();
        return;
      case 'snapshot':
      case 'changes':
        if (link === this.current && message.id === this.subscribed?.id) this.apply(message);
        return;
      case 'result':
        this.requests.onResult(link, message);
        return;
      case 'error':
        if (message.code === 'NOT_ACTIVE') {
          link.role = 'standby';
          link.refusesReaders = true;
          this.leave(link);
        } else {
          if (message.code === 'CLIENT_UNAUTHORIZED' && link === this.current && link.needsLogin) this.setState('unauthorized');
          this.emitter.emit('problem', { code: message.code, message: message.message, url: link.url });
        }
    }
  }

  private apply(message: Extract<ServerMessage, { type: 'snapshot' | 'changes' }>): void {
    if (message.type === 'snapshot') {
      this.held.snapshot(message);
      this.setFollowing();
      this.emitter.emit('snapshot', { reset: message.reset, position: message.position });
      return;
    }
    const { points, alarms, logs } = this.held.changes(message);
    this.setFollowing();
    if (points.length > 0) this.emitter.emit('change', { points, seq: message.seq });
    for (const alarm of alarms) this.emitter.emit('alarm', alarm);
    for (const log of logs) this.emitter.emit('log', log);
  }

  private onLost(link: NodeLink): void {
    if (this.subscribed?.link === link) this.subscribed = undefined;
    this.requests.onLost(link);
    this.emitter.emit('role', { url: link.url, node: link.node, role: 'unknown' });
    this.leave(link);
  }

  private leave(link: NodeLink): void {
    if (link === this.current) this.current = undefined;
    if (link === this.active) {
      this.active = undefined;
      this.requests.setActive(undefined);
      // The other node is taking over, or is about to: its socket had better be there.
      for (const other of this.links) if (other !== link) other.wake();
    }
    this.choose();
  }

  /** Requests follow the active node of the highest epoch: a node that was overtaken may not know it yet. Values come from it, or from a standby. */
  private choose(): void {
    if (this.now === 'closed') return;
    let active = this.active?.role === 'active' && this.active.ready ? this.active : undefined;
    for (const link of this.links) {
      if (link.ready && link.role === 'active' && (active === undefined || link.epoch > active.epoch)) active = link;
    }
    this.follow(chooseSource(this.readFrom, this.links, active, this.current, this.level));
    if (active === this.active) return;
    this.active = active;
    this.requests.setActive(active);
  }

  private follow(source: NodeLink | undefined): void {
    if (source === this.current && source !== undefined) {
      // A standby that is read has become active, or the other way round.
      if (this.isFollowing) this.setFollowing();
      return;
    }
    this.unsubscribe();
    this.current = source;
    if (source === undefined) {
      if (this.now !== 'connecting') this.setState(this.links.some((link) => link.ready) ? 'switching' : 'offline');
    } else {
      if (this.now !== 'connecting') this.setState('switching');
      this.subscribe(source);
    }
  }

  /** A node is level when it has told, from one of its heartbeats to the next, all that was known at the first of them. */
  private lookAtLevel(link: NodeLink): void {
    const before = this.level.get(link);
    const knownSeq = Math.max(this.held.position?.seq ?? 0, this.active?.seq ?? 0);
    this.level.set(link, { isLevel: before !== undefined && link.seq >= before.knownSeq, knownSeq });
  }

  private get isFollowing(): boolean {
    return this.now === 'live' || this.now === 'reading';
  }

  private setFollowing(): void {
    this.setState(this.current?.role === 'active' ? 'live' : 'reading');
  }

  /**
   * Each on a socket under a name of its own: what is under way of the one before (for other points, or from before this node lost control and got
   * it back) is none of this one's.
   */
  private subscribe(link: NodeLink): void {
    this.unsubscribe();
    link.subscriptions += 1;
    const id = link.subscriptions === 1 ? SUBSCRIPTION : `${SUBSCRIPTION}-${link.subscriptions}`;
    this.subscribed = { link, id };
    const resume = this.held.position;
    const message: ClientMessage = { type: 'subscribe', id, points: this.patterns, ...(this.rows === 'binary' ? { rows: this.rows } : {}), ...(this.readFrom === 'active' ? {} : { anyRole: true }), ...(resume === undefined ? {} : { resume }) };
    link.send(message);
  }

  private unsubscribe(): void {
    const { subscribed } = this;
    this.subscribed = undefined;
    if (subscribed?.link.ready === true) subscribed.link.send({ type: 'unsubscribe', id: subscribed.id });
  }

  private setState(state: ClientState): void {
    if (this.now === state || this.now === 'closed') return;
    this.now = state;
    this.emitter.emit('state', state);
  }
}

function globalWebSocket(): (url: string) => WebSocketLike {
  const { WebSocket } = globalThis as { WebSocket?: new (url: string) => WebSocketLike };
  if (WebSocket === undefined) throw new TandemClientError('USAGE', 'there is no global WebSocket here: give the option `webSocket`');
  return (url) => new WebSocket(url);
}
