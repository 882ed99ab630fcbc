import { messageOf, type Channel, type ChannelEvents, type Clock, type Endpoint, type LinkTransport, type Listener, type Log, type Random, type Timers } from '../contract/index.js';
import { SealedChannel } from './sealed-channel.js';
import { initialWitnessState, sameRecord, stepWitness, type WitnessRecord, type WitnessRequest, type WitnessState } from './witness-core.js';
import { makeRoom } from './strangers.js';
import { parseOpen, parseWitnessRequest, WITNESS_PROTOCOL } from './witness-messages.js';

/** The witness's own small disk: one record for each site. */
export interface WitnessDisk {
  load(): Promise<ReadonlyMap<string, WitnessRecord>>;
  /** Durable when it resolves. */
  save(site: string, record: WitnessRecord): Promise<void>;
}

export interface WitnessServerOptions {
  readonly listen: Endpoint;
  readonly secret: string;
  /** Sites that it serves; all where absent. */
  readonly sites?: readonly string[];
  readonly disk: WitnessDisk;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly transport: LinkTransport;
  readonly log: Log;
}

interface Session {
  readonly channel: Channel;
  readonly nonce: string;
  sealed?: SealedChannel;
  /** It has shown that it has the secret. */
  isKnown: boolean;
  site: string;
  node: string;
}

/** A connection that has not proved who it is after this is nobody's. */
const GREETING_MS = 5_000;

/** The same of one machine is said again after this: who is refused calls several times a second, for ever. */
const COMPLAINT_MS = 3_600_000;
/** Machines and complaints that are remembered for it. */
const COMPLAINTS_KEPT = 100;

/** The process on a third machine that two nodes ask for support. What it answers is decided in witness-core.ts. */
export class WitnessServer {
  private readonly states = new Map<string, WitnessState>();
  private readonly sessions = new Map<string, Session>();
  private readonly channels = new Set<Channel>();
  private readonly unknown = new Set<Session>();
  private saved: Promise<void> = Promise.resolve();
  private listener: Listener | undefined;
  private fail: (error: Error) => void = () => undefined;
  /** Settles when its disk failed: it must say nothing more. */
  readonly failed = new Promise<Error>((resolve) => (this.fail = resolve));

  constructor(private readonly options: WitnessServerOptions) {}

  /** @throws PORT_IN_USE, STORE_CORRUPT */
  async start(): Promise<number> {
    const { disk, clock, transport, listen } = this.options;
    for (const [site, record] of await disk.load()) this.states.set(site, initialWitnessState(record, clock.monotonicMs()));
    this.startedMs = clock.monotonicMs();
    this.listener = await transport.listen(listen, (channel) => this.accept(channel));
    return this.listener.port;
  }

  async stop(): Promise<void> {
    for (const channel of this.channels) channel.destroy();
    await this.listener?.close();
    await this.saved.catch(() => undefined);
  }

  private startedMs = 0;
  private readonly complaints = new Map<string, number>();

  private accept(channel: Channel): ChannelEvents {
    const { random, timers } = this.options;
    const session: Session = { channel, nonce: random.hex(16), isKnown: false, site: '', node: '' };
    this.channels.add(channel);
    this.unknown.add(session);
    makeRoom(this.unknown);
    channel.send(JSON.stringify({ type: 'challenge', version: WITNESS_PROTOCOL, nonce: session.nonce }));
    const late = timers.after(GREETING_MS, () => {
      if (!session.isKnown) channel.destroy();
    });
    return {
      onMessage: (message) => {
        try {
          this.receive(session, typeof message === 'string' ? message : '');
        } catch (error) {
          this.complain(channel, `was ended: ${messageOf(error)}`);
          channel.destroy();
        }
      },
      onClose: () => {
        late.cancel();
        this.channels.delete(channel);
        this.unknown.delete(session);
        if (this.sessions.get(keyOf(session)) === session) this.sessions.delete(keyOf(session));
      },
    };
  }

  private receive(session: Session, message: string): void {
    if (session.sealed === undefined) {
      const open = parseOpen(message);
      session.sealed = new SealedChannel(session.channel, this.options.secret, [open.nonce, session.nonce], 'server');
      session.site = open.site;
      session.node = open.node;
      return;
    }
    const request = parseWitnessRequest(session.sealed.open(message));
    session.isKnown = true;
    this.unknown.delete(session);
    session.channel.admit?.();
    const { sites, log } = this.options;
    if (sites !== undefined && !sites.includes(session.site)) {
      this.complain(session.channel, `was ended: node ${session.node} of site ${session.site} asks, which is not served here`);
      session.channel.destroy();
      return;
    }
    // Known by its seal. Of two connections of one node the newer one counts.
    const older = this.sessions.get(keyOf(session));
    this.sessions.set(keyOf(session), session);
    if (older !== undefined && older !== session) {
      older.channel.destroy();
      log.info(`node ${session.node} of site ${session.site} has connected again`);
    }
    this.answer(session, request);
  }

  private complain({ remote }: Channel, what: string): void {
    const { clock, log } = this.options;
    const key = `${remote.replace(/:\d+$/, '')} ${what}`;
    const now = clock.monotonicMs();
    if (now - (this.complaints.get(key) ?? -Infinity) < COMPLAINT_MS) return;
    if (this.complaints.size >= COMPLAINTS_KEPT) this.complaints.clear();
    this.complaints.set(key, now);
    log.warn(`a connection from ${remote} ${what}`);
  }

  private answer(session: Session, request: WitnessRequest): void {
    const { clock, disk, log } = this.options;
    const { site, node } = session;
    const before = this.states.get(site) ?? initialWitnessState(undefined, this.startedMs);
    const { state, answer } = stepWitness(before, node, request, clock.monotonicMs(), (other) => this.sessions.has(`${site}/${other}`));
    this.states.set(site, state);
    if (answer.granted && state.record.holder !== before.record.holder) log.info(`site ${site}: supports node ${node} from epoch ${state.record.epoch} on`);
    if (!sameRecord(before.record, state.record)) {
      this.saved = this.saved.then(async () => disk.save(site, state.record));
      this.saved.catch((error: unknown) => this.fail(error instanceof Error ? error : new Error(messageOf(error))));
    }
    // In order: what an answer depends on is on disk before it leaves.
    this.saved.then(() => session.sealed?.send(JSON.stringify(answer))).catch(() => undefined);
  }
}

function keyOf({ site, node }: Session): string {
  return `${site}/${node}`;
}
