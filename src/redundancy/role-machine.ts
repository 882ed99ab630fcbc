import type { EpochCause } from '../contract/index.js';
import type { Mark, PeerView, Progress, RoleConfig, RoleEffect, RoleInput, RoleState, Step } from './role-state.js';
import { detectionBudgetMs } from './timing.js';

export type * from './role-state.js';

/**
 * Who is active. Pure: (state, input, now) → state and effects; `now` is monotonic milliseconds, every deadline
 * is state, and what was seen of the peer is an input. docs/redundancy.md draws the diagram.
 *
 *   starting ──peer is active──▶ standby ──death, goodbye, yield──▶ active
 *      │                            ▲                                 │
 *      └─newer, or alone by right──▶│active◀─── yield sent ◀─ yielding ◀─ switch, recovery
 *
 * Evidence is never mixed up: a connection that closed *and* every path refusing is death; a refused site or
 * version never is; silence waits for the heartbeat budget and then for the policy.
 */

const HOUR_MS = 3_600_000;

export function initialRoleState(mark: Mark, progress: Progress, keepsControl: boolean, nowMs: number): RoleState {
  return {
    role: 'starting',
    mark,
    progress,
    peer: { link: 'down', role: 'unknown', mode: 'unknown', progress: { epoch: 0, seq: 0 }, lastHeardMs: nowMs, closed: false },
    startedMs: nowMs,
    inSync: false,
    promoting: false,
    owedToMain: false,
    keepsControl,
    handBacks: [],
  };
}

export function stepRole(state: RoleState, input: RoleInput, nowMs: number, config: RoleConfig): Step {
  switch (input.kind) {
    case 'tick':
      return tick(state, nowMs, config);
    case 'peer-seen': {
      const peer: PeerView = { link: 'up', role: input.role, mode: input.mode, progress: input.progress, lastHeardMs: nowMs, closed: false };
      // Only an answer to a beat sent after the freeze counts: what waited in the socket is older than the question.
      // And not the answer of one that has gone further: it is about to be active itself.
      const answered = state.suspect !== undefined && input.echo >= state.suspect.beat && input.progress.epoch <= state.progress.epoch;
      return peerSeen(answered ? without({ ...state, peer }, 'suspect') : { ...state, peer }, nowMs, config);
    }
    case 'peer-heard':
      return stay(state.peer.link === 'up' ? { ...state, peer: { ...state.peer, lastHeardMs: nowMs } } : state);
    case 'peer-refused':
      // Alive, so its silence means nothing; not a partner, so it is not waited for either.
      return stay({
        ...state,
        inSync: false,
        peer: { ...state.peer, link: 'down', closed: false, refused: input.reason, lastHeardMs: nowMs, role: input.peer?.role ?? state.peer.role, progress: input.peer?.progress ?? state.peer.progress },
      });
    case 'link-closed': {
      const next = noStandby({ ...state, peer: { ...state.peer, link: 'down', closed: true } });
      return { state: next, effects: state.role === 'standby' ? [{ kind: 'probe' }] : [] };
    }
    case 'peer-goodbye': {
      const next = noStandby({ ...state, peer: { ...state.peer, link: 'down', role: 'unknown', closed: true } });
      return state.role === 'standby' && state.inSync ? promote(next, 'failover', config, 'the active node said goodbye') : stay(next);
    }
    case 'probe':
      if (state.role !== 'standby' || !state.inSync || state.peer.link === 'up' || !state.peer.closed) return stay(state);
      if (input.refusedEverywhere) return promote(state, 'failover', config, 'connection closed and every path refuses');
      return stay(state);
    case 'progress':
      return stay({ ...state, progress: input.progress });
    case 'sync':
      return stay(input.inSync === state.inSync ? state : without({ ...state, inSync: input.inSync, mark: input.inSync ? 'paired' : markWithout(state) }, 'handBackDueMs'));
    case 'switch':
      return beginHandover(state, 'switch', nowMs, config, `by ${input.by}`);
    case 'peer-ready':
      if (state.handover === undefined || state.role !== 'active') return stay(state);
      return { state: { ...state, role: 'yielding' }, effects: [{ kind: 'yield', cause: state.handover.cause }] };
    case 'handover-failed':
      if (state.handover === undefined) return stay(state);
      return {
        state: without({ ...state, role: state.role === 'yielding' ? 'active' : state.role }, 'handover', 'handBackDueMs'),
        effects: [{ kind: 'event', what: 'hand-over given up', evidence: input.reason }],
      };
    case 'yield-sent':
      return {
        state: without({ ...state, role: 'standby', promoting: false, inSync: true, mark: 'paired', owedToMain: false }, 'handover', 'handBackDueMs', 'leaderlessSinceMs', 'suspect'),
        effects: [{ kind: 'demote' }],
      };
    case 'yielded':
      return state.role === 'standby' || state.role === 'starting' ? promote(state, input.cause, config, 'control was handed over') : stay(state);
    case 'promoted': {
      // Another one was faster: this promotion has been called off.
      if (!state.promoting) return stay(state);
      const next = without({ ...state, role: 'active', promoting: false, inSync: false, mark: 'alone' }, 'leaderlessSinceMs');
      // After a freeze it has still to be told that it may act, and by one who knows the new epoch.
      return stay(state.suspect === undefined ? next : { ...next, suspect: { ...state.suspect, beat: input.nextBeat } });
    }
    case 'stalled':
      return stalled(state, input.ms, input.nextBeat, nowMs, config);
  }
}

