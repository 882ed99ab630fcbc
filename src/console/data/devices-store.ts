import { Poller } from './poller.js';
import { probeJson } from './rest.js';
import { Store } from './store.js';

/** One poll class of a device: what was wanted, and what came of it; milliseconds. */
export interface PollCycle {
  readonly poll: 'fast' | 'normal' | 'slow';
  readonly periodMs: number;
  readonly cycleMs: number;
  readonly longestCycleMs: number;
  readonly pollMs: number;
  readonly longestPollMs: number;
  readonly overruns: number;
  readonly missed: number;
}

/** `GET /api/v1/devices`; the same shape as DeviceStatus of src/clients/node-api.ts, which the console may not import. */
export interface DeviceRow {
  readonly name: string;
  readonly driver: string;
  readonly activity: 'active' | 'collect' | 'listen' | 'silent';
  readonly online: boolean;
  readonly lastError?: string;
  readonly points: number;
  /** How each poll class keeps to its period; docs/rest-api.md. */
  readonly cycles: readonly PollCycle[];
  readonly counters: Readonly<Record<string, number>>;
  /** R10: how a standby that compares finds it. */
  readonly comparison?: { readonly state: 'equal' | 'differs' | 'unreachable' | 'waiting'; readonly differing: number; readonly sinceMs?: number };
}

const periodMs = 2000;

/** The devices of the node that is followed; asked only while a page shows them. */
export class DevicesStore extends Store<readonly DeviceRow[]> {
  readonly #poller: Poller;

  constructor(nodeUrl: () => string) {
    super([]);
    this.#poller = new Poller(periodMs, async () => {
      try {
        const { devices } = (await probeJson(nodeUrl(), 'api/v1/devices')) as { readonly devices: readonly DeviceRow[] };
        this.set(devices);
      } catch {
        // Keep what was shown: the connection state tells that nobody answers.
      }
    });
  }

  start(): void {
    this.#poller.start();
  }

  stop(): void {
    this.#poller.stop();
  }
}
