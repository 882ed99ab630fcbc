import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { mutants } from './mutants.js';
import type { StoryResult } from './story.js';
import { mutantOf, storiesWithout } from './without.js';

/**
 * npm run simulate -- --seeds N [--minutes M] [--seed S] [--from F]
 *
 * Plays N seeded stories over all cores; with --seed that one alone, with its transcript. With --without GUARD the
 * program lacks that guard (mutants.ts); with --without all each guard in turn, until a story shows that it is missing.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string' },
    from: { type: 'string', default: '1' },
    jobs: { type: 'string' },
    /** Stop at the first seed that fails. */
    first: { type: 'boolean', default: false },
    without: { type: 'string' },
    quiet: { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);
/** So many failing seeds have one cause, and nobody reads more of them. */
const MOST_FAILURES = 25;

/** Stories make much that does not last, and nobody looks where an error came from that is part of one: `--seed` tells it. */
const CHEAP = ['--max-semi-space-size=64', '--stack-trace-limit=0'];

const lacking = values.without === undefined || values.without === 'all' ? undefined : mutantOf(values.without);
const { playStory } = lacking === undefined ? await import('./story.js') : await storiesWithout(lacking);

if (process.send !== undefined) await work();
else if (values.without === 'all') process.exitCode = await eachGuard();
else process.exitCode = values.seed === undefined ? await many() : await one(Number(values.seed));

async function one(seed: number): Promise<number> {
  const result = await playStory(seed, minutes, lacking?.shape);
  process.stdout.write(result.transcript);
  console.log(`seed ${seed}: ${result.wrongs.length === 0 ? 'passed' : 'FAILED'}; transcript ${result.digest}, ${result.events} events`);
  for (const wrong of result.wrongs) console.log(`  ${wrong}`);
  return result.wrongs.length === 0 ? 0 : 1;
}

async function many(): Promise<number> {
  const startedMs = performance.now();
  const total = Number(values.seeds);
  const from = Number(values.from);
  const failed: number[] = [];
  const counts = new Map<string, number>();
  let [next, passed, simulatedMs, events, confirmed] = [from, 0, 0, 0, 0];
  const given = { up: false };
  const jobs = Math.min(total, values.jobs === undefined ? availableParallelism() : Number(values.jobs));
  await Promise.all(
    Array.from({ length: jobs }, async () => {
      const child = fork(fileURLToPath(import.meta.url), ['--minutes', String(minutes), ...(values.without === undefined ? [] : ['--without', values.without])], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: CHEAP });
      await new Promise<void>((resolve, reject) => {
        let seed = 0;
        const give = (): void => {
          if (given.up || next >= from + total) {
            child.disconnect();
            return;
          }
          seed = next++;
          child.send(seed);
        };
        child.on('message', (message) => {
          const result = message as StoryResult;
          simulatedMs += result.simulatedMs;
          events += result.events;
          confirmed += result.confirmed;
          for (const [what, times] of Object.entries(result.faults)) counts.set(what, (counts.get(what) ?? 0) + times);
          if (result.wrongs.length === 0) passed++;
          else {
            failed.push(result.seed);
            console.log(`seed ${result.seed} FAILED\n${result.wrongs.map((wrong) => `  ${wrong}`).join('\n')}`);
            if (values.first || failed.length >= MOST_FAILURES) given.up = true;
          }
          give();
        });
        child.once('error', reject);
        child.once('exit', (code) => {
          if (code === 0) resolve();
          else reject(new Error(`the process that played seed ${seed} ended with ${String(code)}`));
        });
        give();
      });
    }),
  );
  const tookMs = performance.now() - startedMs;
  if (!values.quiet) {
    console.log('faults injected:');
    for (const [what, times] of [...counts].sort(([x], [y]) => x.localeCompare(y))) console.log(`  ${String(times).padStart(8)}  ${what}`);
  }
  console.log(`${(simulatedMs / 3_600_000).toFixed(1)} h simulated in ${(tookMs / 1_000).toFixed(1)} s: ${Math.round(simulatedMs / tookMs)} times real time; ${events} events, ${confirmed} confirmations`);
  if (given.up) console.log('given up before the last seed');
  if (failed.length > 0) console.log(`failed seeds: ${failed.sort((x, y) => x - y).join(' ')}\nreplay one with: npm run simulate -- --minutes ${minutes} --seed ${failed[0] ?? 0}`);
  console.log(`${passed} passed, ${failed.length} failed`);
  return failed.length === 0 ? 0 : 1;
}

/** For each guard the first seed of N whose story shows, by the invariant that it is for, that it is missing. */
async function eachGuard(): Promise<number> {
  let missed = 0;
  for (const mutant of mutants) {
    const stories = await storiesWithout(mutant);
    const [from, to] = [Number(values.from), Number(values.from) + Number(values.seeds)];
    let found: string | undefined;
    let others = 0;
    for (let seed = from; seed < to && found === undefined; seed++) {
      const { wrongs } = await stories.playStory(seed, mutant.minutes ?? minutes, mutant.shape);
      const shown = wrongs.find((wrong) => mutant.breaks.test(wrong));
      if (shown !== undefined) found = `seed ${seed}: ${shown.split('\n')[0] ?? ''}`;
      else if (wrongs.length > 0) others++;
    }
    if (found === undefined) missed++;
    console.log(`${mutant.guard}: ${found ?? `NOT FOUND in ${to - from} stories${others > 0 ? ` (${others} failed by another invariant)` : ''}`}`);
  }
  console.log(`${mutants.length - missed} guards missed when they are gone, ${missed} not`);
  return missed === 0 ? 0 : 1;
}

/** A child: plays the seeds that it is sent. */
async function work(): Promise<void> {
  process.on('message', (seed: number) => {
    void playStory(seed, minutes, lacking?.shape).then((result) => process.send?.({ ...result, transcript: '' }));
  });
  await new Promise<void>((resolve) => process.once('disconnect', resolve));
}