/** The peer has spoken: its word settles who leads. */
function peerSeen(state: RoleState, nowMs: number, config: RoleConfig): Step {
  const { peer } = state;
  const peerLeads = peer.role === 'active' || peer.role === 'yielding';
  if (peerLeads && state.role === 'active') {
    // Two actives. The higher epoch fences the lower (rule 1); of equal ones the main keeps the field.
    const mine = state.progress.epoch;
    const theirs = peer.progress.epoch;
    if (theirs > mine || (theirs === mine && config.mode === 'backup')) {
      return {
        state: without({ ...state, role: 'standby', promoting: false, inSync: false, mark: 'following', owedToMain: false }, 'handover', 'handBackDueMs', 'suspect'),
        effects: [{ kind: 'event', what: 'yields to the other active node', evidence: `its epoch ${theirs}, own ${mine}` }, { kind: 'demote' }],
      };
    }
    return stay(state);
  }
  if (peerLeads && state.promoting && state.role !== 'active' && peer.progress.epoch > state.progress.epoch) {
    return {
      state: without({ ...state, role: 'standby', promoting: false, inSync: false, mark: 'following', owedToMain: false }, 'leaderlessSinceMs', 'suspect'),
      effects: [{ kind: 'event', what: 'gives up becoming active', evidence: `the other node is, in epoch ${peer.progress.epoch}, own ${state.progress.epoch}` }, { kind: 'demote' }],
    };
  }
  if (peerLeads && state.role === 'starting') {
    return {
      state: without({ ...state, role: 'standby' }, 'leaderlessSinceMs'),
      effects: [{ kind: 'event', what: 'becomes standby', evidence: 'the other node is active' }],
    };
  }
  if (peerLeads) return stay(without(state, 'leaderlessSinceMs'));
  if (state.role === 'active' && !state.promoting && peer.progress.epoch > state.progress.epoch) {
    // It led alone in an epoch that this node has not heard of. What runs goes on, above both (rule 9): followed in
    // the lower epoch, this node would be refused for ever.
    return {
      state: { ...state, promoting: true },
      effects: [
        { kind: 'event', what: 'opens a new epoch', evidence: `the other node has been active in epoch ${peer.progress.epoch}, own ${state.progress.epoch}` },
        { kind: 'promote', cause: 'arbitration', owedToMain: state.owedToMain, stale: false },
      ],
    };
  }
  if (state.role === 'active' || state.role === 'yielding' || state.promoting) return stay(state);
  // In sync was with what the other one held then: since it has gone on alone and started again, this node is behind.
  if (state.role === 'standby' && state.inSync && peer.role === 'starting' && compareProgress(state.progress, peer.progress) < 0) {
    return peerSeen({ ...state, inSync: false, mark: 'following' }, nowMs, config);
  }
  // Neither is active. A short wait lets a hand-over or a promotion that is under way finish first.
  const since = state.leaderlessSinceMs ?? nowMs;
  const waiting: RoleState = { ...state, leaderlessSinceMs: since };
  const waitMs = state.role === 'starting' && peer.role === 'starting' ? 0 : config.settings.failoverTimeMs;
  if (nowMs - since < waitMs) return stay(waiting);
  const order = compareProgress(state.progress, peer.progress);
  const first = order > 0 || (order === 0 && config.mode === 'main');
  if (!first) return stay(waiting);
  return promote(waiting, 'start', config, order > 0 ? 'neither node is active, this one holds the newer state' : 'neither node is active, both hold the same state, this is the main');
}

