import assert from 'node:assert/strict';
import { modbusRtuTcp, modbusTcp } from '../../../drivers/modbus/index.js';
import { isTandemError, type Driver } from '../../../src/contract/index.js';
import { VirtualPlc } from '../../../simulators/modbus-plc/index.js';
import { SimulatedNetwork } from '../../../simulators/network/index.js';
import { seededRandom, VirtualClock } from '../../../simulators/virtual-time/index.js';
import { parseBus, sharingHost } from './bus-rig.js';
import { collectProblems, newPlc, parse, type Found } from './rig.js';

describe('Modbus TCP: several units behind one address', () => {
  let plc: VirtualPlc;
  let drivers: Driver[];
  let time = new VirtualClock();
  const values: (number | undefined)[] = [];
  afterEach(async () => {
    await settled(Promise.all(drivers.map((driver) => driver.stop())));
    await settled(plc.close());
  });
  /** Lets time pass until it is there. */
  const settled = async <T>(work: Promise<T>): Promise<T> => time.advanceWhile(work, 60_000);

  const open = async (units: number, device: Record<string, unknown> = {}): Promise<void> => {
    time = new VirtualClock();
    const random = seededRandom(1);
    const net = new SimulatedNetwork(time, random.fork('network'));
    const [field, node] = [time.node(), time.node()];
    plc = new VirtualPlc({ network: net.host('10.0.0.2', field).network, clock: field, timers: field, random: random.fork('plc') });
    await plc.listen('10.0.0.2', 502);
    const host = sharingHost({ network: net.host('10.0.0.1', node).network, clock: node, timers: node, random: random.fork('node') });
    values.length = 0;
    drivers = Array.from({ length: units }, (_, index) => {
      plc.unit(index + 1).set('hr', 0, [100 + index]);
      const parsed = parse({ host: '10.0.0.2', unit: index + 1, timeout: '60ms', ...device }, { R: { at: 'hr:0', write: {} } });
      const driver = modbusTcp.create(host, parsed.device, parsed.points);
      driver.samples$.subscribe((batch) => (values[index] = batch.values[0]));
      driver.start('active');
      return driver;
    });
  };
  const asked = (unit: number) => drivers[unit - 1]!.poll('fast');
  const poll = async (unit: number) => settled(asked(unit));
  const counters = (unit: number) => drivers[unit - 1]!.counters();

  it('share one connection, which goes with the last of them', async () => {
    await open(3, { gateway: 'serial' });
    const results = await settled(Promise.all([1, 2, 3].map(asked)));
    assert.deepEqual([results.map(({ reachable }) => reachable), values, plc.openConnections], [[true, true, true], [100, 101, 102], 1]);
    const [first, second, third] = drivers;
    await settled(first!.stop());
    assert.deepEqual([(await poll(2)).reachable, (await poll(1)).reachable, plc.openConnections], [true, false, 1]);
    await settled(Promise.all([second!.stop(), third!.stop()]));
    await time.advanceUntil(() => plc.openConnections === 0, 1_000);
    first!.start('active');
    assert.equal((await poll(1)).reachable, true);
  });

  it('a unit that the gateway has lost is down alone', async () => {
    await open(2);
    for (const code of [0x0a, 0x0b]) {
      plc.faults.inject({ kind: 'exception', code }, { unit: 1 });
      const [first, second] = await settled(Promise.all([asked(1), asked(2)]));
      assert.deepEqual([first.reachable, second.reachable], [false, true]);
    }
    assert.equal(counters(2).connectionsLost, 0);
  });

  it('a silent unit is asked less and less, and its neighbours keep their connection', async () => {
    await open(3);
    await settled(Promise.all([1, 2, 3].map(asked)));
    plc.faults.inject({ kind: 'hang' }, { unit: 1 });
    const endMs = time.monotonicMs() + 1_500;
    let answered = 0;
    const dead = (async () => {
      while (time.monotonicMs() < endMs) await asked(1);
    })();
    await settled(Promise.all([2, 3].map(async (unit) => {
      while (time.monotonicMs() < endMs) {
        assert.equal((await asked(unit)).reachable, true);
        answered++;
      }
    })));
    assert.ok(counters(1).timeouts! <= 8, `${counters(1).timeouts} timeouts`);
    assert.ok(answered > 100, `${answered} polls of the others`);
    assert.equal(counters(2).connectionsLost, 0);
    plc.faults.clear();
    await settled(dead);
    assert.equal((await poll(1)).reachable, true);
    assert.equal(values[0], 100);
  });

  it('an answer from another unit is refused and counted where the request was', async () => {
    await open(2);
    plc.faults.inject({ kind: 'wrong-unit' }, { unit: 1, times: 1 });
    assert.equal((await poll(1)).reachable, true);
    assert.deepEqual([counters(1).foreign, counters(2).foreign], [1, 0]);
  });

  it('a driver that stops settles what it had under way, and nothing of another', async () => {
    await open(2, { maxInFlight: 4, timeout: '400ms' });
    await settled(Promise.all([1, 2].map(asked)));
    plc.faults.inject({ kind: 'delay', delayMs: 100 });
    const [mine, other] = [drivers[0]!.read(0), drivers[1]!.read(0)];
    const refused = assert.rejects(mine, (error) => isTandemError(error, 'FIELD_CLOSED'));
    await settled(drivers[0]!.stop());
    await refused;
    assert.equal(await settled(other), 101);
  });

  it('a serial gateway and more than one in flight exclude each other', () => {
    const found: Found[] = [];
    drivers = [];
    plc = newPlc();
    assert.equal(modbusTcp.parseDevice({ host: 'g', gateway: 'serial', maxInFlight: 4 }, { problems: collectProblems(found) }), undefined);
    assert.deepEqual(found.map(({ code, path }) => [code, path]), [['CONFIG_CLASH', 'maxInFlight']]);
  });
});

