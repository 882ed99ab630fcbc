import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { MemoryLevel } from 'memory-level';
import type { Database } from '../../src/store/index.js';
import { openStore, type Opened } from './rig.js';

const recorded = new URL('../../../test/store/recorded/store-0.1.json', import.meta.url);

/** The LevelDB of a node of Tandem 0.1.0, row by row: frames 1 to 12, a checkpoint, frames 13 to 20 (made by ./rig.ts of that version). */
async function openRecorded(): Promise<Opened> {
  const { rows } = JSON.parse(readFileSync(recorded, 'utf8')) as { rows: Record<string, string> };
  const db = new MemoryLevel<string, Buffer>({ keyEncoding: 'utf8', valueEncoding: 'buffer' });
  await db.batch(Object.entries(rows).map(([key, value]) => ({ type: 'put', key, value: Buffer.from(value, 'base64') })));
  const opened: unknown = db;
  return openStore(opened as Database);
}

describe('store of an older version', () => {
  it('is read whole: checkpoint, journal, epochs, alarms and their delays, logs, history, marks', async () => {
    const { store, state, damaged } = await openRecorded();
    assert.equal(damaged, undefined);
    assert.deepEqual(state.position, { epoch: { number: 1, node: 'A', nonce: 'aa' }, seq: 20 });
    assert.equal(state.image.value(0), 200);
    assert.equal(state.image.value(2), 'text 20');
    assert.equal(state.epochs()[0]?.cause, 'start');
    assert.equal((state.keyed.get('alarm/T1.high') as { state?: string }).state, 'unacknowledged');
    assert.deepEqual(state.keyed.get('alarm-internal/T1.high'), { onDeadlineMs: null, offDeadlineMs: 99_000 });
    assert.equal((await store.logs('audit', 100)).length, 20);
    const samples = await store.history.query('T1', 0, 1e9, 1_000);
    assert.deepEqual(samples.map((sample) => sample.value), Array.from({ length: 20 }, (_, i) => (i + 1) * 10));
    assert.equal(await store.readMark('mark'), 'alone');
    assert.equal(await store.readMark('peerUrl'), 'http://10.0.0.2:8080');
    await store.close();
  });
});
