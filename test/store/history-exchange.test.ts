import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MemoryLevel } from 'memory-level';
import { GOOD, SampleBuilder } from '../../src/contract/index.js';
import { EMPTY_BATCH } from '../../src/image/index.js';
import type { Database } from '../../src/store/index.js';
import { append, frameOf, openStore, type Opened } from './rig.js';

interface Write {
  readonly point: number;
  readonly fromMs: number;
  readonly count: number;
  readonly stepMs: number;
  readonly checkpoint: boolean;
}

const write = fc.record({ point: fc.constantFrom(0, 1), fromMs: fc.nat(400).map((n) => n * 1_000), count: fc.integer({ min: 1, max: 300 }), stepMs: fc.constantFrom(1_000, 7_000, 3_600_000), checkpoint: fc.boolean() });

async function storeWith(writes: readonly Write[]): Promise<Opened> {
  const db: unknown = new MemoryLevel<string, Buffer>({ keyEncoding: 'utf8', valueEncoding: 'buffer' });
  const opened = await openStore(db as Database);
  for (const [index, { point, fromMs, count, stepMs, checkpoint }] of writes.entries()) {
    const samples = new SampleBuilder();
    // What a value is follows from its time, as on two nodes that recorded the same.
    for (let n = 0; n < count; n++) samples.add(point, Math.sin(fromMs + n * stepMs + point), GOOD, fromMs + n * stepMs);
    append(opened, frameOf(index + 1, { values: EMPTY_BATCH, samples: samples.take(), puts: [], logs: [] }));
    if (checkpoint) await opened.store.checkpoint(opened.state);
  }
  await opened.store.settle();
  return opened;
}

async function all({ store }: Opened, point: string): Promise<Map<number, unknown>> {
  const samples = await store.history.query(point, 0, 1e15, 1e6);
  samples.forEach(({ timeMs }, row) => assert.ok(row === 0 || timeMs > (samples[row - 1]?.timeMs ?? Infinity), 'in order, each once'));
  return new Map(samples.map(({ timeMs, value }) => [timeMs, value]));
}

/** Everything of one store to the other, page by page. */
async function fill(from: Opened, to: Opened, bytes: number): Promise<number> {
  let added = 0;
  let cursor: { point: string; afterMs: number } | undefined;
  for (let pages = 0; ; pages++) {
    assert.ok(pages < 5_000, 'it comes to an end');
    const { pieces, next } = await from.store.historyPage(cursor, 0, 1e15, bytes);
    added += await to.store.addHistory(pieces);
    if (next === undefined) return added;
    cursor = next;
  }
}

describe('history of another node', function () {
  this.timeout(60_000);

  it('is brought home whole, whatever both hold, and once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(write, { maxLength: 6 }), fc.array(write, { maxLength: 6 }), fc.array(write, { maxLength: 3 }), fc.constantFrom(1, 700, 1e6), async (theirs, ours, later, bytes) => {
        const [a, b] = [await storeWith(theirs), await storeWith(ours)];
        const expected = new Map<string, Map<number, unknown>>();
        for (const point of ['T1', 'T2']) expected.set(point, new Map([...(await all(b, point)), ...(await all(a, point))]));
        const before = [...expected.keys()].map(async (point) => (await all(b, point)).size);
        const had = (await Promise.all(before)).reduce((sum, size) => sum + size, 0);
        const added = await fill(a, b, bytes);
        let size = 0;
        for (const [point, samples] of expected) {
          const found = await all(b, point);
          size += found.size;
          assert.deepEqual([...found].sort(byTime), [...samples].sort(byTime));
        }
        assert.equal(added, size - had);
        assert.equal(await fill(a, b, bytes), 0, 'a second time changes nothing');
        // Life goes on, and each stretch is still found by itself.
        for (const [index, each] of later.entries()) {
          const samples = new SampleBuilder();
          for (let n = 0; n < each.count; n++) samples.add(each.point, 1, GOOD, 1e10 + index * 1e10 + n * each.stepMs);
          append(b, frameOf(ours.length + 1 + index, { values: EMPTY_BATCH, samples: samples.take(), puts: [], logs: [] }));
        }
        await b.store.checkpoint(b.state);
        for (const [point, samples] of expected) {
          for (const fromMs of [0, 100_000, 333_000, 2_000_000, 90_000_000]) {
            const some = await b.store.history.query(point, fromMs, fromMs + 500_000, 1e6);
            assert.deepEqual(some.map(({ timeMs }) => timeMs), [...samples.keys()].filter((timeMs) => timeMs >= fromMs && timeMs <= fromMs + 500_000).sort((x, y) => x - y));
          }
        }
      }),
      { numRuns: 60, seed: 11 },
    );
  });

  it('is refused where it is damaged', async () => {
    const [a, b] = [await storeWith([{ point: 0, fromMs: 0, count: 20, stepMs: 1_000, checkpoint: true }]), await storeWith([])];
    const { pieces } = await a.store.historyPage(undefined, 0, 1e15, 1e6);
    const [[point, block] = ['', new Uint8Array()]] = pieces;
    const broken = Uint8Array.from(block);
    broken[12] = (broken[12] ?? 0) ^ 1;
    await assert.rejects(b.store.addHistory([[point, broken]]), { code: 'STORE_CORRUPT' });
    assert.equal((await all(b, 'T1')).size, 0);
  });
});

function byTime([a]: readonly [number, unknown], [b]: readonly [number, unknown]): number {
  return a - b;
}
