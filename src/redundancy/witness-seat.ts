import { messageOf, type WitnessSettings, type WitnessStatus } from '../contract/index.js';
import type { PairState } from '../image/index.js';
import type { PairParts } from './pair-parts.js';
import type { Arming } from './role-machine.js';
import { WitnessClient, type WitnessQuestion, type WitnessReply } from './witness-client.js';
import type { WitnessRefusal } from './witness-core.js';

/** Keyed state: whether the witness is in force. The same on both nodes, and changed like everything that is. */
export const WITNESS_KEY = 'redundancy/witness';

const refusals: Record<WitnessRefusal, string> = {
  mute: 'it has started a moment ago and may have promised something before',
  promised: 'it supports the other node',
  fenced: 'it has supported a later epoch',
  'not-a-member': 'this node does not hold everything that was confirmed',
};

/** A node's dealings with the witness: asks for support, keeps the in-sync set there, arms and disarms it. */
export class WitnessSeat {
  private readonly client: WitnessClient;
  private readonly startedMs: number;
  private lostMs: number | undefined;
  private bothReachSinceMs: number | undefined;
  /** The other node says that it reaches the witness. */
  peerReaches = false;
  private changing = false;
  private members = '';
  private setVersion = 0;
  private agreed: { version: number; members: string } | undefined;
  private waiting: (() => void)[] = [];
  private readonly versions = new WeakMap<WitnessQuestion, { version: number; members: string }>();
  /** Why it did not support this node, as far as the last answer tells. */
  refusal: string | undefined;
  holder = '';

  constructor(
    private readonly settings: WitnessSettings,
    secret: string,
    private readonly parts: () => PairParts,
    options: PairParts['options'],
  ) {
    const { clock, timers, random, log, site, node } = options;
    this.startedMs = clock.monotonicMs();
    this.lostMs = this.startedMs;
    this.client = new WitnessClient(
      { at: settings, secret, site, node: node.id, promiseMs: settings.promiseMs, answerMs: settings.leaseMs, redialMs: options.settings.pingRateMs, clock, timers, random, transport: options.witnessTransport ?? options.transport, log: log.child('witness') },
      (reply) => this.onReply(reply),
      (reachable) => this.onChange(reachable),
    );
  }

  get reachable(): boolean {
    return this.client.reachable;
  }

  get arming(): Arming {
    return armingOf(this.parts().options.state);
  }

  status(): WitnessStatus {
    const { host, port } = this.settings;
    return { address: `${host}:${port}`, reachable: this.reachable, state: this.arming, supports: this.holder, ...(this.refusal === undefined ? {} : { refusal: this.refusal }) };
  }

  start(): void {
    this.client.start();
  }

  stop(): void {
    this.client.stop();
  }

  /** Every ping period: the active asks for support, a standby whether the witness is there. */
  beat(): void {
    const { role } = this.parts();
    if (role().role === 'active') this.renew();
    else this.client.ask({ type: 'look' });
    this.arm();
  }

  /** What the other node said of its own connection to the witness. */
  peerSaid(reaches: boolean): void {
    this.peerReaches = reaches;
  }

  claim(dead: boolean, beyondSet: boolean): void {
    const { options, highestEpoch } = this.parts();
    this.client.ask({ type: 'ask', epoch: Math.max(highestEpoch(), options.state.position.epoch.number) + 1, dead, beyondSet });
  }

  /** This node has no effects any more and wants none. */
  release(): void {
    this.client.ask({ type: 'release' });
  }

  /** Resolves when the witness knows that this node alone holds what it confirms; false when that cannot be had in time. */
  async knowsAlone(waitMs: number): Promise<boolean> {
    const { options, role } = this.parts();
    const untilMs = options.clock.monotonicMs() + waitMs;
    while (this.arming !== 'disarmed') {
      if (this.agreed?.version === this.setVersion && this.agreed.members === options.node.id && this.memberNames().length === 1) return true;
      if (role().role !== 'active' || options.clock.monotonicMs() >= untilMs) return false;
      // Told at once, and once: the next beat says it again. Each waiting confirmation asking anew would be a storm.
      if (this.memberNames().join() !== this.members) this.renew();
      await new Promise<void>((resolve) => {
        this.waiting.push(resolve);
        options.timers.after(options.settings.pingRateMs, resolve);
      });
    }
    return true;
  }

