export { Pair } from './pair.js';
export type { PairOptions } from './pair-options.js';
export { PairClock } from './pair-clock.js';
export type { Journal } from './journal.js';
export { initialRoleState, stepRole, switchRefusal, type Mark, type RoleEffect, type RoleInput, type RoleState } from './role-machine.js';
export { detectionBudgetMs, leaseMs, tickMs, worstDetectionMs } from './timing.js';
export { Trust, type TrustStore } from './trust.js';