function tick(state: RoleState, nowMs: number, config: RoleConfig): Step {
  const { settings } = config;
  if (state.promoting) return stay(state);
  switch (state.role) {
    case 'starting':
      return tickStarting(state, nowMs, config);
    case 'standby': {
      if (isRefused(state, nowMs, config)) return stay(state);
      const silentMs = nowMs - state.peer.lastHeardMs;
      if (silentMs < detectionBudgetMs(settings)) return { state, effects: state.peer.link === 'down' && state.peer.closed ? [{ kind: 'probe' }] : [] };
      const dropped: RoleStep = state.peer.link === 'up' ? [{ kind: 'drop-link' }] : [];
      const down: RoleState = state.peer.link === 'up' ? { ...state, peer: { ...state.peer, link: 'down' } } : state;
      if (settings.withoutWitness === 'prefer-safety') return { state: down, effects: dropped };
      if (!state.inSync && nowMs - Math.max(state.peer.lastHeardMs, state.startedMs) < settings.staleWaitMs) return { state: down, effects: dropped };
      const step = promote(down, 'failover', config, `silent for ${Math.round(silentMs)} ms`, !state.inSync);
      return { state: step.state, effects: [...dropped, ...step.effects] };
    }
    case 'active':
      return tickActive(state, nowMs, config);
    case 'yielding':
      return stay(state);
  }
}

type RoleStep = readonly RoleEffect[];

function tickStarting(state: RoleState, nowMs: number, config: RoleConfig): Step {
  const { settings, mode } = config;
  if (mode === 'independent') return promote(state, 'start', config, 'mode independent');
  if (state.peer.link === 'up' && nowMs - state.peer.lastHeardMs >= detectionBudgetMs(settings)) {
    return { state: { ...state, peer: { ...state.peer, link: 'down' } }, effects: [{ kind: 'drop-link' }] };
  }
  if (state.peer.link === 'up') return stay(state);
  if (isRefused(state, nowMs, config)) return startBesideRefused(state, nowMs, config);
  const waitedMs = nowMs - Math.max(state.startedMs, state.peer.lastHeardMs);
  if (waitedMs < settings.connectionWaitMs) return stay(state);
  if (state.mark === 'alone') return promote(state, 'start', config, `it was the last one active, and its peer did not answer for ${Math.round(waitedMs)} ms`);
  // The peer may have taken over meanwhile: starting alone is a promotion (rule 3).
  if (settings.withoutWitness === 'prefer-safety' || waitedMs < settings.staleWaitMs) return stay(state);
  return promote(state, 'start', config, `no peer for ${Math.round(waitedMs)} ms, and the policy prefers availability`, true);
}

/** Refused, and still there to be refused: one that has not called for a while is simply away. */
function isRefused(state: RoleState, nowMs: number, config: RoleConfig): boolean {
  return state.peer.refused !== undefined && nowMs - state.peer.lastHeardMs < config.settings.connectionWaitMs;
}

/**
 * Two nodes of one pair that refuse each other, both starting: somebody has given them different configurations. The
 * building is not left without a gateway for that; the order is the same as ever, and both know it.
 */
function startBesideRefused(state: RoleState, nowMs: number, config: RoleConfig): Step {
  const { peer } = state;
  if (nowMs - state.startedMs < config.settings.connectionWaitMs) return stay(state);
  if (state.mark === 'alone' && peer.role === 'standby') return promote(state, 'start', config, `it was the last one active, and the other node is refused (${peer.refused ?? ''}) and standby`);
  if (peer.role !== 'starting') return stay(state);
  const order = compareProgress(state.progress, peer.progress);
  if (order < 0 || (order === 0 && config.mode !== 'main')) return stay(state);
  return promote(state, 'start', config, `the other node is refused (${peer.refused ?? ''}) and not active; this one ${order > 0 ? 'holds the newer state' : 'is the main'}`);
}

function tickActive(state: RoleState, nowMs: number, config: RoleConfig): Step {
  const { settings } = config;
  if (state.handover !== undefined && nowMs >= state.handover.deadlineMs) {
    return stepRole(state, { kind: 'handover-failed', reason: 'the other node did not get ready in time' }, nowMs, config);
  }
  const silentMs = nowMs - state.peer.lastHeardMs;
  if (state.peer.link === 'up' && silentMs >= detectionBudgetMs(settings)) {
    return {
      state: noStandby({ ...state, peer: { ...state.peer, link: 'down' } }),
      effects: [{ kind: 'drop-link' }, { kind: 'event', what: 'standby lost', evidence: `silent for ${Math.round(silentMs)} ms` }],
    };
  }
  if (state.suspect !== undefined && state.peer.link === 'down' && nowMs >= state.suspect.untilMs && settings.withoutWitness === 'prefer-availability') {
    return { state: without(state, 'suspect'), effects: [{ kind: 'event', what: 'goes on after a freeze', evidence: 'no other active node has answered' }] };
  }
  if (!state.owedToMain || !state.inSync || state.peer.mode !== 'main' || settings.recovery === 'manual' || state.handover !== undefined) return stay(state);
  if (state.handBackDueMs === undefined) return stay({ ...state, handBackDueMs: nowMs + settings.recoveryHoldMs });
  if (nowMs < state.handBackDueMs) return stay(state);
  const recent = state.handBacks.filter((at) => nowMs - at < HOUR_MS);
  if (recent.length >= settings.maxHandBacksPerHour) {
    return {
      state: without({ ...state, owedToMain: false }, 'handBackDueMs'),
      effects: [{ kind: 'event', what: 'automatic recovery suspended', evidence: `${recent.length} hand-backs within an hour; switch by hand when the main is sound` }],
    };
  }
  return beginHandover({ ...state, handBacks: [...recent, nowMs] }, 'recovery', nowMs, config, `the main has been in sync for ${settings.recoveryHoldMs} ms`);
}

