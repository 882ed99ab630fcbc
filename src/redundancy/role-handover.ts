import type { EpochCause } from '../contract/index.js';
import type { RoleConfig, RoleState, Step } from './role-state.js';
import { stay } from './role-step.js';

export function beginHandover(state: RoleState, cause: EpochCause, nowMs: number, config: RoleConfig, evidence: string): Step {
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
