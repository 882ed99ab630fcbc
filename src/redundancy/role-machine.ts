import { stalled, tickActive } from './role-active.js';
import { beginHandover } from './role-handover.js';
import { claim, force, goOnAlone, granted, promote, supportedUntilMs } from './role-claim.js';
import type { Mark, PeerView, Progress, RoleConfig, RoleEffect, RoleInput, RoleState, Step } from './role-state.js';
import { compareProgress, mayLack, noStandby, stay, without } from './role-step.js';
import { arbitrate, type Stand } from './arbitration.js';
import { noteField } from './role-field.js';
import { detectionBudgetMs } from './timing.js';

export type * from './role-state.js';
export { forceRefusal } from './role-claim.js';
export { switchRefusal } from './role-handover.js';

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
    recentMoves: 0,
    recoverySuspended: false,
    fieldBetter: false,
    held: false,
    arming: 'disarmed',
    support: { peerUntilMs: 0, witnessUntilMs: 0, fromBeat: Infinity, dueMs: 0 },
    // What it promised before it stopped it has forgotten: see tickStarting.
    promisedUntilMs: nowMs,
  };
}

export function stepRole(state: RoleState, input: RoleInput, nowMs: number, config: RoleConfig): Step {
  switch (input.kind) {
    case 'tick':
      return tick(state, nowMs, config);
    case 'peer-seen': {
      const peer: PeerView = { ...lasting(state.peer), link: 'up', role: input.role, mode: input.mode, progress: input.progress, lastHeardMs: nowMs, closed: false, ...(input.apart === true && { apart: true as const }) };
      // Only an answer to a beat sent after the freeze counts: what waited in the socket is older than the question.
      // And not the answer of one that has gone further: it is about to be active itself.
      // Nor before the epoch is on disk in which it goes on: that releases it (story 6862).
      const answered = state.suspect !== undefined && !state.promoting && input.echo >= state.suspect.beat && input.progress.epoch <= state.progress.epoch;
      const supported = supportOf(state, input, config);
      // It has outlived the connection.
      const isBack = state.role === 'standby' && state.inSync && state.peer.link === 'down';
      const heard = (from: RoleState): Step => (input.undecided === true && isSplit(from) ? stay(from) : peerSeen(from, nowMs, config));
      const next: RoleState = { ...supported, peer, ...(isBack && { maybeOvertaken: true as const }) };
      const met = isSplit(next) ? next : without(next, 'bothActiveSinceMs');
      return heard(answered ? without(met, 'suspect') : met);
    }
    case 'stands':
      return isSplit(state) && state.arming === 'disarmed' ? decide(state, input.own, input.peer) : stay(state);
    case 'field':
      return noteField(state, input.balance, nowMs, config);
    case 'settings':
    case 'peer-heard':
      // With other settings the last sign of life is measured by a budget that it was not sent for.
      return stay(state.peer.link === 'up' ? { ...state, peer: { ...state.peer, lastHeardMs: nowMs } } : state);
    case 'peer-refused':
      // Alive, so its silence means nothing; not a partner, so it is not waited for either.
      return stay({
        ...state,
        inSync: false,
        peer: { ...state.peer, link: 'down', closed: false, refused: input.reason, lastHeardMs: nowMs, role: input.peer?.role ?? state.peer.role, progress: input.peer?.progress ?? state.peer.progress },
      });
    case 'peer-alive':
      return stay(input.role === 'active' || input.role === 'yielding' ? { ...state, peer: { ...state.peer, aliveMs: nowMs } } : state);
    case 'promised':
      return stay({ ...state, promisedUntilMs: Math.max(state.promisedUntilMs, nowMs + (config.settings.witness?.promiseMs ?? 0)) });
    case 'witness-echo': {
      const { support, suspect } = state;
      const untilMs = input.sentMs + (config.settings.witness?.leaseMs ?? 0);
      const next: RoleState = { ...state, support: { ...support, witnessUntilMs: Math.max(support.witnessUntilMs, untilMs) } };
      // Asked after the freeze: nobody else has been supported meanwhile.
      return stay(suspect !== undefined && !state.promoting && state.arming !== 'disarmed' && input.sentMs >= suspect.sinceMs ? without(next, 'suspect') : next);
    }
    case 'witness-granted':
      return granted(state, input.sentMs, nowMs, config);
    case 'link-closed': {
      const next = noStandby({ ...state, peer: { ...state.peer, link: 'down', closed: true } });
      return { state: next, effects: state.role === 'standby' ? [{ kind: 'probe' }] : [] };
    }
    case 'peer-drops':
      // Known before the connection is seen to close: the first probe may come when it has confirmed alone and ended.
      return stay(state.role === 'standby' && state.inSync ? { ...state, maybeOvertaken: true } : state);
    case 'peer-goodbye': {
      const next = noStandby({ ...state, peer: { ...state.peer, link: 'down', role: 'unknown', closed: true } });
      return state.role === 'standby' && state.inSync && !state.held ? claim(next, 'failover', nowMs, config, 'the active node said goodbye', { dead: true, stale: mayLack(state, detectionBudgetMs(config.settings)) }) : stay(next);
    }
    case 'probe':
      if (state.peer.link === 'up') return stay(state);
      // Whoever ends with its connection does not listen any more when it is asked for the first time.
      if (!input.refusedEverywhere) return stay(state.role === 'standby' && state.inSync && state.peer.closed ? { ...state, maybeOvertaken: true } : state);
      if (state.role === 'active' && state.suspect !== undefined && state.arming === 'disarmed') {
        return goOnAlone(state, 'every path of the other node refuses: it is not there', true);
      }
      if (state.role !== 'standby' || !state.inSync || !state.peer.closed || state.held) return stay(state);
      return claim(state, 'failover', nowMs, config, 'connection closed and every path refuses', { dead: true, stale: mayLack(state, detectionBudgetMs(config.settings)) });
    case 'progress':
      return stay({ ...state, progress: input.progress });
    case 'sync':
      return stay(input.inSync === state.inSync ? state : without({ ...state, inSync: input.inSync, mark: input.inSync ? 'paired' : markWithout(state) }, 'handBackDueMs', 'maybeOvertaken'));
    case 'switch':
      return beginHandover(state, 'switch', nowMs, config, `by ${input.by}`);
    case 'force':
      if (config.mode === 'reader') return stay(state);
      return force(state, input.by, input.witness, nowMs, config);
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
        state: without({ ...state, role: 'standby', promoting: false, inSync: true, mark: 'paired', owedToMain: false }, 'handover', 'handBackDueMs', 'leaderlessSinceMs', 'suspect', 'fieldWorse'),
        effects: [{ kind: 'demote' }],
      };
    case 'yielded':
      if (config.mode === 'reader') return stay(state);
      // Its word that it leads is from before: compared with where it stood then, this node would give way to one that has just yielded.
      return state.role === 'standby' || state.role === 'starting' ? promote({ ...state, peer: { ...state.peer, role: 'standby' } }, input.cause, config, 'control was handed over') : stay(state);
    case 'promoted': {
      // Another one was faster: this promotion has been called off.
      if (!state.promoting) return stay(state);
      const support = { ...state.support, peerUntilMs: 0, fromBeat: input.nextBeat, dueMs: nowMs + config.settings.failoverTimeMs };
      const next = without({ ...state, role: 'active', promoting: false, inSync: false, mark: 'alone', support, fieldBetter: false }, 'leaderlessSinceMs', 'claim', 'fieldWorse', 'maybeOvertaken');
      // After a freeze it has still to be told that it may act, and by one who knows the new epoch; or that was why it opened one.
      if (state.suspect?.opensEpoch === true) return stay(without(next, 'suspect'));
      return stay(state.suspect === undefined ? next : { ...next, suspect: { ...state.suspect, beat: input.nextBeat } });
    }
    case 'stalled':
      return stalled(state, input.ms, input.nextBeat, nowMs, config);
  }
}

