import type { Channel, ChannelEvents, Endpoint, Timer } from '../contract/index.js';
import type { LinkOptions } from './link-contract.js';

export interface CallerEvents {
  /** Whether a partner is there already: then nobody is called. */
  readonly hasPartner: () => boolean;
  /** A call was taken. */
  readonly onOpen: (channel: Channel) => ChannelEvents;
  /** One side has TLS on, the other has not. */
  readonly onInsecure: (at: Endpoint) => void;
}

/** Calls the partner, one call at a time, again and again: at first soon, after `retryCount` calls in vain slowly, for ever. */
export class Caller {
  private turn = 0;
  private calling = false;
  private redial: Timer | undefined;
  private stopped = false;
  private inVain = 0;

  constructor(
    private readonly options: LinkOptions,
    private readonly events: CallerEvents,
  ) {}

  /** Calls in vain since the partner was there last. */
  get failures(): number {
    return this.inVain;
  }

  stop(): void {
    this.stopped = true;
    this.redial?.cancel();
  }

  /** The partner is there. */
  reached(): void {
    this.inVain = 0;
  }

  /** The call that is under way has come to nothing: it need not be waited for. */
  giveUp(): void {
    this.calling = false;
  }

  /** Calls at once, whoever usually does. */
  now(to: Endpoint): void {
    this.redial?.cancel();
    this.redial = undefined;
    this.call(to);
  }

  call(to?: Endpoint): void {
    const { transport, connectTimeoutMs } = this.options;
    const dial = to ?? (this.turn % 2 === 1 ? this.options.dialToo : undefined) ?? this.options.dial;
    if (dial === undefined || this.stopped || this.calling || this.events.hasPartner()) return;
    this.calling = true;
    const pending: { events?: ChannelEvents } = {};
    const channel = transport.dial(dial, connectTimeoutMs, {
      onOpen: () => {
        if (this.stopped) channel.destroy();
        else pending.events = this.events.onOpen(channel);
      },
      onMessage: (message) => pending.events?.onMessage(message),
      onClose: (reason) => {
        this.calling = false;
        if (reason === 'insecure') this.events.onInsecure(dial);
        if (pending.events === undefined) this.later();
        else pending.events.onClose(reason);
      },
    });
  }

  /** Calls again in a while; nothing on a node that is called by its partner. */
  later(): void {
    if (this.options.dial === undefined || this.stopped || this.redial !== undefined) return;
    this.inVain += 1;
    this.turn += 1;
    const { redialMs, slowRedialMs, retryCount } = this.options;
    this.redial = this.options.timers.after(this.inVain < retryCount ? redialMs : slowRedialMs, () => {
      this.redial = undefined;
      this.call();
    });
  }
}
