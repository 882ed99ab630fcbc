import { TandemError } from '../../src/contract/errors.js';
import { newLinkCounters, promised, type LinkAnswer, type LinkOutcome, type LinkRequest, type ModbusLink } from './link.js';

/** What several units share: a bus, or a connection to a device or gateway. */
export interface Channel {
  /** Why requests fail at once. */
  readonly away: TandemError | undefined;
  join(link: UnitLink): void;
  /** Resolves when nothing of this link is under way; with the last one the connection goes. */
  leave(link: UnitLink): Promise<void>;
  submit(link: UnitLink, request: LinkRequest, outcome: LinkOutcome): void;
  withdraw(owner: object): void;
  /** Figures of the way itself, beside those of its units. */
  figures?(): Readonly<Record<string, number>>;
}

/** One unit's way to the channel that it shares with others. */
export class UnitLink implements ModbusLink {
  readonly counters = newLinkCounters();
  private channel: Channel | undefined;

  /** `find` is asked at each start, because a channel that nobody uses any more is closed for good. */
  constructor(private readonly find: () => Channel, readonly unit: number, readonly maxInFlight = 1) {}

  get away(): TandemError | undefined {
    return this.channel?.away;
  }

  start(): void {
    if (this.channel !== undefined) return;
    this.channel = this.find();
    this.channel.join(this);
  }

  async stop(): Promise<void> {
    const { channel } = this;
    this.channel = undefined;
    await channel?.leave(this);
  }

  submit(request: LinkRequest, outcome: LinkOutcome): void {
    if (this.channel === undefined) outcome.reject(new TandemError('FIELD_CLOSED', 'the driver is not running'));
    else this.channel.submit(this, request, outcome);
  }

  request(request: LinkRequest): Promise<LinkAnswer> {
    return promised((outcome) => this.submit(request, outcome));
  }

  withdraw(owner: object): void {
    this.channel?.withdraw(owner);
  }

  figures(): Readonly<Record<string, number>> {
    return { ...this.counters, ...this.channel?.figures?.() };
  }
}
