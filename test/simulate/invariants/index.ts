import { AlarmsReal } from './alarms-real.js';
import { ClientsConverge } from './clients-converge.js';
import { CommandsOnce } from './commands-once.js';
import { EqualStates } from './equal-states.js';
import { Held } from './held.js';
import { HistoryWhole } from './history-whole.js';
import type { Invariant } from './invariant.js';
import { NoStorm } from './no-storm.js';
import { NothingLost } from './nothing-lost.js';
import { OneActive } from './one-active.js';
import { PairTime } from './pair-time.js';
import { ReadsOnly } from './reads-only.js';
import { ScheduleOnce } from './schedule-once.js';

/** All of them, fresh for one story. (i), liveness, is the second phase of the story itself. */
export function allInvariants(): Invariant[] {
  return [new OneActive(), new NothingLost(), new CommandsOnce(), new AlarmsReal(), new ScheduleOnce(), new PairTime(), new HistoryWhole(), new EqualStates(), new ClientsConverge(), new NoStorm(), new ReadsOnly(), new Held()];
}
