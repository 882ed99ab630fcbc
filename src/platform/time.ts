import { randomBytes } from 'node:crypto';
import { uptime } from 'node:os';
import type { Clock, Random, Timers } from '../contract/index.js';

export const realClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  // CLOCK_BOOTTIME on Linux: goes on while the machine sleeps, which the monotonic clock does not.
  bootMs: () => uptime() * 1_000,
};

export const realTimers: Timers = {
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
  every: (periodMs, run) => {
    const timer = setInterval(run, periodMs);
    return { cancel: () => clearInterval(timer) };
  },
  // Timers run before sockets are read: one turn of setImmediate reads what has arrived, the second lets
  // the handlers of that turn run first (MEASURED.md, section 7).
  afterIo: (run) => void setImmediate(() => setImmediate(run)),
};

export const realRandom: Random = {
  next: () => Math.random(),
  hex: (bytes) => randomBytes(bytes).toString('hex'),
};
