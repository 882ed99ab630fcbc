import assert from 'node:assert/strict';
import { overCores } from '../over-cores.js';
import { RandomStory } from './random-story.js';

/** TANDEM_SEED=n plays that one seed, with everything that the nodes say when TANDEM_TRACE is set too. */
const only = process.env.TANDEM_SEED;
const seeds = Array.from({ length: Number(process.env.TANDEM_STORIES ?? 200) }, (_, i) => i + 1 + Number(process.env.TANDEM_FROM ?? 0));

describe('random stories of a pair', function () {
  this.timeout(900_000);
  if (only !== undefined) it(`seed ${only}`, () => new RandomStory(Number(only)).play(90_000));
  else
    it(`seeds ${seeds[0] ?? 0} to ${seeds.at(-1) ?? 0}`, async () => {
      assert.deepEqual(await overCores(new URL('random-pair-player.js', import.meta.url), seeds), []);
    });
});
