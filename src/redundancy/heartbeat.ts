import { ClockSkew } from './clock-skew.js';
import type { Link } from './link.js';
import { LINK_PROTOCOL, type LinkHello, type LinkStatus } from './link-messages.js';
import type { PairOptions } from './pair-options.js';
import { mayPromise } from './role-claim.js';
import type { RoleState } from './role-machine.js';

/** Beats whose time of sending is remembered; an echo of an older one supports nobody any more. */
const REMEMBERED = 64;

/** Every so many beats one carries what the node measures of itself. */
const HEALTH_EVERY = 8;
/** Every so many beats one carries the clock. */
const CLOCK_EVERY = 4;

export interface HeartbeatOptions extends PairOptions {
  readonly role: () => RoleState;
  readonly reachesWitness: () => boolean;
  /** An echo leaves that promises support; told before it does. */
  readonly onPromise: () => void;
}

/** What this node says of itself: once when it greets, then with every beat. */
export class Heartbeat {
  private beat = 0;
  private peerBeat = 0;
  private promisedBeat = 0;
  private echoedBeat = 0;
  private readonly sent = new Map<number, { readonly monotonicMs: number; readonly wallMs: number }>();
  private heardWallMs = 0;
  readonly skew = new ClockSkew();

  constructor(
    private readonly options: HeartbeatOptions,
    private readonly link: Link,
  ) {}

  /** Number of the first beat that is sent from now on: an answer to it is younger than this moment. */
  get nextBeat(): number {
    return this.beat + 1;
  }

  /** When that beat was sent, monotonic; undefined for one of long ago. */
  sentMs(beat: number): number | undefined {
    return this.sent.get(beat)?.monotonicMs;
  }

  /** The last beat of the peer that has arrived; 0 when a new connection begins. */
  heard(beat: number): void {
    this.peerBeat = beat;
    this.heardWallMs = this.options.clock.wallMs();
    if (beat !== 0) return;
    this.promisedBeat = 0;
    this.echoedBeat = this.beat;
    this.skew.clear();
  }

  /** The other node has heard that beat. */
  echoed(beat: number): void {
    this.echoedBeat = Math.max(this.echoedBeat, Math.min(beat, this.beat));
  }

  /** How long the oldest beat that the other node has not echoed is under way; 0 where there is none. */
  get unansweredMs(): number {
    if (this.echoedBeat >= this.beat) return 0;
    const sent = this.sent.get(Math.max(this.echoedBeat + 1, this.beat - REMEMBERED + 1));
    return sent === undefined ? 0 : this.options.clock.monotonicMs() - sent.monotonicMs;
  }

  /** The other node's clock when it heard that beat, and when it said so. */
  compare(beat: number, clock: { readonly heardMs: number; readonly sentMs: number }): void {
    const sent = this.sent.get(beat);
    if (sent !== undefined) this.skew.add({ sentMs: sent.wallMs, heardMs: clock.heardMs, answeredMs: clock.sentMs, receivedMs: this.options.clock.wallMs() });
  }

  send(): void {
    if (!this.link.up) return;
    this.beat += 1;
    const { state, pairClock, clock, role, reachesWitness, onPromise, health } = this.options;
    this.sent.set(this.beat, { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() });
    this.sent.delete(this.beat - REMEMBERED);
    const supports = this.peerBeat > 0 && mayPromise(role());
    // The lease that it gives begins where that beat was sent: said once more, it promises nothing new.
    if (supports && this.peerBeat > this.promisedBeat) {
      this.promisedBeat = this.peerBeat;
      onPromise();
    }
    // A slow link is full enough as it is: what says nothing is left out, and clocks are compared now and then.
    const more = {
      ...(supports ? { supports } : {}),
      ...(reachesWitness() ? { witness: true } : {}),
      ...(this.beat % HEALTH_EVERY === 1 && health !== undefined ? { health: health() } : {}),
      ...(this.beat % CLOCK_EVERY === 0 ? { clock: { heardMs: this.heardWallMs, sentMs: clock.wallMs() } } : {}),
    };
    this.link.send({ type: 'status', beat: this.beat, echo: this.peerBeat, role: role().role, position: state.position, pairTimeMs: pairClock.now(), ...more });
  }

  /**
   * A beat that a lease may stand on is answered at once: until this node's own next beat the lease of two beats would have all but
   * run out, and an active without its witness would lose its role to a late millisecond (seen in story 9571).
   */
  answer(): void {
    if (this.peerBeat > this.promisedBeat && this.options.role().arming !== 'disarmed' && mayPromise(this.options.role())) this.send();
  }

  /** The same without its numbers, for those who only listen. */
  word(): LinkStatus {
    const { state, pairClock, role } = this.options;
    return { type: 'status', beat: 0, echo: 0, role: role().role, position: state.position, pairTimeMs: pairClock.now() };
  }

  hello(): LinkHello {
    const { site, node, state, role, configuration } = this.options;
    const { least, most } = this.options.protocol ?? LINK_PROTOCOL;
    return { type: 'hello', least, most, site, revision: state.table.revision, node: node.id, mode: node.mode, url: node.url, role: role().role, position: state.position, configuration: configuration !== undefined && most >= 2, ...(node.modules === undefined ? {} : { modules: [...node.modules] }) };
  }
}
