import { holdOffMs } from './moves.js';
import type { FieldBalance } from './reach.js';
import { beginHandover, switchRefusal } from './role-handover.js';
import type { RoleConfig, RoleState, Step } from './role-state.js';
import { stay, without } from './role-step.js';

/**
 * R31: control moves to a standby that reaches devices which the active does not. The margin and the time that it must
 * last keep a device that comes and goes from moving anything; the budget of rule 10 is shared with the hand-backs, each
 * move doubling the wait for the next one. Where it moved to, it stays.
 */
export function noteField(state: RoleState, balance: FieldBalance, nowMs: number, { settings }: RoleConfig): Step {
  const { fieldSwitch } = settings;
  if (fieldSwitch === undefined || state.role !== 'active') return stay(without(state, 'fieldWorse'));
  const gain = balance.theirs - balance.own;
  const next: RoleState = { ...state, fieldBetter: -gain >= fieldSwitch.margin };
  if (gain < fieldSwitch.margin) return stay(without(next, 'fieldWorse'));
  return stay({ ...next, fieldWorse: { sinceMs: state.fieldWorse?.sinceMs ?? nowMs, balance } });
}

/** Undefined where nothing is to be done about the field. */
export function tickField(state: RoleState, nowMs: number, config: RoleConfig): Step | undefined {
  const { fieldWorse, recentMoves } = state;
  const { fieldSwitch, maxHandBacksPerHour } = config.settings;
  if (fieldWorse === undefined || fieldSwitch === undefined || state.held || state.suspect !== undefined) return undefined;
  if (recentMoves >= maxHandBacksPerHour || switchRefusal(state) !== undefined) return undefined;
  const lastedMs = nowMs - fieldWorse.sinceMs;
  if (lastedMs < holdOffMs(fieldSwitch.holdMs, recentMoves, maxHandBacksPerHour)) return undefined;
  const { theirs, own, devices } = fieldWorse.balance;
  const step = beginHandover(state, 'field', nowMs, config, `only the standby reaches ${namesOf(devices)} (weight ${theirs}, only this node ${own}) for ${Math.round(lastedMs)} ms`);
  // One that is given up is tried again after the same time.
  return { ...step, state: without(step.state, 'fieldWorse') };
}

export function namesOf(devices: readonly string[]): string {
  return devices.length <= 5 ? devices.join(', ') : `${devices.slice(0, 5).join(', ')} and ${devices.length - 5} more`;
}
