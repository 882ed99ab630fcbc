import type { RedundancySettings, Timer } from '../contract/index.js';
import type { Lease } from './lease.js';
import type { PairParts } from './pair-parts.js';
import type { Registers } from './registers.js';
import { leaseMs, tickMs } from './timing.js';

export interface PaceParts {
  readonly lease: Lease;
  readonly tick: () => void;
  readonly beat: () => void;
  readonly registers: () => Registers | undefined;
  /** The heartbeat registers are others now. */
  readonly renewRegisters: () => void;
}

/** What a pair does again and again, and how often: the settings in force say so, and they change while it runs. */
export class Pace {
  private timersOn: { readonly tick: Timer; readonly beat: Timer; readonly registers: Timer | undefined } | undefined;
  private settingsTurn = 0;
  private stopped = false;

  constructor(
    private readonly parts: PairParts,
    private readonly more: PaceParts,
  ) {}

  start(): void {
    const { settings, live, timers } = this.parts.options;
    this.startTimers(settings.pingRateMs);
    live?.asked$.subscribe(() => timers.after(0, () => this.takeSettings()));
  }

  /** Nothing is decided any more. It goes on saying that it lives until {@link fallSilent}. */
  stop(): void {
    this.stopped = true;
    this.timersOn?.tick.cancel();
    this.timersOn?.registers?.cancel();
  }

  fallSilent(): void {
    this.timersOn?.beat.cancel();
  }

  private startTimers(beatMs: number): void {
    const { settings, timers } = this.parts.options;
    const { tick, beat, registers } = this.more;
    for (const timer of Object.values(this.timersOn ?? {})) timer?.cancel();
    this.timersOn = {
      tick: timers.every(tickMs({ ...settings, pingRateMs: beatMs }), tick),
      beat: timers.every(beatMs, beat),
      registers: registers() === undefined ? undefined : timers.every(settings.registers?.everyMs ?? beatMs, () => registers()?.beat()),
    };
  }

  /** Another configuration is in force, whose frame has been cut or applied. */
  private takeSettings(): void {
    const { options, note, step, run, secondPath } = this.parts;
    const { live, settings } = options;
    if (live === undefined || this.stopped) return;
    const before = { ...settings };
    const changes = live.take();
    if (live.waiting.length > 0) note('settings that wait', `from the next start of this node on: ${live.waiting.join(', ')}`);
    if (changes.length === 0) return;
    note('settings changed', changes.join('; '));
    if (JSON.stringify(before.registers) !== JSON.stringify(settings.registers)) this.more.renewRegisters();
    step({ kind: 'settings' });
    run(this.change(before));
    if (before.pingRateMs !== settings.pingRateMs) run(secondPath?.reopen());
  }

  /** Shorter at once, longer only when the other node has the configuration too: until then it goes by the shorter budget. */
  private async change(before: RedundancySettings): Promise<void> {
    const { options, role, sync } = this.parts;
    const { settings, state } = options;
    const { lease } = this.more;
    const turn = ++this.settingsTurn;
    lease.setLength(Math.min(leaseMs(before), leaseMs(settings)));
    this.startTimers(Math.min(before.pingRateMs, settings.pingRateMs));
    if (role().role === 'active') await sync.confirm(state.position.seq).catch(() => undefined);
    if (turn !== this.settingsTurn || this.stopped) return;
    lease.setLength(leaseMs(settings));
    this.startTimers(settings.pingRateMs);
  }
}
