import assert from 'node:assert/strict';
import { SampleBuilder, type PointDefinition } from '../../src/contract/index.js';
import { PointTable } from '../../src/image/index.js';
import { DURABLY, type Database, type Operation } from '../../src/store/database.js';
import { pointAfter } from '../../src/store/history/exchange.js';
import { History } from '../../src/store/history/history.js';
import { openLevel } from '../../src/store/index.js';
import { temporaryFolder } from './rig.js';

const POINT = 'P';
const table = new PointTable('r', [{ id: 0, name: POINT, kind: 'number', device: 'd', poll: 'normal' } satisfies PointDefinition]);

/** What one sees who asks while samples move from memory to the disk. */
describe('a view of history', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let db: Database;
  let history: History;

  beforeEach(async () => {
    folder = temporaryFolder();
    db = await openLevel(folder.path);
    history = new History(db);
  });
  afterEach(async () => {
    await db.close();
    folder.remove();
  });

  const add = (timesMs: readonly number[]): Operation[] => {
    const builder = new SampleBuilder();
    for (const timeMs of timesMs) builder.add(0, timeMs, 0, timeMs);
    return history.add(builder.take(), table);
  };
  const count = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);
  const held = async (): Promise<number[]> => (await history.query(POINT, 0, 1e6, 1e6)).map(({ timeMs }) => timeMs);

  it('has no hole where blocks are on their way to the disk', async () => {
    const operations = count(1, 1_000).flatMap((timeMs) => add([timeMs]));
    assert.ok(operations.length >= 3, 'blocks that memory has let go of');
    assert.deepEqual(await held(), count(1, 1_000));
    assert.equal((await history.inForce(POINT, 100))?.timeMs, 100);
    await db.batch(operations, DURABLY);
    assert.deepEqual(await held(), count(1, 1_000), 'not twice between the write and the word of it');
    history.landed(operations);
    assert.deepEqual(await held(), count(1, 1_000));
  });

  it('has no hole where late samples are on their way', async () => {
    add(count(1_000, 1_010));
    add(count(1, 20));
    const operations = [...history.flush()].flat();
    assert.deepEqual(await held(), [...count(1, 20), ...count(1_000, 1_010)]);
    assert.equal(await pointAfter(history, db, ''), POINT);
    await db.batch(operations, DURABLY);
    history.landed(operations);
    assert.deepEqual(await held(), [...count(1, 20), ...count(1_000, 1_010)]);
  });

  it('sees a frame whole or not at all, though part of it lies before what was there and part after it', async () => {
    add(count(1, 10));
    add([100]);
    for (let turn = 0; turn < 60; turn++) {
      const before = await held();
      const asked = held();
      for (let at = 0; at < turn; at++) await Promise.resolve();
      const [late, next] = [50 + turn / 100, 101 + turn];
      const operations = add([late, next]);
      if (turn % 7 === 0) operations.push(...[...history.flush()].flat());
      const landed = db.batch(operations, DURABLY).then(() => history.landed(operations));
      const seen = await asked;
      assert.ok(seen.includes(late) === seen.includes(next), `after ${String(turn)} turns: ${String(seen.includes(late))}, ${String(seen.includes(next))}`);
      assert.deepEqual(seen.filter((timeMs) => timeMs !== late && timeMs !== next), before);
      await landed;
    }
  });

  it('names a point whose samples are all on their way', async () => {
    const operations: Operation[] = [];
    for (let timeMs = 1; operations.length === 0; timeMs++) operations.push(...add([timeMs]));
    assert.equal(history.openRange(POINT), undefined, 'its block has just been filled');
    assert.equal(await pointAfter(history, db, ''), POINT);
    await db.batch(operations, DURABLY);
    const asked = pointAfter(history, db, '');
    history.landed(operations);
    assert.equal(await asked, POINT);
  });
});
