import assert from 'node:assert/strict';
import { TandemError, type Work } from '../../src/contract/index.js';
import { Activities } from '../../src/gateway/activities.js';
import { VirtualClock } from '../../simulators/virtual-time/index.js';

describe('activities', () => {
  const rig = (): { time: VirtualClock; activities: Activities; told: Work[] } => {
    const time = new VirtualClock();
    const told: Work[] = [];
    return { time, told, activities: new Activities({ node: 'A', clock: time, sources: () => told }) };
  };

  it('lists what takes longer than a second while it goes on, with what was counted last', async () => {
    const { time, activities } = rig();
    const startedMs = time.wallMs();
    const handle = activities.begin({ kind: 'import', subject: 'points', by: 'eve', step: 'read-rows' });
    await time.advance(999);
    assert.deepEqual(activities.list(), []);
    await time.advance(1);
    assert.deepEqual(activities.list(), [{ id: 'import/1', node: 'A', kind: 'import', subject: 'points', by: 'eve', step: 'read-rows', startedMs, state: 'running' }]);
    handle.report({ step: 'read-rows', done: 3_000, total: 9_000, unit: 'rows' });
    assert.deepEqual(activities.list().map(({ done, total }) => [done, total]), [[3_000, 9_000]]);
    handle.report({ step: 'check-document' });
    assert.deepEqual(activities.list().map(({ step, done }) => [step, done]), [['check-document', undefined]], 'what cannot be counted has no count left over');
    handle.end();
    assert.deepEqual(activities.list(), []);
    handle.report({ step: 'read-rows' });
    assert.deepEqual(activities.list(), [], 'a word that comes late brings nothing back');
  });

  it('lists a failure with its code for a minute, and none of what failed at once', async () => {
    const { time, activities } = rig();
    const fails = async (afterMs: number, error: Error): Promise<void> => {
      const work = activities.run({ kind: 'apply', step: 'check-document' }, async () => {
        await new Promise<void>((resolve) => time.after(afterMs, resolve));
        throw error;
      });
      await Promise.all([assert.rejects(work, error), time.advance(afterMs)]);
    };
    await fails(500, new TandemError('CONFIG_REFUSED', 'too soon to be seen'));
    assert.deepEqual(activities.list(), []);
    await fails(2_000, new TandemError('CONFIG_REFUSED', 'points.X: no such device'));
    await fails(2_000, new Error('a secret of the program'));
    // It is carried out at the other node, which whoever asked asks next.
    await fails(2_000, new TandemError('NOT_ACTIVE', 'ask the other one'));
    assert.deepEqual(activities.list().map(({ state, error }) => [state, error]), [
      ['failed', { code: 'CONFIG_REFUSED', message: 'points.X: no such device' }],
      ['failed', { code: 'INTERNAL', message: 'internal error' }],
    ]);
    await time.advance(55_999);
    assert.equal(activities.list().length, 2);
    await time.advance(2_001);
    assert.deepEqual(activities.list(), []);
  });

  it('lists for a minute what something has come to, where that is told, and none of what was over at once', async () => {
    const { time, activities } = rig();
    const ends = async (afterMs: number): Promise<void> => {
      const work = activities.run({ kind: 'apply', step: 'check-document' }, async () => new Promise<number>((resolve) => time.after(afterMs, () => resolve(7))), (number) => ({ number }));
      await Promise.all([work, time.advance(afterMs)]);
    };
    await ends(900);
    assert.deepEqual(activities.list(), []);
    await ends(2_000);
    assert.deepEqual(activities.list().map(({ state, result, error }) => [state, result, error]), [['done', { number: 7 }, undefined]]);
    await time.advance(59_999);
    assert.equal(activities.list().length, 1);
    await time.advance(1);
    assert.deepEqual(activities.list(), []);
  });

  it('lists what parts of the node tell of themselves by the same rule, what goes on longest first', async () => {
    const { time, activities, told } = rig();
    await time.advance(5_000);
    const nowMs = time.monotonicMs();
    told.push({ id: 'verify', kind: 'verify', subject: '', sinceMs: nowMs - 1_500, step: 'look' }, { id: 'sync', kind: 'sync', subject: 'B', sinceMs: nowMs - 4_000, step: 'snapshot-send', done: 1, total: 2, unit: 'bytes' }, { id: 'history-fill', kind: 'history-fill', subject: 'A', sinceMs: nowMs - 200, step: 'samples' });
    assert.deepEqual(activities.list().map(({ id }) => id), ['sync', 'verify']);
  });
});
