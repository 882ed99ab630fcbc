import type { Clock, DeviceDefinition, Log, PollClass, PollingSettings, Random, Timer, Timers } from '../contract/index.js';
import { Cycles } from './cycles.js';
import type { DriverSession } from './driver-session.js';
import type { HostCounters } from './host-counters.js';
import { IDLE_PLAN, stepPlan, withoutPoll, type PlanActivity, type PlanEffect, type PlanInput, type PlanRules } from './poll-plan.js';

/** How soon a poll that was put off is looked at again. */
const STRAIN_LOOK_MS = 50;

export interface DevicePollerOptions {
  readonly device: DeviceDefinition;
  readonly polling: PollingSettings;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  readonly counters: HostCounters;
  /** Whether this node has more to do than it can: nothing is polled then. */
  readonly strained: (() => boolean) | undefined;
  readonly session: () => DriverSession | undefined;
  readonly isActive: () => boolean;
  /** The driver failed once it had polled: it is to be replaced. */
  readonly renew: () => Promise<void>;
  /** What the last poll said of the device. */
  readonly answered: (reachable: boolean) => void;
  /** It counts as lost from now on. */
  readonly lost: (lastError: string) => void;
}

/** Carries out the poll plan of one device: when each class is asked, and what becomes of the answer. */
export class DevicePoller {
  readonly cycles: Cycles;
  private readonly rules: PlanRules;
  private plan = IDLE_PLAN;
  private wake: Timer | undefined;
  private error: string | undefined;

  constructor(private readonly options: DevicePollerOptions) {
    const { device, polling } = options;
    this.cycles = new Cycles(polling.periodMs);
    this.rules = { classes: (['fast', 'normal', 'slow'] as const).filter((name) => device.points.some((point) => point.poll === name)), periodMs: polling.periodMs };
  }

  /** Whether anything is polled at all. */
  get hasPolls(): boolean {
    return this.rules.classes.length > 0;
  }

  /** Undefined once it has answered. */
  get lastError(): string | undefined {
    return this.error;
  }

  failed(message: string): void {
    this.error = message;
  }

  setActivity(activity: PlanActivity): void {
    this.step({ type: 'activity', activity });
  }

  /** The driver is closed. A device whose driver is replaced stays backed off; one that is silenced starts anew. */
  stop(goesOn: boolean): void {
    this.plan = goesOn ? withoutPoll(this.plan) : IDLE_PLAN;
    this.wake?.cancel();
  }

  private step(input: PlanInput): void {
    // Each step that leaves nothing under way says when the next one is due.
    this.wake?.cancel();
    const { state, effects } = stepPlan(this.rules, this.plan, input, this.options.clock.monotonicMs());
    this.plan = state;
    for (const effect of effects) this.carryOut(effect);
  }

  private carryOut(effect: PlanEffect): void {
    switch (effect.do) {
      case 'poll':
        this.options.counters.longestWaitMs = Math.max(this.options.counters.longestWaitMs, effect.lateMs);
        void this.poll(effect.pollClass);
        return;
      case 'wake':
        this.wake = this.options.timers.after(effect.atMs - this.options.clock.monotonicMs(), () => this.step({ type: 'tick' }));
        return;
      case 'lost':
        this.options.lost(this.error ?? '');
        return;
      case 'found':
        this.options.log.info(`${this.options.device.name} answers again`);
        return;
      case 'overrun':
        this.options.counters.overruns++;
        this.options.counters.missedPeriods += effect.missed;
        this.cycles.overran(effect.pollClass, effect.missed);
        return;
    }
  }

  private async poll(pollClass: PollClass): Promise<void> {
    const { clock, random, strained, counters, isActive } = this.options;
    const session = this.options.session();
    if (session === undefined) return;
    if (session.hasFailed && session.hasPolled) return this.options.renew();
    if (strained?.() === true) {
      counters.delayedPolls++;
      while (strained() && !session.isClosed) await this.pause(STRAIN_LOOK_MS);
      if (session.isClosed) return;
    }
    counters.polls++;
    const startMs = clock.monotonicMs();
    // A standby asks at a pace of its own.
    if (isActive()) this.cycles.began(pollClass, startMs);
    const result = await session.poll(pollClass);
    // The driver was stopped meanwhile: this answer belongs to a life that is over.
    if (session.isClosed) return;
    counters.lastPollMs = clock.monotonicMs() - startMs;
    counters.longestPollMs = Math.max(counters.longestPollMs, counters.lastPollMs);
    if (isActive()) this.cycles.ended(pollClass, startMs + counters.lastPollMs);
    if (!result.reachable || !isActive()) this.cycles.broke();
    if (result.reachable) {
      this.error = undefined;
    } else {
      counters.failedPolls++;
      this.error = result.error ?? this.error ?? 'no answer';
    }
    this.step({ type: 'polled', reachable: result.reachable, chance: random.next(), paced: result.paced === true });
    this.options.answered(result.reachable);
  }

  private async pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.options.timers.after(delayMs, resolve));
  }
}
