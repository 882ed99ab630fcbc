import { RandomStory } from './random-story.js';

/** TANDEM_SEED=n plays that one seed, with everything that the nodes say when TANDEM_TRACE is set too. */
const only = process.env.TANDEM_SEED;
const SEEDS = only === undefined ? Array.from({ length: Number(process.env.TANDEM_STORIES ?? 200) }, (_, i) => i + 1 + Number(process.env.TANDEM_FROM ?? 0)) : [Number(only)];
const BATCH = 20;

describe('random stories of a pair', function () {
  this.timeout(120_000);
  for (let from = 0; from < SEEDS.length; from += BATCH) {
    const seeds = SEEDS.slice(from, from + BATCH);
    it(`seeds ${seeds[0] ?? 0} to ${seeds.at(-1) ?? 0}`, async () => {
      const failed: string[] = [];
      for (const seed of seeds) {
        await new RandomStory(seed).play(90_000).catch((error: unknown) => failed.push(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`));
      }
      if (failed.length > 0) throw new Error(`${failed.length} of ${seeds.length} seeds failed\n${failed.join('\n')}`);
    });
  }
});
