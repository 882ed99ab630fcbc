import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ProcessHealth } from '../contract/index.js';

/** Watches the event loop from now on, and tells what the process uses when it is asked. */
export function processHealth(): () => ProcessHealth {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  return () => {
    const { rss, heapUsed } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    const loopStallMs = delay.max / 1e6;
    delay.reset();
    return { rssBytes: rss, heapBytes: heapUsed, cpuSeconds: (user + system) / 1e6, loopStallMs };
  };
}