function beginHandover(state: RoleState, cause: EpochCause, nowMs: number, config: RoleConfig, evidence: string): Step {
  if (switchRefusal(state) !== undefined) return stay(state);
  return {
    state: { ...state, handover: { cause, deadlineMs: nowMs + config.settings.failoverTimeMs } },
    effects: [{ kind: 'event', what: `hand-over begins (${cause})`, evidence }, { kind: 'prepare-handover', cause }],
  };
}

/** Why control cannot be handed over now; undefined when it can. Asked before a `switch` on the active. */
export function switchRefusal(state: RoleState): string | undefined {
  if (state.role !== 'active') return 'this node is not active';
  if (state.handover !== undefined) return 'a hand-over is under way';
  if (state.peer.refused !== undefined) return `the other node is refused: ${state.peer.refused}`;
  if (state.peer.link === 'down') return 'the other node is not connected';
  if (!state.inSync) return 'the other node is not in sync';
  return undefined;
}

function stalled(state: RoleState, ms: number, nextBeat: number, nowMs: number, config: RoleConfig): Step {
  const { settings } = config;
  // What was not heard during an own stall proves nothing: discount it, once.
  const peer: PeerView = { ...state.peer, lastHeardMs: Math.min(nowMs, state.peer.lastHeardMs + ms) };
  const next: RoleState = { ...state, peer };
  if (config.mode === 'independent') return stay(next);
  if (state.role === 'active' || state.promoting) {
    return {
      state: { ...next, suspect: { untilMs: nowMs + detectionBudgetMs(settings), beat: nextBeat } },
      effects: [{ kind: 'event', what: 'suspends its effects', evidence: `was frozen for ${Math.round(ms)} ms` }],
    };
  }
  if (state.role !== 'standby' || !state.inSync || ms < detectionBudgetMs(settings) - settings.pingRateMs) return stay(next);
  // The active has gone on alone meanwhile, and its word about that may have been lost: count again from the beginning.
  return {
    state: { ...next, inSync: false, mark: 'following', peer: { ...peer, link: 'down' } },
    effects: [{ kind: 'event', what: 'does not count itself in sync any more', evidence: `was frozen for ${Math.round(ms)} ms` }, { kind: 'drop-link' }],
  };
}

function promote(state: RoleState, cause: EpochCause, config: RoleConfig, evidence: string, stale = false): Step {
  if (state.promoting) return stay(state);
  if (config.barred !== undefined && cause !== 'switch') return stay(state);
  const owedToMain =
    config.mode === 'backup' && config.settings.recovery === 'automatic' && (cause === 'failover' || (cause === 'start' && !state.keepsControl));
  return {
    state: { ...state, promoting: true, owedToMain },
    effects: [
      { kind: 'event', what: `becomes active (${cause}${stale ? ', possibly stale' : ''})`, evidence, cause },
      { kind: 'promote', cause, owedToMain, stale },
    ],
  };
}

function compareProgress(a: Progress, b: Progress): number {
  return a.epoch - b.epoch || a.seq - b.seq;
}

/** An active without its standby is alone; a standby that lost its active still knows that it was in sync. */
function noStandby(state: RoleState): RoleState {
  return state.role === 'active' ? without({ ...state, inSync: false, mark: 'alone' }, 'handBackDueMs') : state;
}

function markWithout(state: RoleState): Mark {
  return state.role === 'active' ? 'alone' : 'following';
}

function stay(state: RoleState): Step {
  return { state, effects: [] };
}

type OptionalKey = 'handover' | 'handBackDueMs' | 'suspect' | 'leaderlessSinceMs';

function without(state: RoleState, ...keys: OptionalKey[]): RoleState {
  return Object.fromEntries(Object.entries(state).filter(([key]) => !keys.includes(key as OptionalKey))) as unknown as RoleState;
}