describe('Modbus: two addresses for one device', () => {
  const plcs: VirtualPlc[] = [];
  let driver: Driver | undefined;
  afterEach(async () => {
    await driver?.stop();
    await Promise.all(plcs.splice(0).map((plc) => plc.close()));
  });
  const reachable = async (): Promise<boolean> => (await driver!.poll('fast')).reachable;

  for (const kind of ['modbus-tcp', 'modbus-rtu-tcp'] as const) {
    it(`${kind} goes over to the other path when one is cut, and back when that one is`, async () => {
      const bus = kind === 'modbus-tcp' ? undefined : {};
      const ports: number[] = [];
      for (const value of [1, 2]) {
        const plc = newPlc();
        plc.unit(1).set('hr', 0, [value]);
        ports.push(await plc.listen(`127.0.0.${value}`, 0, bus));
        plcs.push(plc);
      }
      const keys = { host: '127.0.0.1', port: ports[0], host2: '127.0.0.2', port2: ports[1], unit: 1, timeout: '10s' };
      const points = { R: { at: 'hr:0' } };
      if (kind === 'modbus-tcp') {
        const parsed = parse(keys, points);
        driver = modbusTcp.create(sharingHost(), parsed.device, parsed.points);
      } else {
        const parsed = parseBus(modbusRtuTcp, keys, points);
        driver = modbusRtuTcp.create(sharingHost(), parsed.device, parsed.points);
      }
      let value = 0;
      driver.samples$.subscribe((batch) => (value = batch.values[0]!));
      const latest = (): number => value;
      driver.start('active');
      assert.deepEqual([await reachable(), value], [true, 1]);
      await plcs[0]!.close();
      const deadlineMs = performance.now() + 15_000;
      while (!(await reachable()) && performance.now() < deadlineMs) await new Promise((resolve) => setTimeout(resolve, 5));
      assert.equal(value, 2);
      assert.deepEqual([driver.counters().pathSwitches, driver.counters().path1Connects, driver.counters().path2Connects], [1, 1, 1]);
      await plcs[0]!.listen('127.0.0.1', ports[0]!, bus);
      assert.deepEqual([await reachable(), value], [true, 2], 'the first path is back, and the second one stays in use');
      await plcs[1]!.close();
      while ((!(await reachable()) || latest() !== 1) && performance.now() < deadlineMs) await new Promise((resolve) => setTimeout(resolve, 5));
      assert.deepEqual([value, driver.counters().pathSwitches], [1, 2]);
    });
  }

  it('is away only when neither path leads to it', async () => {
    const parsed = parse({ host: '127.0.0.1', port: 9, host2: '127.0.0.2', port2: 9, timeout: '10s' }, { R: { at: 'hr:0' } });
    driver = modbusTcp.create(sharingHost(), parsed.device, parsed.points);
    driver.start('active');
    const { reachable: there, error } = await driver.poll('fast');
    assert.equal(there, false);
    assert.match(error!, /127\.0\.0\.2:9/);
    assert.equal(driver.counters().connectFailures, 2);
  });

  it('a second address that is the first one, or a port without one, is refused', () => {
    const found: Found[] = [];
    modbusTcp.parseDevice({ host: 'a', host2: 'a' }, { problems: collectProblems(found) });
    modbusTcp.parseDevice({ host: 'a', port2: 503 }, { problems: collectProblems(found) });
    assert.deepEqual(found.map(({ code, path }) => [code, path]), [['CONFIG_CLASH', 'host2'], ['CONFIG_INVALID', 'port2']]);
  });
});
