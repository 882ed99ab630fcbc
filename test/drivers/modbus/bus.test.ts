import assert from 'node:assert/strict';
import { BusRig } from './bus-rig.js';

describe('Modbus bus: RTU over TCP', () => {
  let rig: BusRig;
  afterEach(() => rig.close());

  it('reads and writes several units over one connection', async () => {
    rig = await BusRig.open(3);
    const polls = await Promise.all([1, 2, 3].map((unit) => rig.poll(unit)));
    assert.deepEqual(polls.map(({ values }) => values), [{ R0: 100, R1: 101 }, { R0: 200, R1: 201 }, { R0: 300, R1: 301 }]);
    await rig.write(2, 77);
    assert.deepEqual([rig.plc.unit(2).get('hr', 0), rig.plc.unit(1).get('hr', 0), rig.plc.openConnections], [[77], [100], 1]);
  });

  for (const kind of ['bad-crc', 'wrong-length', 'wrong-function', 'wrong-unit', 'cut-short', 'garbage', 'drop'] as const) {
    it(`one answer with ${kind} costs a retry and gives no wrong value`, async () => {
      rig = await BusRig.open(2);
      await rig.poll(1);
      rig.plc.faults.inject({ kind }, { unit: 1, times: 1 });
      const [first, second] = await Promise.all([rig.poll(1), rig.poll(2)]);
      assert.deepEqual([first.values, second.values], [{ R0: 100, R1: 101 }, { R0: 200, R1: 201 }]);
    });
  }

  it('a late answer of the same shape is never taken for the next one', async () => {
    rig = await BusRig.open(2, { timeout: '60ms' });
    await rig.poll(1);
    const unit = rig.plc.unit(1);
    for (const delayMs of [70, 90, 110, 130, 170]) {
      unit.set('hr', 0, [1, 1]);
      rig.plc.faults.inject({ kind: 'delay', delayMs }, { unit: 1, times: 1 });
      const poll = rig.poll(1);
      setTimeout(() => unit.set('hr', 0, [2, 2]), 30);
      const [{ reachable, values }, other] = await Promise.all([poll, rig.poll(2)]);
      // Where two answers come and nothing says which is the late one, none is taken.
      assert.deepEqual(values, reachable ? { R0: 2, R1: 2 } : {}, `${delayMs} ms late`);
      assert.deepEqual(other.values, { R0: 200, R1: 201 });
      assert.deepEqual((await rig.poll(1)).values, { R0: 2, R1: 2 });
    }
    assert.ok((rig.of(1).driver.counters().late ?? 0) >= 3);
  });

  it('a duplicate answer is not taken for the next one', async () => {
    rig = await BusRig.open(1);
    rig.plc.faults.inject({ kind: 'duplicate' });
    for (let value = 0; value < 20; value++) {
      rig.plc.unit(1).set('hr', 0, [value, value]);
      assert.deepEqual((await rig.poll(1)).values, { R0: value, R1: value });
    }
    assert.ok((rig.of(1).driver.counters().duplicates ?? 0) > 0);
  });

  it('a line that echoes: reads are right, and the echo of a write is not its answer', async () => {
    rig = await BusRig.open(2, { bus: { echo: true } });
    // The first thing on this line is a write to a unit that does not take it.
    rig.plc.faults.inject({ kind: 'hang' }, { unit: 1, function: 6 });
    await assert.rejects(rig.write(1, 5), { code: 'FIELD_TIMEOUT' });
    assert.deepEqual((await rig.poll(2)).values, { R0: 200, R1: 201 });
    await rig.write(2, 8);
    assert.deepEqual(rig.plc.unit(2).get('hr', 0), [8]);
  });

  it('a write to a silent unit of unknown echo is not sent at all', async () => {
    rig = await BusRig.open(1, { bus: { echo: true } });
    rig.plc.faults.inject({ kind: 'hang' }, { unit: 1 });
    await assert.rejects(rig.write(1, 5), /no answer/);
    assert.equal(rig.plc.ledger.writes.length, 0);
  });

  it('a dead unit leaves its neighbours at least four fifths of the line', async () => {
    // 25 ms a request, as at 9600 baud; a timeout of 100 ms.
    rig = await BusRig.open(8, { bus: { baud: 9600 } });
    const rounds = async (units: readonly number[], ms: number): Promise<number> => {
      const endMs = performance.now() + ms;
      let polls = 0;
      await Promise.all(units.map(async (unit) => {
        while (performance.now() < endMs) if ((await rig.poll(unit)).reachable) polls++;
      }));
      return polls;
    };
    const live = [1, 2, 3, 4, 5, 6, 7];
    const alive = (await rounds([...live, 8], 1500)) * (7 / 8);
    rig.plc.faults.inject({ kind: 'hang' }, { unit: 8 });
    void rounds([8], 3300);
    await rounds(live, 800);
    const withDead = await rounds(live, 2500);
    assert.ok(withDead / 2500 >= 0.8 * (alive / 1500), `${withDead} polls in 2.5 s against ${alive} in 1.5 s`);
  });

  it('the unit that comes back is found again', async () => {
    rig = await BusRig.open(2);
    rig.plc.faults.inject({ kind: 'hang' }, { unit: 2 });
    assert.equal((await rig.poll(2)).reachable, false);
    assert.equal((await rig.poll(2)).reachable, false);
    rig.plc.faults.clear();
    assert.deepEqual((await rig.poll(2)).values, { R0: 200, R1: 201 });
  });

  it('a lost connection is made anew', async () => {
    rig = await BusRig.open(2);
    await rig.poll(1);
    rig.plc.dropConnections();
    assert.deepEqual((await rig.poll(1)).values, { R0: 100, R1: 101 });
  });
});
