import assert from 'node:assert/strict';
import type { FaultKind } from '../../../simulators/modbus-plc/index.js';
import { Rig, skippingClock, until } from './rig.js';

describe('Modbus driver: polling a PLC', () => {
  let rig: Rig;
  afterEach(() => rig.close());

  const three = { A: { at: 'hr:0' }, B: { at: 'hr:1', type: 'int16', scale: 0.1 }, C: { at: 'hr:50' } };
  const open = async (device: Record<string, unknown> = {}): Promise<void> => {
    rig = await Rig.open(three, device);
    rig.plc.unit(1).set('hr', 0, [11, 65_411]);
    rig.plc.unit(1).set('hr', 50, [33]);
  };
  const all = { A: 11, B: -12.5, C: 33 };

  it('reads every type from every area, and classes apart', async () => {
    rig = await Rig.open({
      Coil: { at: '00006' }, Contact: { at: 'di:3' }, Bit: { at: 'hr:9.15' }, I16: { at: 'ir:0', type: 'int16' }, U32: { at: 'hr:2', type: 'uint32' },
      F32: { at: 'hr:4', type: 'float32', wordOrder: 'little' }, F64: { at: 'hr:200', type: 'float64', byteOrder: 'little' }, I64: { at: 'hr:300', type: 'int64' },
      Slow: { at: 'hr:0', poll: 'slow' }, Broken: { at: 'hr:400', type: 'float32' },
    });
    const unit = rig.plc.unit(1);
    unit.setBool('co', 5, true);
    unit.setBool('di', 3, true);
    unit.setUint16('hr', 9, 0x8000);
    unit.setInt16('ir', 0, -5);
    unit.setUint32('hr', 2, 4_000_000_000);
    unit.setFloat32('hr', 4, 1.5, { wordOrder: 'little' });
    unit.setFloat64('hr', 200, -2.25, { byteOrder: 'little' });
    unit.setInt64('hr', 300, -(2n ** 60n));
    unit.set('hr', 400, [0x7fc0, 0]);
    const { reachable, values } = await rig.poll();
    assert.equal(reachable, true);
    assert.deepEqual(values, { Coil: 1, Contact: 1, Bit: 1, I16: -5, U32: 4_000_000_000, F32: 1.5, F64: -2.25, I64: -(2n ** 60n), Broken: 'bad (format)' });
    assert.deepEqual((await rig.poll('slow')).values, { Slow: 0 });
    assert.equal(await rig.driver.read(rig.id('I64')), -(2n ** 60n));
  });

  it('reads neighbours in one request and holds one connection', async () => {
    await open();
    assert.deepEqual((await rig.poll()).values, all);
    await rig.poll();
    assert.deepEqual(rig.plc.ledger.of('127.0.0.1'), { connections: 1, open: 1, requests: { 3: 4 }, writes: 0 });
  });

  it('finds refused registers by halves, reads around them, and asks again after a minute', async () => {
    const clock = skippingClock();
    rig = await Rig.open(Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`P${index}`, { at: `hr:${index}` }])), {}, { clock });
    const unit = rig.plc.unit(1);
    unit.set('hr', 0, Array.from({ length: 20 }, (_, index) => index));
    unit.forbid('hr', 7, 1);
    const wanted = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`P${index}`, index === 7 ? 'bad (address)' : index]));
    const requests = (): number => rig.plc.ledger.requestsOf('127.0.0.1');
    assert.deepEqual(await rig.poll(), { reachable: true, values: wanted });
    const before = requests();
    assert.deepEqual(await rig.poll(), { reachable: true, values: wanted });
    assert.equal(requests() - before, 2, 'one block on each side');
    clock.skip(61_000);
    await rig.poll();
    assert.equal(requests() - before, 5, 'and one question for the hole');
    unit.allowAll();
    assert.equal((await rig.poll()).values.P7, 'bad (address)');
    clock.skip(61_000);
    assert.equal((await rig.poll()).values.P7, 7);
    const healed = requests();
    await rig.poll();
    assert.equal(requests() - healed, 1);
    assert.equal(rig.driver.counters().holes, 0);
  });

  it('reads around a refused register between points', async () => {
    rig = await Rig.open({ A: { at: 'hr:0' }, D: { at: 'hr:8' } });
    rig.plc.unit(1).forbid('hr', 4, 1);
    assert.deepEqual((await rig.poll()).values, { A: 0, D: 0 });
    const before = rig.plc.ledger.requestsOf('127.0.0.1');
    await rig.poll();
    assert.equal(rig.plc.ledger.requestsOf('127.0.0.1') - before, 2);
  });

  it('asks a busy device again', async () => {
    await open();
    for (const code of [5, 6]) {
      rig.plc.faults.inject({ kind: 'exception', code }, { times: 2 });
      assert.deepEqual(await rig.poll(), { reachable: true, values: all });
    }
  });

  it('marks what a device refuses for other reasons, and reads the rest', async () => {
    await open();
    rig.plc.faults.inject({ kind: 'exception', code: 4 }, { times: 1 });
    assert.deepEqual(await rig.poll(), { reachable: true, values: { A: 'bad (device)', B: 'bad (device)', C: 33 } });
  });

  it('takes a gateway that has lost the unit for an unreachable device', async () => {
    await open({ unit: 7 });
    assert.deepEqual(await rig.poll(), { reachable: false, values: {} });
    rig.plc.unit(7);
    assert.equal((await rig.poll()).reachable, true);
  });

  it('keeps a device that is silent about one block only', async () => {
    rig = await Rig.open({ A: { at: 'hr:0' }, C: { at: 'ir:0' } });
    rig.plc.faults.inject({ kind: 'drop' }, { function: 4 });
    assert.deepEqual(await rig.poll(), { reachable: true, values: { A: 0, C: 'bad (communication)' } });
  });

  it('tells of a device that has stopped after one timeout, and says that it is away after a second one', async () => {
    rig = await Rig.open({ A: { at: 'hr:0' }, B: { at: 'hr:200' }, C: { at: 'ir:0' }, D: { at: 'hr:400' } }, { timeout: '300ms' });
    await rig.poll();
    rig.plc.faults.inject({ kind: 'hang' });
    const startMs = performance.now();
    let toldMs = NaN;
    const told = rig.driver.samples$.subscribe(() => {
      if (Number.isNaN(toldMs)) toldMs = performance.now() - startMs;
    });
    assert.deepEqual(await rig.poll(), { reachable: false, values: { A: 'bad (communication)', B: 'bad (communication)', C: 'bad (communication)', D: 'bad (communication)' } });
    told.unsubscribe();
    assert.equal(rig.driver.counters().timeouts, 2, 'one block, and another one instead of the same again');
    assert.ok(toldMs < performance.now() - startMs - 100, 'before the second timeout');
  });

  it('does not believe a block that is always silent to be the device, wherever it lies and whatever happens', async () => {
    rig = await Rig.open({ A: { at: 'co:0' }, B: { at: 'hr:200' }, C: { at: 'ir:0' } }, { timeout: '100ms' });
    rig.plc.faults.inject({ kind: 'drop' }, { function: 1 });
    const partly = { reachable: true, values: { A: 'bad (communication)', B: 0, C: 0 } };
    assert.deepEqual(await rig.poll(), partly);
    const before = rig.driver.counters().timeouts!;
    assert.deepEqual(await rig.poll(), partly);
    assert.equal(rig.driver.counters().timeouts! - before, 1, 'asked last, and once');
    const hang = rig.plc.faults.injectFirst({ kind: 'hang' });
    assert.equal((await rig.poll()).reachable, false);
    assert.equal((await rig.poll()).reachable, false);
    hang();
    const deadlineMs = performance.now() + 8000;
    let seen = await rig.poll();
    while (!seen.reachable && performance.now() < deadlineMs) seen = await rig.poll();
    assert.deepEqual(seen, partly);
  });

  const faults: readonly (readonly [FaultKind, counter: string])[] = [
    [{ kind: 'drop' }, 'timeouts'], [{ kind: 'hang' }, 'timeouts'], [{ kind: 'delay', delayMs: 400 }, 'timeouts'], [{ kind: 'wrong-transaction' }, 'foreign'],
    [{ kind: 'wrong-unit' }, 'foreign'], [{ kind: 'wrong-function' }, 'malformed'], [{ kind: 'wrong-length' }, 'malformed'], [{ kind: 'cut-short' }, 'timeouts'],
    [{ kind: 'garbage' }, 'connectionsLost'], [{ kind: 'reset' }, 'connectionsLost'],
  ];
  for (const [fault, counter] of faults) {
    for (const maxInFlight of [1, 4]) {
      it(`${fault.kind}, ${maxInFlight} in flight: unreachable, counted, nothing good, and well again without a restart`, async () => {
        await open({ maxInFlight });
        rig.plc.faults.inject(fault);
        const found = await rig.poll();
        assert.equal(found.reachable, false);
        for (const value of Object.values(found.values)) assert.equal(value, 'bad (communication)');
        assert.ok(rig.driver.counters()[counter]! > 0, counter);
        rig.plc.faults.clear();
        const deadlineMs = performance.now() + 8000;
        let seen = await rig.poll();
        while (!seen.reachable && performance.now() < deadlineMs) {
          await new Promise((resolve) => setTimeout(resolve, 10));
          seen = await rig.poll();
        }
        assert.deepEqual(seen, { reachable: true, values: all });
      });
    }
    it(`${fault.kind}, once: the poll gets over it`, async () => {
      await open();
      await rig.poll();
      rig.plc.faults.inject(fault, { times: 1 });
      assert.deepEqual(await rig.poll(), { reachable: true, values: all });
    });
  }

  it('ignores an answer that comes twice', async () => {
    await open();
    rig.plc.faults.inject({ kind: 'duplicate' });
    assert.deepEqual(await rig.poll(), { reachable: true, values: all });
    await rig.poll();
    assert.ok(rig.driver.counters().duplicates! > 0);
  });

  it('says so at once when nobody listens, and finds the device when it comes', async () => {
    await open();
    await rig.poll();
    await rig.plc.close();
    await until(() => rig.driver.counters().connectFailures! > 0, 'a connection was refused');
    const result = await rig.driver.poll('fast');
    assert.equal(result.reachable, false);
    assert.match(result.error!, /cannot connect.*refused/);
    await rig.plc.listen('127.0.0.1', rig.port);
    await until(() => rig.driver.counters().connects! > 1, 'it is connected again');
    assert.deepEqual(await rig.poll(), { reachable: true, values: all });
  });

  it('leaves from the address of this node', async () => {
    rig = await Rig.open(three, {}, {}, { address: '127.0.0.21' });
    assert.equal((await rig.poll()).reachable, true);
    assert.deepEqual([...rig.plc.ledger.remotes.keys()], ['127.0.0.21']);
  });

  it('listens without asking', async () => {
    await open();
    rig.driver.setActivity('listen');
    assert.deepEqual(await rig.poll(), { reachable: true, values: {} });
    assert.equal(rig.plc.ledger.requestsOf('127.0.0.1'), 0);
  });
});
