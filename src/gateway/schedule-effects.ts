import type { ScheduleEffects } from '../functions/index.js';
import type { PairState } from '../image/index.js';
import { COMMANDS } from './command-record.js';
import type { Commands } from './commands.js';

/**
 * Schedules write as people do: intent on both nodes, write, outcome on both nodes. That is what makes an entry
 * arrive once: the next node finds the intent, settles it, and the schedule gets the outcome under the same id.
 */
export function scheduleEffects(commands: Commands, state: PairState): ScheduleEffects {
  return {
    write: async ({ id, point, value, priority, by }) => {
      await commands.write({ id, point, value, priority, by, epoch: state.position.epoch.number });
    },
    hasBegun: (id) => state.keyed.get(COMMANDS + id) !== undefined,
  };
}
