import assert from 'node:assert/strict';
import type { Driver, PriorityView, WriteRequest, WriteRules } from '../../../src/contract/index.js';
import type { VirtualBacnetDevice } from '../../../simulators/bacnet-device/index.js';
import { BacnetWorld } from './world.js';

const rules = (verify: WriteRules['verify']): { write: WriteRules } => ({ write: { priority: 16, verify, repeatable: true } });
const OBJECTS = ['AO:1', 'AV:2', 'BV:3', 'MO:4', 'AV:5', 'AI:6', 'CSV:7'];

describe('BACnet writes', () => {
  let world: BacnetWorld;
  let device: VirtualBacnetDevice;
  let driver: Driver;
  const write = (point: number, value: WriteRequest['value'], more: Partial<WriteRequest> = {}): Promise<void> =>
    world.time.advanceWhile(driver.write({ point, value, priority: 8, timeoutMs: 2_000, permit: () => true, ...more }), 60_000);

  beforeEach(async () => {
    world = new BacnetWorld();
    device = await world.device('10.0.0.11', { instance: 1 });
    device.addObject({ type: 'AO', instance: 1, value: 18 });
    device.addObject({ type: 'AV', instance: 2, value: 20 });
    device.addObject({ type: 'BV', instance: 3 });
    device.addObject({ type: 'MO', instance: 4, value: 1 });
    device.addObject({ type: 'AV', instance: 5, commandable: false });
    device.addObject({ type: 'AI', instance: 6 });
    device.addObject({ type: 'CSV', instance: 7 });
    driver = world.driver({ instance: 1, host: '10.0.0.11', cov: false, timeout: '500ms' }, OBJECTS.map((object) => ({ object, ...rules('readback') }))).driver;
    driver.start('active');
  });
  afterEach(async () => {
    await driver.stop();
    await world.host.close();
    assert.deepEqual(device.complaints, []);
  });

  it('commands at its priority, reads its own slot back, and relinquishes', async () => {
    await write(0, 21.3);
    await write(0, 5, { priority: 10 }); // below priority 8: verified in its slot, not in the present value
    assert.equal(device.object('AO:1').presentValue, Math.fround(21.3));
    await write(0, null);
    assert.equal(device.object('AO:1').presentValue, 5);
    await write(0, null, { priority: 10 });
    assert.equal(device.object('AO:1').presentValue, 18);
    assert.deepEqual(device.object('AO:1').priorityArray, new Array(16).fill(null));
    assert.deepEqual(device.writes.map(({ remote, object, value, priority }) => [remote, object, value, priority]), [
      ['10.0.0.1', 'AO:1', Math.fround(21.3), 8], ['10.0.0.1', 'AO:1', 5, 10], ['10.0.0.1', 'AO:1', null, 8], ['10.0.0.1', 'AO:1', null, 10],
    ]);
  });

  it('sends each kind as its type: REAL, ENUMERATED, UNSIGNED counted from 1, text', async () => {
    await write(1, 22);
    await write(2, 1);
    await write(3, 2);
    await write(6, 'Küche');
    assert.deepEqual(['AV:2', 'BV:3', 'MO:4', 'CSV:7'].map((object) => device.object(object).presentValue), [22, 1, 3, 'Küche']);
  });

  it('shows the priority array and what is in force where nobody commands', async () => {
    const priorities = (point: number): Promise<PriorityView> => world.time.advanceWhile(driver.readPriorities!(point), 60_000);
    await write(0, 21.5);
    await write(0, 5, { priority: 16 });
    const slots = Array.from({ length: 16 }, (_, at) => (at === 7 ? 21.5 : at === 15 ? 5 : null));
    assert.deepEqual(await priorities(0), { slots, relinquishDefault: 18 });
    await write(3, 2); // multi-state: the device counts from 1, the gateway from 0
    assert.deepEqual([(await priorities(3)).slots[7], (await priorities(3)).relinquishDefault], [2, 0]);
    await write(2, 1);
    assert.equal((await priorities(2)).slots[7], 1);
    for (const point of [4, 5]) await assert.rejects(priorities(point), { code: 'POINT_NO_PRIORITIES' });
    await assert.rejects(priorities(99), { code: 'POINT_UNKNOWN' });
  });

  it('shows it slot by slot where it does not fit', async () => {
    const small = await world.device('10.0.0.12', { instance: 2, maxApdu: 50 });
    small.addObject({ type: 'AO', instance: 1, value: 18 });
    small.object('AO:1').write(85, undefined, { tag: 4, value: 3 }, 2);
    for (let priority = 3; priority <= 16; priority++) if (priority !== 6) small.object('AO:1').write(85, undefined, { tag: 4, value: priority }, priority);
    const other = world.driver({ instance: 2, host: '10.0.0.12', cov: false }, [{ object: 'AO:1' }]).driver;
    other.start('active');
    const { slots } = await world.time.advanceWhile(other.readPriorities!(0), 60_000);
    assert.deepEqual(slots.slice(0, 7), [null, 3, 3, 4, 5, null, 7]);
    await other.stop();
  });

  it('reads the present value back where there is no priority array', async () => {
    await write(4, 7.5);
    assert.equal(device.object('AV:5').presentValue, 7.5);
    await assert.rejects(write(4, null), { code: 'FIELD_REJECTED' });
  });

  it('rejects what the device or the kind cannot take', async () => {
    await assert.rejects(write(5, 1), { code: 'FIELD_REJECTED', message: /write-access-denied/ });
    await assert.rejects(write(3, 7), { code: 'FIELD_REJECTED', message: /value-out-of-range/ });
    await assert.rejects(write(5, null), { code: 'VALUE_INVALID' });
    await assert.rejects(write(0, NaN), { code: 'VALUE_INVALID' });
    await assert.rejects(write(0, 1e300), { code: 'VALUE_INVALID' });
    await assert.rejects(write(2, 2), { code: 'VALUE_INVALID' });
    await assert.rejects(write(2, 1, { priority: 0 }), { code: 'VALUE_INVALID' });
    await assert.rejects(write(99, 1), { code: 'POINT_UNKNOWN' });
    assert.deepEqual(device.writes, []);
  });

  it('is not verified where the slot does not hold what was written', async () => {
    device.onWrite = () => device.object('AV:2').write(85, undefined, { tag: 4, value: 99 }, 8);
    await assert.rejects(write(1, 22), { code: 'FIELD_NOT_VERIFIED', message: /99/ });
  });

  it('sends nothing without permission, and stops repeating when it is withdrawn', async () => {
    await assert.rejects(write(1, 22, { permit: () => false }), { code: 'FENCED' });
    await world.time.advanceWhile(driver.poll('normal'), 10_000);
    device.faults.silent = true;
    let asked = 0;
    // The first one may have arrived: the next node is not to take it for unsent.
    await assert.rejects(write(1, 22, { timeoutMs: 5_000, permit: () => ++asked < 2 }), { code: 'FIELD_TIMEOUT' });
    device.faults.silent = false;
    assert.equal(asked, 2);
    assert.equal(device.requestCounts().writeProperty, undefined);
  });

  it('keeps its deadline, whether the device is known or not, and sends nothing after it', async () => {
    device.faults.silent = true;
    const began = world.time.monotonicMs();
    await assert.rejects(write(1, 22, { timeoutMs: 700 }), { code: 'FIELD_TIMEOUT' });
    assert.equal(world.time.monotonicMs() - began, 700);
    device.faults.silent = false;
    await world.time.advance(10_000);
    assert.equal(device.requestCounts().writeProperty, undefined);
    await world.time.advanceWhile(driver.poll('normal'), 10_000);
    device.faults.silent = true;
    await assert.rejects(write(1, 22, { timeoutMs: 700 }), { code: 'FIELD_TIMEOUT' });
  });

  it('overtakes waiting reads', async () => {
    for (let i = 100; i < 200; i++) device.addObject({ type: 'AV', instance: i });
    device.faults.unknownServices.add(14);
    device.faults.delayMs = 100;
    const many = world.driver({ instance: 1, host: '10.0.0.11', cov: false, maxInFlight: 1 }, Array.from({ length: 100 }, (_, i) => ({ object: `AV:${100 + i}` })));
    many.driver.start('collect');
    const polling = many.driver.poll('normal');
    await world.time.advance(1_000);
    await write(1, 22);
    assert.equal(device.object('AV:2').presentValue, 22);
    await many.driver.stop();
    await polling;
  });
});
