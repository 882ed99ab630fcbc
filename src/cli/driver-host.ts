import type { DriverHost, Log, SharedResource } from '../contract/index.js';
import { consoleLog } from '../platform/log.js';
import { realNetwork } from '../platform/network.js';
import { realClock, realRandom, realTimers } from '../platform/time.js';

/** What a driver needs of a machine when no gateway is around it; `close` closes what it shared. */
export interface LoneHost extends DriverHost {
  close(): Promise<void>;
}

export function loneHost(log: Log = consoleLog('warn', 'tandem')): LoneHost {
  const shared = new Map<string, SharedResource>();
  return {
    device: 'command line',
    clock: realClock,
    timers: realTimers,
    random: realRandom,
    network: realNetwork,
    log,
    // The key names the type: whoever shares a key shares the code that makes the resource.
    shared: <T extends SharedResource>(key: string, make: () => T): T => {
      const known = (shared.get(key) as T | undefined) ?? make();
      shared.set(key, known);
      return known;
    },
    close: async () => {
      await Promise.all([...shared.values()].map((resource) => resource.close()));
      shared.clear();
    },
  };
}
