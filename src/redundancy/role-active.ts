import { goOnAlone, supportedUntilMs } from './role-claim.js';
import { holdOffMs } from './moves.js';
import type { PeerView, RoleConfig, RoleState, Step } from './role-state.js';
import { beginHandover } from './role-handover.js';
import { tickField } from './role-field.js';
import { noStandby, stay, without } from './role-step.js';
import { detectionBudgetMs } from './timing.js';

/** What an active node does as time goes by: notices, doubts itself, gives up, hands back. */
export function tickActive(state: RoleState, nowMs: number, config: RoleConfig): Step {
  const { settings } = config;
  if (state.handover !== undefined && nowMs >= state.handover.deadlineMs) {
    return {
      state: without(state, 'handover', 'handBackDueMs'),
      effects: [{ kind: 'event', what: 'hand-over given up', evidence: 'the other node did not get ready in time' }],
    };
  }
  if (nowMs >= supportedUntilMs(state) && nowMs >= state.support.dueMs) return giveUp(state, nowMs);
  const silentMs = nowMs - state.peer.lastHeardMs;
  if (state.peer.link === 'up' && silentMs >= detectionBudgetMs(settings)) {
    return {
      state: noStandby({ ...state, peer: { ...state.peer, link: 'down' } }),
      effects: [{ kind: 'drop-link' }, { kind: 'event', what: 'standby lost', evidence: `silent for ${Math.round(silentMs)} ms` }],
    };
  }
  if (state.suspect !== undefined && nowMs >= state.suspect.untilMs && state.arming === 'disarmed') return outOfDoubt(state, config);
  return tickField(state, nowMs, config) ?? tickHandBack(state, nowMs, config);
}

/** Frozen a while ago, with no witness in force: nobody has answered within the heartbeat budget. */
function outOfDoubt(state: RoleState, config: RoleConfig): Step {
  if (state.peer.link === 'up') return stay(state);
  const isAlone = state.suspect?.alone === true;
  if (config.settings.withoutWitness === 'prefer-availability') return goOnAlone(state, 'no other active node has answered', !isAlone);
  // Whoever does not count itself in sync takes over by a person only.
  if (isAlone) return { state: without(state, 'suspect'), effects: [{ kind: 'event', what: 'goes on after a freeze', evidence: 'it had no standby: nobody can have taken over by itself' }] };
  return { state, effects: [{ kind: 'probe' }] };
}

/** Neither the other node nor the witness supports it: one of them may be about to support the other one (rule 2). */
function giveUp(state: RoleState, nowMs: number): Step {
  const { support } = state;
  const last = Math.max(support.peerUntilMs, support.witnessUntilMs);
  return {
    // It holds everything that was ever confirmed; whether that is still so the witness knows.
    state: without({ ...state, role: 'standby', promoting: false, inSync: true, owedToMain: false, promisedUntilMs: nowMs, peer: { ...state.peer, link: 'down' } }, 'handover', 'handBackDueMs', 'suspect', 'leaderlessSinceMs'),
    effects: [
      { kind: 'event', what: 'gives up its role', evidence: last === 0 ? 'neither the other node nor the witness has supported it' : `neither the other node nor the witness has supported it for ${Math.round(nowMs - last)} ms` },
      { kind: 'demote' },
      { kind: 'drop-link' },
    ],
  };
}

/** Recovery `automatic`: control goes back to a main that is sound again, each time later, and only so often. */
function tickHandBack(state: RoleState, nowMs: number, config: RoleConfig): Step {
  const { settings } = config;
  if (!state.owedToMain || !state.inSync || state.held || state.peer.mode !== 'main' || settings.recovery === 'manual' || state.handover !== undefined) return stay(state);
  if (state.fieldBetter) return stay(without(state, 'handBackDueMs'));
  const holdMs = holdOffMs(settings.recoveryHoldMs, state.recentMoves, settings.maxHandBacksPerHour);
  if (state.handBackDueMs === undefined) return stay({ ...state, handBackDueMs: nowMs + holdMs });
  if (nowMs < state.handBackDueMs) return stay(state);
  if (state.recentMoves >= settings.maxHandBacksPerHour) {
    return {
      state: without({ ...state, owedToMain: false, recoverySuspended: true }, 'handBackDueMs'),
      effects: [{ kind: 'event', what: 'automatic recovery suspended', evidence: `${state.recentMoves} moves of control within an hour; switch by hand when the main is sound` }],
    };
  }
  return beginHandover(state, 'recovery', nowMs, config, `the main has been in sync for ${holdMs} ms`);
}

export function stalled(state: RoleState, ms: number, nextBeat: number, nowMs: number, config: RoleConfig): Step {
  const { settings } = config;
  // What was not heard during an own stall proves nothing: discount it, once.
  const peer: PeerView = { ...state.peer, lastHeardMs: Math.min(nowMs, state.peer.lastHeardMs + ms) };
  const next: RoleState = { ...state, peer };
  if (config.mode === 'independent') return stay(next);
  // One that was giving control away may get it back at once (the hand-over fails), and must not act before it has asked.
  if (state.role === 'active' || state.role === 'yielding' || state.promoting) {
    const budgetMs = detectionBudgetMs(settings);
    // Frozen for so long that the other one may lead: a connection that died meanwhile has to be noticed first, and made anew.
    // A node that was out of sync takes over, too, once it has waited long enough and the policy lets it (story 10059).
    const unheardMs = nowMs - Math.max(state.peer.lastHeardMs, state.startedMs);
    const nobodyElse = settings.withoutWitness === 'prefer-safety' || unheardMs < settings.staleWaitMs - 2 * budgetMs;
    const alone = state.mark === 'alone' && !state.inSync && nobodyElse;
    // Only where a person alone could have made the other one active it need not be waited for: by policy one that is just being
    // started does so by itself (story 17761).
    const isCertain = alone && settings.withoutWitness === 'prefer-safety';
    const patienceMs = isCertain || ms < budgetMs - settings.pingRateMs ? budgetMs : 2 * budgetMs;
    return {
      state: { ...next, suspect: { sinceMs: nowMs, untilMs: nowMs + patienceMs, beat: nextBeat, alone } },
      effects: [{ kind: 'event', what: 'suspends its effects', evidence: `was frozen for ${Math.round(ms)} ms` }],
    };
  }
  if (ms < detectionBudgetMs(settings) - settings.pingRateMs) return stay(next);
  if (state.role !== 'standby' || !state.inSync) {
    // Whoever was about to lead because nobody did has only heard of that before it was frozen (story 200424): it asks anew.
    return state.leaderlessSinceMs === undefined ? stay(next) : { state: without({ ...next, peer: { ...peer, link: 'down' } }, 'leaderlessSinceMs'), effects: [{ kind: 'drop-link' }] };
  }
  // The active has gone on alone meanwhile, and its word about that may have been lost: count again from the beginning.
  return {
    state: { ...next, inSync: false, mark: 'following', peer: { ...peer, link: 'down' } },
    effects: [{ kind: 'event', what: 'does not count itself in sync any more', evidence: `was frozen for ${Math.round(ms)} ms` }, { kind: 'drop-link' }],
  };
}
