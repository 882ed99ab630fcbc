import { TandemError } from '../../src/contract/errors.js';
import type { Bus } from './bus.js';
import { newLinkCounters, type LinkAnswer, type LinkRequest, type ModbusLink } from './link.js';

/** One unit's way to the bus that it shares with others. */
export class BusLink implements ModbusLink {
  readonly counters = newLinkCounters();
  private bus: Bus | undefined;

  /** `find` is asked at each start, because a bus that nobody uses any more is closed for good. */
  constructor(private readonly find: () => Bus, private readonly unit: number) {}

  get away(): TandemError | undefined {
    return this.bus?.away;
  }

  start(): void {
    if (this.bus !== undefined) return;
    this.bus = this.find();
    this.bus.join(this, this.unit);
  }

  async stop(): Promise<void> {
    const { bus } = this;
    this.bus = undefined;
    await bus?.leave(this);
  }

  request(request: LinkRequest): Promise<LinkAnswer> {
    if (this.bus === undefined) return Promise.reject(new TandemError('FIELD_CLOSED', 'the driver is not running'));
    return this.bus.request(this, request);
  }
}