  private renew(): void {
    const { options } = this.parts();
    const members = this.memberNames();
    if (members.join() !== this.members) {
      this.members = members.join();
      this.setVersion += 1;
    }
    const question: WitnessQuestion = { type: 'renew', epoch: options.state.position.epoch.number, members };
    this.versions.set(question, { version: this.setVersion, members: this.members });
    this.client.ask(question);
  }

  /** This node, and the standby from the moment that it may count itself (rule 4). */
  private memberNames(): string[] {
    const { options, sync, peerId } = this.parts();
    return sync.standbyCounts ? [options.node.id, peerId()] : [options.node.id];
  }

  private onReply({ question, answer, sentMs }: WitnessReply): void {
    const { step, role, hearEpoch, options } = this.parts();
    this.holder = answer.holder;
    if (question.type === 'ask' || question.type === 'renew') this.refusal = answer.refusal === undefined ? undefined : refusals[answer.refusal];
    hearEpoch(answer.epoch);
    if (!answer.granted) return;
    if (question.type === 'ask') return step({ kind: 'witness-granted', sentMs });
    if (question.type !== 'renew' || role().role !== 'active' || question.epoch !== options.state.position.epoch.number) return;
    this.agreed = this.versions.get(question) ?? this.agreed;
    step({ kind: 'witness-echo', sentMs });
    for (const go of this.waiting.splice(0)) go();
  }

  private onChange(reachable: boolean): void {
    const { note, options } = this.parts();
    this.lostMs = reachable ? undefined : options.clock.monotonicMs();
    note(reachable ? 'witness reached' : 'witness lost', `at ${this.settings.host}:${this.settings.port}`);
  }

  /**
   * The three steps of arming and disarming, each on the disks of both before the next: the stricter state between
   * them is left only when the other node is known to be in it too.
   */
  private arm(): void {
    const { options, role, run } = this.parts();
    const now = options.clock.monotonicMs();
    const both = this.reachable && this.peerReaches;
    this.bothReachSinceMs = both ? (this.bothReachSinceMs ?? now) : undefined;
    if (role().role !== 'active' || !role().inSync || this.changing) return;
    const isStable = this.bothReachSinceMs !== undefined && now - this.bothReachSinceMs >= options.settings.failoverTimeMs;
    const isLost = this.lostMs !== undefined && now - this.lostMs >= this.settings.disarmAfterMs;
    const { arming } = this;
    if (isStable && arming === 'disarmed') run(this.change('arming', 'armed'));
    else if (isStable && arming !== 'armed') run(this.change(arming, 'armed'));
    else if (isLost && arming !== 'disarmed') run(this.change('disarming', 'disarmed'));
  }

  private async change(first: Arming, then: Arming): Promise<void> {
    const { options, sync, note, role } = this.parts();
    const { publisher } = options;
    this.changing = true;
    try {
      const seq = publisher.record([{ key: WITNESS_KEY, value: first }]);
      if ((await sync.confirm(seq)) !== 'protected' || role().role !== 'active') return;
      note(then === 'armed' ? 'witness armed' : 'witness disarmed', then === 'armed' ? 'both nodes reach it and agree' : `away for ${this.settings.disarmAfterMs} ms; both nodes agree to do without`);
      publisher.record([{ key: WITNESS_KEY, value: then }]);
    } catch (error) {
      options.log.warn(`the witness stays ${first}: ${messageOf(error)}`);
    } finally {
      this.changing = false;
    }
  }
}

/** A node that has never been part of a pair does not know; it asks. */
export function armingOf(state: PairState): Arming {
  const stored = state.keyed.get(WITNESS_KEY);
  if (stored === 'arming' || stored === 'armed' || stored === 'disarming') return stored;
  return stored === undefined && state.position.seq === 0 ? 'armed' : 'disarmed';
}
