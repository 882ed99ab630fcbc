import type { EpochCause } from '../contract/index.js';
import type { RoleConfig, RoleState, Step } from './role-state.js';
import { mayLack, stay, without } from './role-step.js';
import { detectionBudgetMs } from './timing.js';

/** How a node comes to be active: by what it knows alone, or with a witness in force by its grant (rule 2). */

export interface ClaimOptions {
  /** It may lack what was confirmed: the policy or a person allows it all the same. */
  readonly stale?: boolean;
  /** The other node is known to be dead or to have left: what this node promised to it is void. */
  readonly dead?: boolean;
}

/** Wants to become active where nobody hands control over. */
export function claim(state: RoleState, cause: EpochCause, nowMs: number, config: RoleConfig, evidence: string, { stale = false, dead = false }: ClaimOptions = {}): Step {
  if (state.promoting || (config.barred !== undefined && cause !== 'switch' && cause !== 'force')) return stay(state);
  if (state.arming === 'disarmed') return promote(state, cause, config, evidence, { stale });
  // Both have agreed to do without the witness; until that is in force, what is not certain is for the policy.
  if (state.arming === 'disarming') return dead || stale ? promote(state, cause, config, evidence, { stale, disarm: true }) : stay(state);
  if (nowMs < state.promisedUntilMs && !dead) return stay(state);
  const next: RoleState = dead ? { ...state, promisedUntilMs: nowMs } : state;
  if (state.claim !== undefined && nowMs - state.claim.askedMs < config.settings.pingRateMs) return stay(next);
  return { state: { ...next, claim: { cause, evidence, stale, askedMs: nowMs } }, effects: [{ kind: 'ask-witness', dead, beyondSet: stale }] };
}

/** The witness has granted what was asked for at `sentMs`. */
export function granted(state: RoleState, sentMs: number, nowMs: number, config: RoleConfig): Step {
  const { claim: wanted, peer } = state;
  const leaseUntilMs = sentMs + (config.settings.witness?.leaseMs ?? 0);
  const led = peer.link === 'up' && (peer.role === 'active' || peer.role === 'yielding');
  if (wanted === undefined || state.promoting || led || nowMs >= leaseUntilMs || (state.role !== 'standby' && state.role !== 'starting')) return stay(state);
  const supported: RoleState = { ...without(state, 'claim'), support: { ...state.support, witnessUntilMs: leaseUntilMs } };
  return promote(supported, wanted.cause, config, `${wanted.evidence}; the witness supports this node`, { stale: wanted.stale });
}

/** Begins the activation. Whoever calls it is sure that nobody else is active, or takes the risk that the policy states. */
export function promote(state: RoleState, cause: EpochCause, config: RoleConfig, evidence: string, options: { stale?: boolean; disarm?: boolean } = {}): Step {
  if (state.promoting || (config.barred !== undefined && cause !== 'switch' && cause !== 'force')) return stay(state);
  const { stale = false, disarm = false } = options;
  const owedToMain = config.mode === 'backup' && config.settings.recovery === 'automatic' && (cause === 'failover' || (cause === 'start' && !state.keepsControl));
  return {
    state: without({ ...state, promoting: true, owedToMain }, 'claim'),
    effects: [
      { kind: 'event', what: `becomes active (${cause}${stale ? ', possibly stale' : ''})`, evidence, cause },
      { kind: 'promote', cause, owedToMain, stale, ...(disarm ? { disarm } : {}) },
    ],
  };
}

/**
 * Ends the doubt after a freeze though the other node has not answered. That one may have led meanwhile and be away now:
 * going on is an activation like any other (rule 1), so that no device sees an epoch return that it has seen end.
 */
export function goOnAlone(state: RoleState, evidence: string, stale: boolean): Step {
  const { suspect } = state;
  if (suspect === undefined || state.promoting) return stay(state);
  return {
    // No effects until the epoch is on disk.
    state: { ...state, promoting: true, suspect: { ...suspect, opensEpoch: true } },
    effects: [
      { kind: 'event', what: 'goes on after a freeze', evidence, cause: 'arbitration' },
      { kind: 'promote', cause: 'arbitration', owedToMain: state.owedToMain, stale },
    ],
  };
}

/** Until when the effects of this active node stand on an echo; without a witness in force, on nothing but itself. */
export function supportedUntilMs({ arming, support }: RoleState): number {
  return arming === 'disarmed' ? Infinity : Math.max(support.peerUntilMs, support.witnessUntilMs);
}

/** Whether the echo that this node is about to send may promise support to the other one. */
export function mayPromise(state: RoleState): boolean {
  return (state.role === 'standby' || state.role === 'starting') && !state.promoting && state.claim === undefined && state.peer.role === 'active';
}

/** A person decides (rule 3). With a witness that answers, even a person cannot make two nodes active. */
export function force(state: RoleState, by: string, witness: boolean, nowMs: number, config: RoleConfig): Step {
  const refusal = forceRefusal(state);
  if (refusal !== undefined) return stay(state);
  if (state.role === 'active') return goOnAlone(state, `forced by ${by}`, true);
  const stale = mayLack(state, detectionBudgetMs(config.settings));
  const evidence = `forced by ${by}`;
  if (witness && state.arming !== 'disarmed') return claim({ ...without(state, 'claim'), promisedUntilMs: nowMs }, 'force', nowMs, config, evidence, { stale: true });
  return promote(state, 'force', config, `${evidence}${state.arming === 'disarmed' ? '' : ', without the witness'}`, { stale, disarm: true });
}

/** Why a person cannot force this node to be active, or undefined. */
export function forceRefusal(state: RoleState): string | undefined {
  if (state.role === 'active') return state.suspect === undefined ? 'this node is active already' : undefined;
  if (state.role === 'yielding') return 'this node is handing control over';
  if (state.promoting) return 'this node is becoming active already';
  if (state.peer.link === 'up' && (state.peer.role === 'active' || state.peer.role === 'yielding')) return 'the other node is active and connected: switch instead';
  if (state.peer.refused !== undefined && state.peer.role === 'active') return 'the other node is active; it is refused, and lives';
  return undefined;
}
