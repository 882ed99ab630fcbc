import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

/**
 * Keeps every core from going to sleep while `measure` runs, with a loop on each that gets only time that nobody else wants
 * (SCHED_IDLE; without `chrt` they may sleep). Whoever waits for an answer on a machine that is otherwise free is
 * measured by how fast a sleeping core wakes: on a virtual machine 50 µs or nothing, by chance and by how long the wait
 * was, which is more than the request itself takes.
 */
export async function withCoresAwake<T>(measure: () => Promise<T>): Promise<T> {
  const loops = Array.from({ length: availableParallelism() }, () => {
    const [command, ...args] = ['chrt', '--idle', '0', process.execPath, '-e', LOOP] as const;
    return spawn(command, args, { stdio: ['pipe', 'ignore', 'ignore'] }).once('error', () => undefined);
  });
  try {
    return await measure();
  } finally {
    for (const loop of loops) loop.kill('SIGKILL');
  }
}

/** Ends with whoever started it, however that one ends: its standard input closes then. */
const LOOP = "process.stdin.on('end', () => process.exit()).resume(); const turn = () => { const until = performance.now() + 20; while (performance.now() < until); setImmediate(turn); }; turn();";
