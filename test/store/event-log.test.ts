import assert from 'node:assert/strict';
import { MemoryLevel } from 'memory-level';
import { silentLog } from '../../src/contract/index.js';
import { EventLog, type Database } from '../../src/store/index.js';

function memory(): Database {
  const db: unknown = new MemoryLevel<string, Buffer>({ keyEncoding: 'utf8', valueEncoding: 'buffer' });
  return db as Database;
}

describe('store: decisions of a node', () => {
  it('are kept over restarts, newest first, in pages', async () => {
    const db = memory();
    const first = new EventLog(db, silentLog);
    for (let i = 1; i <= 5; i++) first.append({ what: `e${i}` }, i);
    await first.settle();
    const second = new EventLog(db, silentLog);
    second.append({ what: 'e6' }, 6);
    const page = await second.list(2);
    assert.deepEqual(page, [{ number: 6, event: { what: 'e6' } }, { number: 5, event: { what: 'e5' } }]);
    assert.deepEqual((await second.list(10, 5)).map(({ number }) => number), [4, 3, 2, 1]);
  });

  it('are bounded by number and by age', async () => {
    const db = memory();
    const log = new EventLog(db, silentLog);
    for (let i = 0; i < 10_250; i++) log.append({ timeMs: 1_000 + i }, 1_000 + i);
    const all = await log.list(20_000);
    assert.ok(all.length >= 10_000 && all.length < 10_200, `${all.length} are kept`);
    const years = 4 * 365 * 86_400_000;
    for (let i = 0; i < 100; i++) log.append({ timeMs: years + i }, years + i);
    assert.ok((await log.list(20_000)).length < all.length, 'the old ones go');
  });
});
