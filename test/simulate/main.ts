import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { playStory, type StoryResult } from './story.js';

/**
 * npm run simulate -- --seeds N [--minutes M] [--seed S] [--from F]
 *
 * Plays N seeded stories over all cores; with --seed that one alone, with its transcript.
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
    quiet: { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);
/** So many failing seeds have one cause, and nobody reads more of them. */
const MOST_FAILURES = 25;

if (process.send !== undefined) await work();
else process.exitCode = values.seed === undefined ? await many() : await one(Number(values.seed));

async function one(seed: number): Promise<number> {
  const result = await playStory(seed, minutes);
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
      const child = fork(fileURLToPath(import.meta.url), ['--minutes', String(minutes)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
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

/** A child: plays the seeds that it is sent. */
async function work(): Promise<void> {
  process.on('message', (seed: number) => {
    void playStory(seed, minutes).then((result) => process.send?.({ ...result, transcript: '' }));
  });
  await new Promise<void>((resolve) => process.once('disconnect', resolve));
}
