import type { TandemClient } from '../../src/client-sdk/index.js';
import type { LedgerEntry } from './processes.js';

/** Register of `W000` (simulators/load). */
const WRITABLES = 100;

/** Writes under way at a time: one that is in doubt after a failover must not hide what the others see. */
const WRITES_AT_ONCE = 4;

/** Set-points are 16 bits wide. */
const VALUES = 65_535;
/**
 * Goes on from one writer to the next: what a point reads already because an earlier writer left it there would be taken
 * for carried out when a takeover reads it back, and it would be right.
 */
let count = 0;

/** A client that writes set-points without pause, each value once, and remembers what was confirmed to it. */
export class Writer {
  readonly confirmed: { point: string; value: number; id: string; held: string }[] = [];
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

  /** Confirmed writes that the device never got. Values are unique, so each is found by itself. */
  lost(ledger: readonly LedgerEntry[]): string[] {
    const arrived = new Set(ledger.flatMap((entry) => entry.values));
    return this.confirmed.filter(({ value }) => !arrived.has(value)).map(({ point, value }) => `${point}=${String(value)}`);
  }

  private async run(): Promise<void> {
    while (this.running) {
      const value = 1 + (count++ % VALUES);
      const point = `W${String(value % WRITABLES).padStart(3, '0')}`;
      try {
        const { id, held } = await this.client.write(point, value);
        this.confirmed.push({ point, value, id, held });
      } catch (error) {
        // Refused in doubt, never confirmed: an operator would look and write again.
        this.refused.push(error instanceof Error ? error.message : String(error));
      }
    }
  }
}
