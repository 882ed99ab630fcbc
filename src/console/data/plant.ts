import { TandemClient, TandemClientError, type Held, type WireAlarm, type WireValue } from '../../client-sdk/index.js';
import type { AlarmAction } from '../../contract/alarm.js';
import type { WireUser } from '../../contract/client-protocol.js';
import type { Role } from '../../contract/redundancy-status.js';
import { compareAlarms } from '../format/alarms.js';
import { FrameThrottle } from './frame-throttle.js';
import { emptyView, type ConnectionState, type ControlMove, type PlantView } from './plant-view.js';
import { PointBoard } from './point-board.js';
import type { Session } from './session.js';
import { StandbyReader } from './standby-reader.js';
import { Store } from './store.js';

interface NodeFacts {
  readonly node: string;
  readonly role: Role | 'unknown';
}

/** How long no node may be active before the values of a standby are shown instead. */
const patienceMs = 1500;

/** The present plant: a TandemClient over both nodes, published as a view once per animation frame, and to a hidden tab as often as its title and sound need. */
export class Plant extends Store<PlantView> {
  readonly #session: Session;
  readonly #nodes = new Map<string, NodeFacts>();
  readonly #frame = new FrameThrottle(() => this.set(this.#compose()));
  readonly #board = new PointBoard();
  /** Of what a standby holds, while no node is active. */
  readonly #readBoard = new PointBoard();
  readonly #reader = new StandbyReader(
    () => this.#standbyUrl(),
    () => {
      if (this.#reader.plant !== undefined) this.#readBoard.replace(this.#reader.plant.points);
      this.#frame.request();
    },
  );
  readonly #onRole: () => void;
  readonly #onRefused: () => void;
  readonly #onUser: (user: WireUser) => void;
  #client: TandemClient | undefined;
  #patience: number | undefined;
  #activeUrl = '';
  #activeNode = '';
  #followedSinceMs = 0;
  #move: ControlMove | undefined;

  /** `onRole`: a node has said that its role changed; `onRefused`: it does not know what this page shows it; `onUser`: whom it takes that to be of. */
  constructor(session: Session, onRole: () => void, onRefused: () => void, onUser: (user: WireUser) => void) {
    super(emptyView);
    this.#onRole = onRole;
    this.#onRefused = onRefused;
    this.#onUser = onUser;
    this.#session = session;
    session.subscribe(() => this.#client?.setToken(session.get() ?? ''));
  }

  /** Connects to these nodes; again with both as soon as the second address is learned. */
  follow(urls: readonly string[]): void {
    this.#client?.close();
    const client = new TandemClient({ urls, points: ['*'], token: this.#session.get() ?? '' });
    this.#client = client;
    const changed = (): void => this.#frame.request();
    client.on('change', ({ points }) => {
      this.#board.change(points);
      changed();
    });
    client.on('alarm', () => this.#frame.request(true));
    client.on('snapshot', () => {
      this.#board.replace([...client.points.values()]);
      changed();
    });
    client.on('state', () => this.#onState());
    client.on('problem', ({ code }) => {
      if (code === 'CLIENT_UNAUTHORIZED' && this.#session.get() !== undefined) this.#onRefused();
    });
    client.on('user', (user) => this.#onUser(user));
    client.on('role', ({ url, node, role }) => {
      this.#nodes.set(url, { node, role });
      this.#onState();
      this.#onRole();
    });
    client.start();
  }

  async write(point: string, value: WireValue): Promise<Held> {
    return this.#request((client) => client.write(point, value));
  }

  async acknowledge(alarm: WireAlarm, note = ''): Promise<Held> {
    return this.#request((client) => client.acknowledge(alarm.name, { occurrence: alarm.occurrence, ...(note === '' ? {} : { note }) }));
  }

  /** Shelve, note, silence, mute … */
  async actOnAlarm(action: AlarmAction): Promise<Held> {
    return this.#request((client) => client.actOnAlarm(action));
  }

  dismissMove(): void {
    this.#move = undefined;
    this.#frame.request();
  }

  async #request(send: (client: TandemClient) => Promise<Held>): Promise<Held> {
    if (this.#client === undefined) throw new TandemClientError('NOT_ACTIVE', 'not connected');
    try {
      return await send(this.#client);
    } catch (error) {
      // A token that is refused once would be refused for ever: ask for another one.
      if (error instanceof TandemClientError && error.code === 'CLIENT_UNAUTHORIZED') this.#onRefused();
      throw error;
    }
  }

  #onState(): void {
    const { state, activeUrl } = this.#client ?? {};
    if (state === 'live' && activeUrl !== undefined) {
      this.#followed(activeUrl);
      window.clearTimeout(this.#patience);
      this.#patience = undefined;
      this.#reader.stop();
    } else {
      this.#patience ??= window.setTimeout(() => this.#reader.start(), patienceMs);
    }
    this.#frame.request();
  }

  #followed(url: string): void {
    const { node } = this.#nodes.get(url) ?? { node: '' };
    if (url === this.#activeUrl && node === this.#activeNode) return;
    const nowMs = Date.now();
    if (this.#activeNode !== '' && node !== this.#activeNode) this.#move = { from: this.#activeNode, to: node, timeMs: nowMs };
    this.#activeUrl = url;
    this.#activeNode = node;
    this.#followedSinceMs = nowMs;
  }

  #standbyUrl(): string | undefined {
    return [...this.#nodes].find(([, { role }]) => role === 'standby')?.[0];
  }

  #connection(): ConnectionState {
    switch (this.#client?.state) {
      case 'live':
        return 'live';
      case 'reading':
      case 'switching':
        return this.#reader.plant === undefined ? 'switching' : 'reading';
      case 'offline':
        return 'lost';
      case 'connecting':
      case 'unauthorized':
      case 'closed':
      case undefined:
        return this.#reader.plant === undefined ? 'connecting' : 'reading';
    }
  }

  #compose(): PlantView {
    const client = this.#client;
    const connection = this.#connection();
    const read = connection === 'reading' ? this.#reader.plant : undefined;
    const alarms = read?.alarms ?? [...(client?.alarms.values() ?? [])];
    const nodeUrl = read?.url ?? this.#activeUrl;
    return {
      connection,
      node: this.#nodes.get(nodeUrl)?.node ?? this.#activeNode,
      nodeUrl,
      epoch: client?.position?.epoch.number ?? 0,
      followedSinceMs: this.#followedSinceMs,
      move: this.#move,
      ...(read === undefined ? this.#board : this.#readBoard).view(),
      alarms: [...alarms].sort(compareAlarms),
    };
  }
}
