import type { NodeMode, RedundancySettings, Role } from '../../src/contract/index.js';
import { initialRoleState, stepRole, type Mark, type RoleEffect, type RoleInput, type RoleState } from '../../src/redundancy/index.js';
import { SETTINGS } from './world.js';

export interface RigOptions {
  readonly mode?: NodeMode;
  readonly mark?: Mark;
  readonly progress?: readonly [epoch: number, seq: number];
  readonly keepsControl?: boolean;
  readonly settings?: Partial<RedundancySettings>;
}

/** A role machine told as a story: what happens, at what time, and what it does about it. */
export class Story {
  state: RoleState;
  nowMs = 0;
  /** Kinds of the effects of the last step, events left out. */
  did: string[] = [];
  readonly effects: RoleEffect[] = [];
  readonly settings: RedundancySettings;
  private readonly mode: NodeMode;

  constructor(options: RigOptions = {}) {
    this.mode = options.mode ?? 'backup';
    this.settings = { ...SETTINGS, ...options.settings };
    const [epoch, seq] = options.progress ?? [1, 10];
    this.state = initialRoleState(options.mark ?? 'following', { epoch, seq }, options.keepsControl ?? false, 0);
  }

  /** A standby in sync with an active main (or backup), which it has just heard. */
  static standby(options: RigOptions = {}): Story {
    return new Story(options).sees('active').in({ kind: 'sync', inSync: true });
  }

  /** An active node with a standby in sync. */
  static active(options: RigOptions = {}): Story {
    const story = new Story({ mark: 'alone', mode: 'main', ...options });
    story.after(story.settings.connectionWaitMs).in({ kind: 'promoted', nextBeat: 1 });
    return story.sees('standby').in({ kind: 'sync', inSync: true });
  }

  get role(): Role {
    return this.state.role;
  }

  /** `promote failover`, for the last promotion that was asked for. */
  get promotion(): Extract<RoleEffect, { kind: 'promote' }> | undefined {
    return this.effects.filter((effect) => effect.kind === 'promote').at(-1);
  }

  in(input: RoleInput): this {
    const { state, effects } = stepRole(this.state, input, this.nowMs, { mode: this.mode, settings: this.settings });
    this.state = state;
    this.did = effects.filter((effect) => effect.kind !== 'event').map((effect) => effect.kind);
    this.effects.push(...effects);
    return this;
  }

  /** What the replicated state says. */
  knowing(over: Partial<Pick<RoleState, 'recentMoves' | 'held' | 'arming' | 'support'>>): this {
    this.state = { ...this.state, ...over };
    return this;
  }

  /** Time passes with ticks, and nothing is heard. */
  after(ms: number): this {
    const endMs = this.nowMs + ms;
    const did: string[] = [];
    while (this.nowMs < endMs) {
      this.nowMs = Math.min(endMs, this.nowMs + 50);
      this.in({ kind: 'tick' });
      did.push(...this.did);
    }
    this.did = did;
    return this;
  }

  /** Time passes with a heartbeat of the peer every 250 ms. */
  hearing(role: Role, ms: number, over: { epoch?: number; seq?: number } = {}): this {
    const endMs = this.nowMs + ms;
    while (this.nowMs < endMs) {
      this.after(Math.min(250, endMs - this.nowMs));
      this.sees(role, over);
    }
    return this;
  }

  /** Time passes while a node that is refused calls again and again. */
  refusing(ms: number, peer?: { role: Role; progress: { epoch: number; seq: number } }): this {
    const endMs = this.nowMs + ms;
    const did: string[] = [];
    while (this.nowMs < endMs) {
      this.in({ kind: 'peer-refused', reason: 'other site', ...(peer === undefined ? {} : { peer }) }).after(250);
      did.push(...this.did);
    }
    this.did = did;
    return this;
  }

  sees(role: Role, over: { epoch?: number; seq?: number; echo?: number } = {}): this {
    return this.in({ kind: 'peer-seen', role, mode: this.mode === 'main' ? 'backup' : 'main', progress: { epoch: over.epoch ?? 1, seq: over.seq ?? 10 }, echo: over.echo ?? 0 });
  }
}
