import type { SampleBatch } from '../contract/index.js';
import type { PointTable } from '../image/index.js';
import type { Database, Operation } from './database.js';
import { BLOCK_SAMPLES, decodeBlock, encodeBlock, type Sample } from './history-block.js';
import { below, historyKey, lateHistoryKey } from './keys.js';

/**
 * Trend samples by point. Open blocks live in memory (the journal holds their samples until a checkpoint
 * writes them); a full one is written with the frame that filled it.
 */
export class History {
  private readonly open = new Map<string, Sample[]>();
  /** Time of the newest sample in order, by point. */
  private readonly newest = new Map<string, number>();

  constructor(private readonly db: Database) {}

  /** Adds a frame's samples; returns the writes that full blocks cause, for the frame's own batch. */
  add(batch: SampleBatch, table: PointTable): Operation[] {
    const operations: Operation[] = [];
    const late = new Map<string, Sample[]>();
    for (let row = 0; row < batch.length; row++) {
      const { name } = table.byId(batch.points[row] as number);
      const sample: Sample = {
        timeMs: batch.times[row] as number,
        value: batch.texts?.get(row) ?? (batch.values[row] as number),
        quality: batch.qualities[row] as number,
      };
      let block = this.open.get(name);
      if (block === undefined) this.open.set(name, (block = []));
      // Blocks of a point follow each other in time, so that a query finds them by their keys; what comes late goes aside.
      if (sample.timeMs < (block.at(-1)?.timeMs ?? this.newest.get(name) ?? -Infinity)) {
        const others = late.get(name);
        if (others === undefined) late.set(name, [sample]);
        else others.push(sample);
        continue;
      }
      block.push(sample);
      this.newest.set(name, sample.timeMs);
      if (block.length >= BLOCK_SAMPLES) {
        operations.push(put(name, block));
        this.open.delete(name);
      }
    }
    for (const [name, samples] of late) {
      samples.sort((a, b) => a.timeMs - b.timeMs);
      operations.push({ type: 'put', key: lateHistoryKey(name, samples[0]?.timeMs ?? 0), value: encodeBlock(samples) });
    }
    return operations;
  }

  /** Writes every open block as it is, so that the journal below may go. It stays open. */
  flush(): Operation[] {
    return [...this.open].filter(([, block]) => block.length > 0).map(([name, block]) => put(name, block));
  }

  /** Samples of [fromMs, toMs], oldest first, at most `limit`. A sample that is stored twice appears once. */
  async query(point: string, fromMs: number, toMs: number, limit: number): Promise<Sample[]> {
    const found = new Map<number, Sample>();
    const take = (samples: readonly Sample[]): void => {
      for (const sample of samples) if (sample.timeMs >= fromMs && sample.timeMs <= toMs) found.set(sample.timeMs, sample);
    };
    const range = below(`h!${point}!`);
    // The block that covers `from` begins before it.
    for await (const bytes of this.db.values({ gte: range.gte, lt: historyKey(point, fromMs), reverse: true, limit: 1 })) take(decodeBlock(bytes));
    for await (const bytes of this.db.values({ gte: historyKey(point, fromMs), lt: historyKey(point, toMs + 1) })) {
      take(decodeBlock(bytes));
      if (found.size > limit * 2) break;
    }
    for await (const bytes of this.db.values({ gte: lateHistoryKey(point, 0), lt: lateHistoryKey(point, toMs + 1) })) take(decodeBlock(bytes));
    take(this.open.get(point) ?? []);
    return [...found.values()].sort((a, b) => a.timeMs - b.timeMs).slice(0, limit);
  }
}

function put(name: string, block: readonly Sample[]): Operation {
  return { type: 'put', key: historyKey(name, block[0]?.timeMs ?? 0), value: encodeBlock(block) };
}
