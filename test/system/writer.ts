import type { TandemClient } from '../../src/client-sdk/index.js';
import { writableCount, writableStart } from '../../simulators/load/load-plc.js';
import { writablePoint } from '../../simulators/load/site-for-load.js';
import type { LedgerEntry } from './processes.js';


/** Writes under way at a time: one that is in doubt after a failover must not hide what the others see. */
const WRITES_AT_ONCE = 8;

/** Set-points are 16 bits wide. */
const VALUES = 65_535;
/**
 * Goes on from one writer to the next: what a point reads already because an earlier writer left it there would be taken
 * for carried out when a takeover reads it back, and it would be right.
 */
let count = 0;

/** What arrived where, each as it is found in the ledger. */
export const arrivals = (ledger: readonly LedgerEntry[]): string[] => ledger.flatMap(({ address, values }) => values.map((value, index) => `${address + index}=${value}`));

/** A client that writes set-points without pause, each value once at each point, and remembers what was confirmed to it. */
export class Writer {
  readonly confirmed: { point: string; address: number; value: number; id: string; held: string }[] = [];
  readonly refused: string[] = [];
  private running = true;
  private readonly done: Promise<unknown>;

  constructor(private readonly client: TandemClient) {
    this.done = Promise.all(Array.from({ length: WRITES_AT_ONCE }, async () => this.run()));
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.done;
  }

  /** Confirmed writes that the device never got. A value comes to a point once in a million writes, so each is found by itself. */
  lost(ledger: readonly LedgerEntry[]): string[] {
    const arrived = new Set(arrivals(ledger));
    return this.confirmed.filter(({ address, value }) => !arrived.has(`${address}=${value}`)).map(({ point, value }) => `${point}=${String(value)}`);
  }

  private async run(): Promise<void> {
    while (this.running) {
      const index = count % writableCount;
      const value = 1 + (count++ % VALUES);
      const point = writablePoint(index);
      try {
        const { id, held } = await this.client.write(point, value);
        this.confirmed.push({ point, address: writableStart + index, value, id, held });
      } catch (error) {
        // Refused in doubt, never confirmed: an operator would look and write again.
        this.refused.push(error instanceof Error ? error.message : String(error));
      }
    }
  }
}
