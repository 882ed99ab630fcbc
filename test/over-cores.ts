import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

/**
 * Plays every job in a process of its own program, as many at a time as there are cores: stories on virtual time keep one core busy
 * each, and nothing else runs meanwhile. `program` calls {@link playJobs}.
 * @returns What each job said against itself, in the order of the jobs; nothing for those that passed.
 */
export async function overCores<T extends string | number>(program: URL, jobs: readonly T[]): Promise<string[]> {
  const failures: { job: number; text: string }[] = [];
  let next = 0;
  const player = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = fork(fileURLToPath(program), [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: ['--enable-source-maps'] });
      let job = -1;
      const give = (): void => {
        if (next >= jobs.length) child.disconnect();
        else child.send(jobs[(job = next++)]!);
      };
      child.on('message', (text) => {
        if (typeof text === 'string' && text !== '') failures.push({ job, text });
        give();
      });
      child.once('error', reject);
      child.once('exit', (code) => {
        if (code === 0) resolve();
        else reject(new Error(`the process that played ${String(jobs[job])} ended with ${String(code)}`));
      });
      give();
    });
  await Promise.all(Array.from({ length: Math.min(jobs.length, availableParallelism()) }, player));
  return failures.sort((x, y) => x.job - y.job).map(({ text }) => text);
}

/** The other end of {@link overCores}: plays the jobs that it is sent, until there are no more. */
export function playJobs<T extends string | number>(play: (job: T) => Promise<void>): void {
  process.on('message', (job) => {
    play(job as T).then(
      () => process.send!(''),
      (error: unknown) => process.send!(`${String(job)}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
    );
  });
}
