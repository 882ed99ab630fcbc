import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { PairOptions } from './pair-options.js';
import { detectionBudgetMs } from './timing.js';
import type { Clock, Endpoint, HeartbeatCarrier, HeartbeatPath, Listener, Log, Network, Random, Role } from '../contract/index.js';

const MAC_DIGITS = 64;
/** `n` rises only while the main thread of the sender gets on: its carrier repeats what was said last. */
const beatShape = z.object({ node: z.string(), n: z.int(), role: z.enum(['starting', 'standby', 'active', 'yielding']) });

export interface SecondPathOptions {
  readonly listen: Endpoint;
  readonly to: Endpoint;
  readonly node: string;
  readonly periodMs: number;
  /** Silence after which the path counts as lost. */
  readonly lostMs: number;
  readonly carrier: HeartbeatCarrier;
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly role: () => Role;
  /** The main thread of the other node has got on, and this is what it plays. */
  readonly onAlive: (role: Role) => void;
}

/**
 * A second, dedicated way to hear the other node (R18). Its word is worth one thing: that the other one lives and gets
 * on. The key of each side is told over the sync link, so that nobody else can keep a dead node alive.
 */
export class SecondPath {
  /** Digests of what this node says are made with it. */
  readonly key: string;
  private path: HeartbeatPath | undefined;
  private listener: Listener | undefined;
  private peerKey: string | undefined;
  private n = 0;
  private peerN = 0;
  private heardMs: number | undefined;
  private expectedSinceMs: number | undefined;

  constructor(private readonly options: SecondPathOptions) {
    this.key = options.random.hex(32);
  }

  /** @throws PORT_IN_USE */
  async start(): Promise<void> {
    const { carrier, network, listen, to, periodMs } = this.options;
    this.path = await carrier.open(listen, to, periodMs, (text) => this.receive(text));
    // Datagrams are not refused; a probe of this path asks here.
    this.listener = await network.listenTcp(listen, (connection) => ({ onOpen: () => connection.destroy(), onData: () => undefined, onClose: () => undefined }));
  }

  /** With another period. */
  async reopen(): Promise<void> {
    const { carrier, listen, to, periodMs } = this.options;
    await this.path?.close();
    this.path = await carrier.open(listen, to, periodMs, (text) => this.receive(text));
  }

  async stop(): Promise<void> {
    await this.path?.close();
    await this.listener?.close();
  }

  /** The other node has greeted over the link and told its key. */
  peerSaid(key: string): void {
    if (key === this.peerKey) return;
    this.peerKey = key;
    this.peerN = 0;
    this.expectedSinceMs = this.options.clock.monotonicMs();
  }

  beat(): void {
    this.n += 1;
    const text = JSON.stringify({ node: this.options.node, n: this.n, role: this.options.role() });
    this.path?.say(digest(this.key, text) + text);
  }

  /** `unknown` until the other node has told its key over the link. */
  get state(): 'unknown' | 'up' | 'lost' {
    if (this.expectedSinceMs === undefined) return 'unknown';
    const { clock, lostMs } = this.options;
    return clock.monotonicMs() - Math.max(this.heardMs ?? 0, this.expectedSinceMs) < lostMs ? 'up' : 'lost';
  }

  private receive(sealed: string): void {
    const text = sealed.slice(MAC_DIGITS);
    if (this.peerKey === undefined || !same(sealed.slice(0, MAC_DIGITS), digest(this.peerKey, text))) return;
    const beat = beatShape.safeParse(JSON.parse(text));
    if (!beat.success || beat.data.n < this.peerN) return;
    this.heardMs = this.options.clock.monotonicMs();
    if (beat.data.n === this.peerN) return;
    this.peerN = beat.data.n;
    this.options.onAlive(beat.data.role);
  }
}

/** The second path of a node that has one, with the word of the pair's settings. */
export function secondPathOf(options: PairOptions, role: () => Role, onAlive: (role: Role) => void): SecondPath | undefined {
  const { node, settings, heartbeats, log } = options;
  const to = node.partner?.secondPath;
  if (node.heartbeat === undefined || to === undefined || heartbeats === undefined) return undefined;
  return new SecondPath({
    ...options,
    listen: node.heartbeat,
    to,
    node: node.id,
    get periodMs() {
      return settings.pingRateMs;
    },
    get lostMs() {
      return 4 * detectionBudgetMs(settings);
    },
    carrier: heartbeats,
    log: log.child('second-path'),
    role,
    onAlive,
  });
}

function digest(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

function same(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
