import assert from 'node:assert/strict';
import { mutants } from './mutants.js';
import { playStory as playWithAll } from './story.js';
import { storiesWithout } from './without.js';

describe('sharpness of the simulation', function () {
  this.timeout(180_000);

  for (const mutant of mutants) {
    const { guard, rule, breaks, seed, minutes = 1, shape } = mutant;
    it(`story ${seed} finds that there is no ${guard} (${rule})`, async () => {
      const { playStory } = await storiesWithout(mutant);
      const { wrongs } = await playStory(seed, minutes, shape);
      assert.ok(
        wrongs.some((wrong) => breaks.test(wrong)),
        `story ${seed} goes well without ${guard}: ${wrongs.join('; ')}\nsearch another one: npm run simulate -- --minutes 1 --seeds 300 --without "${guard}"`,
      );
    });
    // What is drawn at random is played by the hundred (simulate.test.ts); what is directed at one guard is not.
    if (shape?.only !== undefined) {
      it(`story ${seed} goes well with ${guard}`, async () => {
        assert.deepEqual((await playWithAll(seed, minutes, shape)).wrongs, []);
      });
    }
  }
});
