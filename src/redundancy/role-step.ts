import type { Progress, RoleState, Step } from './role-state.js';

/** What every part of the role machine is written with. */

export function stay(state: RoleState): Step {
  return { state, effects: [] };
}

type OptionalKey = 'handover' | 'handBackDueMs' | 'suspect' | 'leaderlessSinceMs' | 'claim' | 'fieldWorse' | 'maybeOvertaken' | 'bothActiveSinceMs';

export function without(state: RoleState, ...keys: OptionalKey[]): RoleState {
  return Object.fromEntries(Object.entries(state).filter(([key]) => !keys.includes(key as OptionalKey))) as unknown as RoleState;
}

export function compareProgress(a: Progress, b: Progress): number {
  return a.epoch - b.epoch || a.seq - b.seq;
}

/** Whether what this standby holds may lack what the other node confirmed alone. A witness in force would know, and not support it. */
export function mayLack({ arming, inSync, maybeOvertaken, peer }: RoleState, budgetMs: number): boolean {
  if (!inSync) return true;
  if (arming === 'arming' || arming === 'armed') return false;
  // The second path told that it led on while the link was silent.
  return maybeOvertaken === true || (peer.aliveMs !== undefined && peer.aliveMs - peer.lastHeardMs >= budgetMs);
}

/** An active without its standby is alone; a standby that lost its active still knows that it was in sync. */
export function noStandby(state: RoleState): RoleState {
  return state.role === 'active' ? without({ ...state, inSync: false, mark: 'alone' }, 'handBackDueMs', 'fieldWorse') : state;
}
