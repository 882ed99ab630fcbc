import { messageOf, type Channel, type ChannelEvents, type Clock, type Endpoint, type LinkTransport, type Log, type Random, type Timer, type Timers } from '../contract/index.js';
import { SealedChannel } from './sealed-channel.js';
import type { WitnessAnswer, WitnessRequest } from './witness-core.js';
import { parseChallenge, parseWitnessAnswer, WITNESS_PROTOCOL } from './witness-messages.js';

export interface WitnessClientOptions {
  readonly at: Endpoint;
  readonly secret: string;
  readonly site: string;
  readonly node: string;
  readonly promiseMs: number;
  /** An answer that takes longer means that the connection is dead, whatever the kernel thinks. */
  readonly answerMs: number;
  readonly redialMs: number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly transport: LinkTransport;
  readonly log: Log;
}

type Body<T> = T extends unknown ? Omit<T, 'n' | 'promiseMs'> : never;
export type WitnessQuestion = Body<WitnessRequest>;

/** What came back to a question, and when it was sent: a lease counts from there. */
export interface WitnessReply {
  readonly question: WitnessQuestion;
  readonly answer: WitnessAnswer;
  readonly sentMs: number;
}

/** A node's connection to the witness: made, sealed, kept, made again. It decides nothing. */
export class WitnessClient {
  private channel: Channel | undefined;
  private sealed: SealedChannel | undefined;
  private redial: Timer | undefined;
  private n = 0;
  private readonly asked = new Map<number, { question: WitnessQuestion; sentMs: number }>();
  private stopped = false;
  private answered = false;
  private complained = false;
  private dialledMs = 0;

  constructor(
    private readonly options: WitnessClientOptions,
    private readonly onReply: (reply: WitnessReply) => void,
    private readonly onChange: (reachable: boolean) => void,
  ) {}

  /** Whether the witness has answered on the present connection. */
  get reachable(): boolean {
    return this.answered;
  }

  start(): void {
    this.dial();
  }

  stop(): void {
    this.stopped = true;
    this.redial?.cancel();
    this.channel?.destroy();
  }

  /** Asks; says false where there is no connection. Looks first whether the last question was answered in time. */
  ask(question: WitnessQuestion): boolean {
    const { clock, promiseMs, answerMs } = this.options;
    const now = clock.monotonicMs();
    const oldest = this.asked.values().next().value;
    const isDead = oldest !== undefined ? now - oldest.sentMs > answerMs : this.sealed === undefined && now - this.dialledMs > 2 * answerMs;
    if (isDead && this.channel !== undefined) this.drop();
    if (this.sealed === undefined) return false;
    this.n += 1;
    this.asked.set(this.n, { question, sentMs: now });
    this.sealed.send(JSON.stringify({ ...question, n: this.n, promiseMs } satisfies WitnessRequest));
    return true;
  }

  private dial(): void {
    if (this.stopped) return;
    const { transport, at, answerMs, clock } = this.options;
    this.dialledMs = clock.monotonicMs();
    const events: ChannelEvents = {
      onMessage: (message) => {
        if (this.channel !== channel) return;
        try {
          this.receive(channel, typeof message === 'string' ? message : '');
        } catch (error) {
          this.options.log.warn(`the witness said something that cannot be used: ${messageOf(error)}`);
          this.drop();
        }
      },
      onClose: () => {
        if (this.channel !== channel) return;
        if (this.sealed !== undefined && !this.answered) this.complain();
        this.lost();
      },
    };
    const channel = transport.dial(at, answerMs, events);
    this.channel = channel;
  }

  private receive(channel: Channel, message: string): void {
    const { secret, random, site, node } = this.options;
    if (this.sealed === undefined) {
      const challenge = parseChallenge(message);
      const nonce = random.hex(16);
      channel.send(JSON.stringify({ type: 'open', version: WITNESS_PROTOCOL, site, node, nonce }));
      this.sealed = new SealedChannel(channel, secret, [nonce, challenge.nonce], 'client');
      this.ask({ type: 'look' });
      return;
    }
    const answer = parseWitnessAnswer(this.sealed.open(message));
    const asked = this.asked.get(answer.n);
    this.asked.delete(answer.n);
    if (asked === undefined) return;
    if (!this.answered) {
      this.answered = true;
      channel.admit?.();
      this.complained = false;
      this.onChange(true);
    }
    this.onReply({ question: asked.question, answer, sentMs: asked.sentMs });
  }

  /** It was greeted, and ended the connection in place of an answer: said once, until it answers. */
  private complain(): void {
    if (this.complained || this.stopped) return;
    this.complained = true;
    const { log, at, site } = this.options;
    log.warn(`the witness at ${at.host}:${at.port} ended the connection without an answer: it may have another secret than this node, or not serve site ${site}; its log says which`);
  }

  private drop(): void {
    const { channel } = this;
    this.lost();
    channel?.destroy();
  }

  private lost(): void {
    this.channel = undefined;
    this.sealed = undefined;
    this.asked.clear();
    if (this.answered) {
      this.answered = false;
      this.onChange(false);
    }
    if (this.stopped || this.redial !== undefined) return;
    this.redial = this.options.timers.after(this.options.redialMs, () => {
      this.redial = undefined;
      this.dial();
    });
  }
}
