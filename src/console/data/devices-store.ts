import { Poller } from './poller.js';
import { getJson } from './rest.js';
import { Store } from './store.js';

/** `GET /api/v1/devices`; the same shape as DeviceStatus of src/clients/node-api.ts, which the console may not import. */
export interface DeviceRow {
  readonly name: string;
  readonly driver: string;
  readonly activity: 'active' | 'collect' | 'listen' | 'silent';
  readonly online: boolean;
  readonly lastError?: string;
  readonly points: number;
  readonly counters: Readonly<Record<string, number>>;
}

const periodMs = 2000;

/** The devices of the node that is followed; asked only while a page shows them. */
export class DevicesStore extends Store<readonly DeviceRow[]> {
  readonly #poller: Poller;

  constructor(nodeUrl: () => string) {
    super([]);
    this.#poller = new Poller(periodMs, async () => {
      try {
        const { devices } = (await getJson(nodeUrl(), 'api/v1/devices')) as { readonly devices: readonly DeviceRow[] };
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
