import assert from 'node:assert/strict';
import { wireValue } from '../../src/clients/wire.js';
import { demoAlarm } from '../clients/fake-node.js';
import { until } from '../clients/helpers.js';
import { clientOf, FakePair, Sockets } from './helpers.js';

/** mulberry32: a failing seed can be run again. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

describe('client library: random frames, cuts and switches', () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    it(`holds the image and each log entry once, seed ${String(seed)}`, async () => {
      const pick = seeded(seed);
      const pair = new FakePair();
      const sockets = new Sockets();
      await pair.start();
      const client = clientOf(pair, sockets, { rows: seed % 2 === 0 ? 'binary' : 'json' });
      await until(() => client.state === 'live', 'live');
      const logs: string[] = [];
      client.on('log', (log) => logs.push(log.id));
      const seqs = new Map<string, number>();
      client.on('change', ({ points }) => {
        for (const { name, seq } of points) {
          assert.ok(seq > (seqs.get(name) ?? 0), `${name} went back to ${String(seq)}`);
          seqs.set(name, seq);
        }
      });
      const expected: string[] = [];
      let occurrence = 0;
      for (let step = 0; step < 150; step++) {
        switch (pick(12)) {
          case 0:
            sockets.cut(pick(4));
            break;
          case 1:
            if (pick(3) === 0) pair.switchOver();
            break;
          case 2:
            pair.active.hold();
            break;
          case 3:
            pair.active.release();
            break;
          case 4:
            pair.active.raise(demoAlarm(`alarm${String(pick(3))}`, pick(2) === 0 ? 'unacknowledged' : 'normal', ++occurrence));
            expected.push(pair.active.journal.at(-1)!.logs[0]!.id);
            break;
          case 5:
            await new Promise((resolve) => setTimeout(resolve, pick(20)));
            break;
          default:
            pair.active.set({ [`N${String(pick(10))}`]: pick(1_000), 'Fan.On': pick(2) });
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
      pair.active.release();
      const last = pair.active.set({ N0: 5_000 });
      const { image, table, keyed } = pair.active.state;
      await until(() => client.position?.seq === last && client.state === 'live', `position ${String(last)}, is ${JSON.stringify(client.position)} ${client.state}`);
      for (const point of table.all()) assert.equal(client.points.get(point.name)!.value, wireValue(point.kind, image.value(point.id)), point.name);
      for (const point of table.all()) assert.equal(client.points.get(point.name)!.seq, image.seq(point.id), point.name);
      const alarms = [...keyed.entries('alarm/')].map(([, alarm]) => alarm as unknown as { name: string; state: string }).filter(({ state }) => state !== 'normal');
      assert.deepEqual([...client.alarms.keys()].sort(), alarms.map(({ name }) => name).sort());
      assert.deepEqual(logs, expected);
      const { missed, repeated, resets, snapshots, resumes } = client.counters;
      assert.ok(resumes > 0, 'the walk moved the client');
      assert.deepEqual({ missed, repeated, resets, snapshots }, { missed: 0, repeated: 0, resets: 0, snapshots: 1 });
      client.close();
      await pair.stop();
    });
  }
});
