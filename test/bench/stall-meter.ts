import { appendFileSync, readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/**
 * Loaded before a node (`--import`): how long its main thread is busy without a turn of the event loop, by the processor time of that thread, so
 * that what else runs on the machine does not count. Each block is a line in the file that the environment names.
 */
const file = process.env.TANDEM_STALL_FILE;
const LEAST_MS = 5;

if (isMainThread && file !== undefined) {
  const cpuMs = (): number => Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  let lastMs = cpuMs();
  setInterval(() => {
    const nowMs = cpuMs();
    if (nowMs - lastMs >= LEAST_MS) appendFileSync(file, `${JSON.stringify({ pid: process.pid, atMs: Date.now(), blockMs: Math.round((nowMs - lastMs) * 10) / 10 })}\n`);
    lastMs = cpuMs();
  }, 1).unref();
}