/** An active node goes on in an epoch above all that it has heard of. `stale`: it does not know what was done in them. */
function openAbove(state: RoleState, evidence: string, stale = false): Step {
  if (state.promoting) return stay(state);
  return {
    state: { ...state, promoting: true },
    effects: [
      { kind: 'event', what: 'opens a new epoch', evidence },
      { kind: 'promote', cause: 'arbitration', owedToMain: state.owedToMain, stale },
    ],
  };
}

/** The peer has spoken: its word settles who leads. */
function peerSeen(state: RoleState, nowMs: number, config: RoleConfig): Step {
  const { peer } = state;
  const peerLeads = peer.role === 'active' || peer.role === 'yielding';
  if (peerLeads && state.role === 'active') {
    // Two actives. The higher epoch fences the lower (rule 1); of equal ones the main keeps the field; unless a witness knows better.
    const mine = state.progress.epoch;
    const theirs = peer.progress.epoch;
    const underWitness = state.arming === 'disarmed' ? undefined : meetUnderWitness(state, nowMs, config);
    if (underWitness !== undefined) return underWitness;
    // Decided already: it has not heard so yet.
    if (peer.wonOver !== undefined && theirs <= peer.wonOver && state.arming === 'disarmed') return stay(state);
    if (theirs > mine || (theirs === mine && config.mode === 'backup')) {
      return yieldTo(state, `its epoch ${theirs}, own ${mine}`);
    }
    // Rule 9: what goes on is newer than either of the two, also for a device that both have written to.
    return theirs === mine ? openAbove(state, `both nodes have been active in epochs numbered ${mine}`) : stay(state);
  }
  if (peerLeads && state.promoting && state.role !== 'active' && peer.progress.epoch > state.progress.epoch) {
    return {
      state: without({ ...state, role: 'standby', promoting: false, inSync: false, mark: 'following', owedToMain: false }, 'leaderlessSinceMs', 'suspect'),
      effects: [{ kind: 'event', what: 'gives up becoming active', evidence: `the other node is, in epoch ${peer.progress.epoch}, own ${state.progress.epoch}` }, { kind: 'demote' }],
    };
  }
  if (peerLeads && state.role === 'starting') {
    return {
      state: without({ ...state, role: 'standby' }, 'leaderlessSinceMs', 'claim'),
      effects: [{ kind: 'event', what: 'becomes standby', evidence: 'the other node is active' }],
    };
  }
  if (peerLeads) return stay(without(state, 'leaderlessSinceMs', 'claim'));
  if (state.role === 'active' && !state.promoting && (peer.progress.epoch > state.progress.epoch || peer.apart === true)) {
    // It led alone in an epoch that this node has not heard of. What runs goes on, above both (rule 9): followed in
    // the lower epoch, this node would be refused for ever; in one of equal number (story 306865), nothing would say which is the newer.
    // What it confirmed there is in a tail that has not come yet: what this one has in doubt may be older (story 307898).
    return openAbove(state, `the other node has been active in epoch ${peer.progress.epoch}, own ${state.progress.epoch}`, true);
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

/**
 * Two actives with a witness in force, which supports one at a time (rule 2): one that nobody supports has confirmed nothing
 * and goes, whatever its epoch (story 11250); the other one gives it the time to. Undefined where that is over: it has been
 * forced by a person, and does without the witness.
 */
function meetUnderWitness(state: RoleState, nowMs: number, config: RoleConfig): Step | undefined {
  if (nowMs >= supportedUntilMs(state)) return yieldTo(state, 'it is active, and neither it nor the witness supports this one');
  const { bothActiveSinceMs = nowMs } = state;
  return nowMs - bothActiveSinceMs < config.settings.failoverTimeMs ? stay({ ...state, bothActiveSinceMs }) : undefined;
}

/** Both are active, and hear each other. */
function isSplit({ role, peer }: RoleState): boolean {
  return role === 'active' && peer.link === 'up' && (peer.role === 'active' || peer.role === 'yielding');
}

/** Two actives have met, and both know both stands (R21, rule 9). The one that goes on does so in an epoch above both. */
function decide(state: RoleState, own: Stand, theirs: Stand): Step {
  const { wins, evidence } = arbitrate(own, theirs);
  if (!wins) return yieldTo(state, evidence);
  const won: RoleState = { ...state, peer: { ...state.peer, wonOver: theirs.epoch } };
  const above = own.epoch > theirs.epoch || state.promoting ? stay(won) : openAbove(won, `the other node has been active in epoch ${theirs.epoch}, own ${own.epoch}`);
  return { state: above.state, effects: [{ kind: 'event', what: 'goes on as the active node', evidence }, ...above.effects] };
}

function yieldTo(state: RoleState, evidence: string): Step {
  return {
    state: without({ ...state, role: 'standby', promoting: false, inSync: false, mark: 'following', owedToMain: false }, 'handover', 'handBackDueMs', 'suspect', 'fieldWorse', 'bothActiveSinceMs'),
    effects: [{ kind: 'event', what: 'yields to the other active node', evidence }, { kind: 'demote' }],
  };
}

function tick(state: RoleState, nowMs: number, config: RoleConfig): Step {
  const { settings } = config;
  if (state.promoting) return stay(state);
  switch (state.role) {
    case 'starting':
      return tickStarting(state, nowMs, config);
    case 'standby':
      return tickStandby(state, nowMs, config);
    case 'active':
      return tickActive(state, nowMs, config);
    case 'yielding':
      // What it does to get rid of the field may hang; nothing has been given away before `yield` is sent.
      if (state.handover === undefined || nowMs < state.handover.deadlineMs + settings.failoverTimeMs) return stay(state);
      return stepRole(state, { kind: 'handover-failed', reason: `the field was not let go within ${2 * settings.failoverTimeMs} ms` }, nowMs, config);
  }
}

function tickStandby(state: RoleState, nowMs: number, config: RoleConfig): Step {
  const { settings } = config;
  if (isRefused(state, nowMs, config)) return stay(state);
  const silentMs = nowMs - state.peer.lastHeardMs;
  const probe: readonly RoleEffect[] = state.peer.link === 'down' && state.peer.closed ? [{ kind: 'probe' }] : [];
  if (silentMs < detectionBudgetMs(settings)) return { state, effects: probe };
  const dropped: readonly RoleEffect[] = state.peer.link === 'up' ? [{ kind: 'drop-link' }] : [];
  const down: RoleState = state.peer.link === 'up' ? { ...state, peer: { ...state.peer, link: 'down' } } : state;
  const wait: Step = { state: down, effects: [...dropped, ...probe] };
  if (state.held) return wait;
  // One path is lost, which is an alarm and no failover (R18): its process lives, and its main thread gets on.
  if (state.peer.aliveMs !== undefined && nowMs - state.peer.aliveMs < Math.max(detectionBudgetMs(settings), settings.failoverTimeMs)) return wait;
  // With a witness in force it decides, not the policy; what lies outside the in-sync set is for the policy always.
  const isByPolicy = state.arming === 'disarmed' || state.arming === 'disarming' || !state.inSync;
  if (isByPolicy && settings.withoutWitness === 'prefer-safety') return wait;
  const isStale = !state.inSync || state.arming === 'disarming';
  if (isStale && nowMs - Math.max(state.peer.lastHeardMs, state.startedMs) < settings.staleWaitMs) return wait;
  const lacks = isStale || mayLack(state, detectionBudgetMs(settings));
  const step = claim(down, 'failover', nowMs, config, `silent for ${Math.round(silentMs)} ms${config.alsoSilent ?? ''}`, { stale: lacks });
  return { state: step.state, effects: [...dropped, ...probe, ...step.effects] };
}

function tickStarting(state: RoleState, nowMs: number, config: RoleConfig): Step {
  const { settings, mode } = config;
  if (mode === 'independent') return promote(state, 'start', config, 'mode independent');
  if (state.peer.link === 'up' && nowMs - state.peer.lastHeardMs >= detectionBudgetMs(settings)) {
    return { state: { ...state, peer: { ...state.peer, link: 'down' } }, effects: [{ kind: 'drop-link' }] };
  }
  if (state.peer.link === 'up') return stay(state);
  if (isRefused(state, nowMs, config)) return startBesideRefused(state, nowMs, config);
  const waitedMs = nowMs - Math.max(state.startedMs, state.peer.lastHeardMs);
  // A promise of before the restart has run out by then: no shorter wait is accepted (src/config).
  if (waitedMs < settings.connectionWaitMs) return stay(state);
  const isArmed = state.arming === 'arming' || state.arming === 'armed';
  if (state.mark === 'alone') return claim(state, 'start', nowMs, config, `it was the last one active, and its peer did not answer for ${Math.round(waitedMs)} ms`);
  // In the in-sync set as far as it knows, or new to the site: the witness knows better.
  if (isArmed && (state.mark === 'paired' || state.progress.epoch === 0)) return claim(state, 'start', nowMs, config, `no peer for ${Math.round(waitedMs)} ms`);
  // The peer may have taken over meanwhile: starting alone is a promotion (rule 3).
  if (settings.withoutWitness === 'prefer-safety' || waitedMs < settings.staleWaitMs) return stay(state);
  return claim(state, 'start', nowMs, config, `no peer for ${Math.round(waitedMs)} ms, and the policy prefers availability`, { stale: true });
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
  if (state.mark === 'alone' && peer.role === 'standby') return claim(state, 'start', nowMs, config, `it was the last one active, and the other node is refused (${peer.refused ?? ''}) and standby`);
  if (peer.role !== 'starting') return stay(state);
  const order = compareProgress(state.progress, peer.progress);
  if (order < 0 || (order === 0 && config.mode !== 'main')) return stay(state);
  return claim(state, 'start', nowMs, config, `the other node is refused (${peer.refused ?? ''}) and not active; this one ${order > 0 ? 'holds the newer state' : 'is the main'}`);
}

/** What one word of the peer after the other does not change. */
function lasting({ aliveMs, wonOver, link }: PeerView): Pick<PeerView, 'aliveMs' | 'wonOver'> {
  return { ...(aliveMs === undefined ? {} : { aliveMs }), ...(wonOver === undefined || link === 'down' ? {} : { wonOver }) };
}

/** The echo of a beat of this epoch, from one that promises to support nobody else. */
function supportOf(state: RoleState, input: Extract<RoleInput, { kind: 'peer-seen' }>, config: RoleConfig): RoleState {
  const { support } = state;
  if (input.support === undefined || input.echo < support.fromBeat || input.progress.epoch > state.progress.epoch) return state;
  return { ...state, support: { ...support, peerUntilMs: Math.max(support.peerUntilMs, input.support.sentMs + (config.settings.witness?.leaseMs ?? 0)) } };
}

function markWithout(state: RoleState): Mark {
  return state.role === 'active' ? 'alone' : 'following';
}
