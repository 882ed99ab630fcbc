import type { TargetEffects } from '../functions/index.js';
import type { PairState } from '../image/index.js';
import { COMMANDS } from './command-record.js';
import type { Commands } from './commands.js';

/**
 * Schedules and programs write as people do: intent on both nodes, write, outcome on both nodes. That is what makes an entry
 * arrive once: the next node finds the intent, settles it, and the writer gets the outcome under the same id.
 */
export function targetEffects(commands: Commands, state: PairState, answers: (device: string) => boolean): TargetEffects {
  return {
    write: async (write) => {
      await commands.write({ ...write, epoch: state.position.epoch.number });
    },
    hasBegun: (id) => state.keyed.get(COMMANDS + id) !== undefined,
    answers,
  };
}
