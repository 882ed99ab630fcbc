import { isDeepStrictEqual } from 'node:util';
import { messageOf, TandemError, type AddressHolder, type AddressKeeper, type Clock, type Log, type SystemAlarm, type Timer, type Timers, type VirtualAddress, type VirtualAddressStatus } from '../contract/index.js';

export interface VirtualAddressOptions {
  /** Absent where this machine has no way to do it. */
  readonly keeper: AddressKeeper | undefined;
  readonly interface: string | undefined;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  /** Whether this node may have effects now (the lease). */
  readonly permit: () => boolean;
  /** Whether the other node surely has given the address up: it says that it is not active, or is not there at all. */
  readonly otherHasLetGo: () => Promise<boolean>;
}

/** The kernel takes the address away so long after it was last renewed. */
const LIFETIME_S = 3;
const RENEW_MS = 1_000;
/** After this a node that nobody hears has lost the address, by its own kernel's clock, however its process is. */
const SURELY_GONE_MS = (LIFETIME_S + 1) * 1_000;
const LOOK_MS = 250;
/** When the network is told, after the address has come: caches may refuse to learn twice within a second. */
const ANNOUNCE_MS = [0, 1_200, 3_000];
const REMIND_MS = 30_000;

/**
 * R38: one address that goes with the role. It is taken when this node is active and the other one is sure to have it no
 * more, and given up before control is. Steps are done one after the other; what is wanted may change between them.
 */
export class VirtualAddressKeeper {
  private settings: VirtualAddress | undefined;
  private holder: AddressHolder | undefined;
  private active = false;
  private activeSinceMs = 0;
  private state: VirtualAddressStatus['state'] = 'free';
  private reason: string | undefined;
  private steps: Promise<void> = Promise.resolve();
  private ticking: Timer | undefined;
  private readonly announcements: Timer[] = [];
  private remindedMs = 0;

  constructor(private readonly options: VirtualAddressOptions) {}

  /** With the address of the configuration in force. Rejects with VIRTUAL_ADDRESS where this machine cannot. */
  async configure(settings: VirtualAddress | undefined): Promise<void> {
    return this.then(async () => {
      if (isDeepStrictEqual(settings, this.settings)) return;
      await this.letGo();
      this.settings = settings;
      this.holder = undefined;
      if (settings === undefined) return;
      const { keeper } = this.options;
      try {
        if (keeper === undefined) throw new TandemError('VIRTUAL_ADDRESS', `the virtual address ${settings.address}/${settings.prefix}: this node cannot set addresses`);
        this.holder = await keeper.open(settings, this.options.interface);
      } catch (error) {
        this.fail(error);
        throw error;
      }
      this.look();
    });
  }

  /** The role of this node: whether it may have the address. */
  become(active: boolean): void {
    if (active === this.active) return;
    this.active = active;
    this.activeSinceMs = this.options.clock.monotonicMs();
    if (active) this.look();
    else this.release().catch((error: unknown) => this.options.log.error('the virtual address could not be given up', error));
  }

  /** Resolves when this machine has it no more; a new {@link become} takes it again. */
  async release(): Promise<void> {
    this.active = false;
    return this.then(async () => this.letGo());
  }

  status(): VirtualAddressStatus | undefined {
    const { settings, holder, state, reason } = this;
    return settings === undefined ? undefined : { ...settings, interface: holder?.interface ?? this.options.interface ?? '', state, ...(reason === undefined ? {} : { reason }) };
  }

  alarms(): SystemAlarm[] {
    return this.state !== 'failed' || !this.active ? [] : [{ name: 'virtual-address', priority: 2, message: `Clients that know only the virtual address reach nobody: ${this.reason ?? ''}` }];
  }

  /** Looks, now and from time to time while this node is active, at whether it should have the address. */
  private look(): void {
    this.ticking?.cancel();
    this.ticking = undefined;
    if (!this.active || this.holder === undefined) return;
    const again = (ms: number): void => {
      if (this.active && this.ticking === undefined) this.ticking = this.options.timers.after(ms, () => this.look());
    };
    this.then(async () => this.take()).then(
      () => again(this.state === 'held' ? RENEW_MS : LOOK_MS),
      (error: unknown) => {
        this.fail(error);
        again(RENEW_MS);
      },
    );
  }

  private async take(): Promise<void> {
    const { holder } = this;
    const { permit, otherHasLetGo, clock, log } = this.options;
    // Without the right to act it is not renewed either: the kernel takes it away while this node asks.
    if (!this.active || holder === undefined || !permit()) return;
    if (this.state === 'held') {
      holder.renew();
      if (clock.monotonicMs() - this.remindedMs >= REMIND_MS) this.announce(holder);
      return;
    }
    if (this.state === 'free') this.state = 'waiting';
    if (clock.monotonicMs() - this.activeSinceMs < SURELY_GONE_MS && !(await otherHasLetGo())) return;
    if (!this.isActive() || !permit()) return;
    await holder.hold(LIFETIME_S);
    this.state = 'held';
    this.reason = undefined;
    log.info(`has the virtual address ${this.settings?.address ?? ''} on ${holder.interface}`);
    for (const ms of ANNOUNCE_MS) this.announcements.push(this.options.timers.after(ms, () => this.announce(holder)));
  }

  private isActive(): boolean {
    return this.active;
  }

  private announce(holder: AddressHolder): void {
    this.remindedMs = this.options.clock.monotonicMs();
    if (this.state === 'held' && holder === this.holder) holder.announce();
  }

  private async letGo(): Promise<void> {
    this.ticking?.cancel();
    this.ticking = undefined;
    for (const timer of this.announcements.splice(0)) timer.cancel();
    const had = this.state === 'held';
    if (this.holder !== undefined) this.state = 'free';
    if (!had) return;
    await this.holder?.drop();
    this.options.log.info(`has given up the virtual address ${this.settings?.address ?? ''}`);
  }

  private fail(error: unknown): void {
    this.state = 'failed';
    this.reason = messageOf(error);
    this.options.log.error('virtual address', error);
  }

  private async then(step: () => Promise<void>): Promise<void> {
    const done = this.steps.then(step);
    this.steps = done.catch(() => undefined);
    return done;
  }
}
