import { TandemError } from '../contract/index.js';
import type { Drill } from './drill.js';
import { HOLD_KEY } from './hold.js';
import type { PairParts } from './pair-parts.js';
import { forceRefusal } from './role-machine.js';
import { tickMs } from './timing.js';

/** What a person may do with the pair beside switching: force, hold, release, drill. */
export class PairControl {
  constructor(
    private readonly parts: PairParts,
    private readonly drills: Drill,
  ) {}

  /** Switches there and back, with a report (R35); resolves when it has begun. @throws SWITCH_REFUSED, NOT_ACTIVE */
  async drill(by: string): Promise<void> {
    await this.drills.start(by);
  }

  /**
   * Makes this node active, or lets it go on after a freeze, where no evidence allows it: the other one is gone, and a
   * person knows better. A witness that answers is asked first, and its no stands. @throws SWITCH_REFUSED
   */
  async force(by: string, reason: string): Promise<void> {
    const { options, role, step, witness } = this.parts;
    const { clock, timers, settings } = options;
    const refusal = options.node.mode === 'reader' ? 'it only reads' : forceRefusal(role());
    if (refusal !== undefined) throw new TandemError('SWITCH_REFUSED', `cannot be forced: ${refusal}`);
    step({ kind: 'force', by: reason === '' ? by : `${by}: ${reason}`, witness: witness?.reachable === true });
    const untilMs = clock.monotonicMs() + settings.failoverTimeMs;
    for (;;) {
      const { role: now, promoting, suspect } = role();
      if (promoting || (now === 'active' && suspect === undefined)) return;
      if (clock.monotonicMs() >= untilMs) throw new TandemError('SWITCH_REFUSED', `cannot be forced: the witness refuses, ${witness?.refusal ?? 'without a reason'}`);
      await new Promise<void>((resolve) => timers.after(tickMs(settings), resolve));
    }
  }

  /** Suspends automatic switching for `forMs` of pair time, on both nodes. @throws NOT_ACTIVE */
  async hold(by: string, reason: string, forMs: number): Promise<void> {
    const { pairClock } = this.parts.options;
    const untilMs = Math.round(pairClock.now() + forMs);
    await this.put({ by, reason, untilMs }, 'automatic switching held', `by ${by} for ${Math.round(forMs / 60_000)} min: ${reason}`);
  }

  /** Ends a hold. @throws NOT_ACTIVE */
  async release(by: string): Promise<void> {
    await this.put(null, 'hold released', `by ${by}`);
  }

  private async put(value: { by: string; reason: string; untilMs: number } | null, what: string, evidence: string): Promise<void> {
    const { options, role, sync, note } = this.parts;
    if (role().role !== 'active') throw new TandemError('NOT_ACTIVE', 'this node is not active: ask the other one');
    note(what, evidence);
    await sync.confirm(options.publisher.record([{ key: HOLD_KEY, value }]));
  }
}
