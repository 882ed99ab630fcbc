import assert from 'node:assert/strict';
import { isTandemError, type ErrorCode } from '../../src/contract/index.js';
import { MOST_WAITING_WRITES } from '../../src/field/write-queue.js';
import { fakeDevice } from './fake-driver.js';
import { become, fieldWorld, type FieldWorld } from './field-world.js';

const failsWith = (code: ErrorCode) => (error: unknown): boolean => isTandemError(error, code);

async function outcome(world: FieldWorld, write: Promise<unknown>): Promise<string> {
  try {
    await world.time.advanceWhile(write, 60_000);
    return 'ok';
  } catch (error) {
    return isTandemError(error) ? error.code : String(error);
  }
}

describe('field writes', () => {
  it('reach the device, at the priority of the point unless told otherwise', async () => {
    const device = fakeDevice();
    const world = fieldWorld([{ device }]);
    await become(world, 'active');
    assert.equal(await outcome(world, world.field.write({ point: 0, value: 21 })), 'ok');
    assert.equal(await outcome(world, world.field.write({ point: 0, value: 22, priority: 8 })), 'ok');
    assert.deepEqual(device.writes.map(({ value, priority }) => [value, priority]), [[21, 12], [22, 8]]);
  });

  it('never happen on a standby, not even on a device that it collects from', async () => {
    const device = fakeDevice();
    const world = fieldWorld([{ device, standby: 'collect' }]);
    await become(world, 'standby');
    assert.equal(await outcome(world, world.field.write({ point: 0, value: 1 })), 'NOT_ACTIVE');
    await become(world, 'stopped');
    assert.equal(await outcome(world, world.field.write({ point: 0, value: 1 })), 'NOT_ACTIVE');
    await world.time.advance(10_000);
    assert.deepEqual(device.writes, []);
  });

  it('need the permit, at the beginning and right before bytes leave', async () => {
    const device = fakeDevice({ writeMs: 100 });
    const world = fieldWorld([{ device }]);
    await become(world, 'active');
    world.permit = false;
    assert.equal(await outcome(world, world.field.write({ point: 0, value: 1 })), 'FENCED');
    world.permit = true;
    const late = world.field.write({ point: 0, value: 2 });
    await world.time.advance(50);
    world.permit = false;
    assert.equal(await outcome(world, late), 'FENCED');
    assert.deepEqual(device.writes, []);
  });

  it('do not outlive the activation that they were given in', async () => {
    const device = fakeDevice({ writeMs: 200 });
    const world = fieldWorld([{ device, standby: 'collect' }]);
    await become(world, 'active');
    const first = assert.rejects(world.field.write({ point: 0, value: 1 }), failsWith('FENCED'));
    const second = assert.rejects(world.field.write({ point: 0, value: 2 }), failsWith('NOT_ACTIVE'));
    await world.time.advance(100);
    await become(world, 'standby');
    await become(world, 'active');
    await world.time.advance(1_000);
    await Promise.all([first, second]);
    assert.deepEqual(device.writes, []);
  });

  it('to one point keep their order, and those to another do not wait for them', async () => {
    const device = fakeDevice({ writeMs: 100 });
    const world = fieldWorld([{ device, points: ['fast', 'fast'] }]);
    await become(world, 'active');
    const all = Promise.all([...[1, 2, 3].map((value) => world.field.write({ point: 0, value })), world.field.write({ point: 1, value: 9 })]);
    await world.time.advanceWhile(all, 1_000);
    assert.deepEqual(device.writes.map(({ point, value }) => `${point}=${String(value)}`), ['0=1', '1=9', '0=2', '0=3']);
  });

  it('end at their deadline, whether they wait or the driver does not answer', async () => {
    const device = fakeDevice({ writeMs: 5_000 });
    const world = fieldWorld([{ device }]);
    await become(world, 'active');
    const startMs = world.time.monotonicMs();
    const first = assert.rejects(world.field.write({ point: 0, value: 1 }, { timeoutMs: 1_000 }), failsWith('FIELD_TIMEOUT'));
    const second = assert.rejects(world.field.write({ point: 0, value: 2 }, { timeoutMs: 1_000 }), failsWith('FIELD_TIMEOUT'));
    await world.time.advanceWhile(Promise.all([first, second]), 2_000);
    assert.ok(world.time.monotonicMs() - startMs <= 1_300);
    await world.time.advance(10_000);
    assert.deepEqual(device.writes, [], 'what was reported as failed never leaves afterwards');
  });

  it('are refused when too many wait', async () => {
    const device = fakeDevice({ writeMs: 100 });
    const world = fieldWorld([{ device }]);
    await become(world, 'active');
    const writes = Array.from({ length: MOST_WAITING_WRITES + 2 }, (_, value) => outcomeOf(world.field.write({ point: 0, value })));
    const outcomes = await world.time.advanceWhile(Promise.all(writes), 60_000);
    assert.equal(outcomes.filter((code) => code === 'FIELD_REJECTED').length, 1);
    assert.equal(outcomes.at(-1), 'FIELD_REJECTED');
  });

  it('are refused for unknown points, and relinquish only where the driver has priorities', async () => {
    const device = fakeDevice();
    const plain = fieldWorld([{ device }]);
    await become(plain, 'active');
    assert.equal(await outcome(plain, plain.field.write({ point: 77, value: 1 })), 'POINT_UNKNOWN');
    assert.equal(await outcome(plain, plain.field.write({ point: 0, value: null })), 'VALUE_INVALID');
    const bacnet = fieldWorld([{ device: fakeDevice() }], { priorities: true });
    await become(bacnet, 'active');
    assert.equal(await outcome(bacnet, bacnet.field.write({ point: 0, value: null })), 'ok');
  });

  it('can be read back, within the deadline of the device', async () => {
    const device = fakeDevice({ value: 42 });
    const world = fieldWorld([{ device }]);
    await assert.rejects(world.field.read(0), failsWith('NOT_ACTIVE'));
    await become(world, 'active');
    assert.equal(await world.time.advanceWhile(world.field.read(0), 100), 42);
    device.mode = 'hang';
    assert.equal(await outcome(world, world.field.read(0)), 'FIELD_TIMEOUT');
  });

  describe('proved by another point', () => {
    const open = async (tolerance?: number) => {
      const [motor, contact] = [fakeDevice(), fakeDevice({ value: 0 })];
      const world = fieldWorld([{ device: motor }, { device: contact }], { verify: { point: 'P1', withinMs: 5_000, ...(tolerance === undefined ? {} : { tolerance }) } });
      await become(world, 'active');
      return { world, motor, contact };
    };

    it('are done when it shows the value, and not before', async () => {
      const { world, motor, contact } = await open(0.5);
      let result = 'waits';
      void outcomeOf(world.field.write({ point: 0, value: 20 })).then((text) => (result = text));
      await world.time.advance(3_000);
      assert.deepEqual([result, motor.writes.length], ['waits', 1]);
      contact.value = 20.4;
      await world.time.advance(1_000);
      assert.equal(result, 'ok');
      assert.equal(await world.time.advanceWhile(world.field.readOutcome(0), 1_000), 20.4);
    });

    it('are not verified when its time is over, or when control moves before', async () => {
      const { world, contact } = await open();
      const startMs = world.time.monotonicMs();
      assert.equal(await outcome(world, world.field.write({ point: 0, value: 1 })), 'FIELD_NOT_VERIFIED');
      assert.ok(world.time.monotonicMs() - startMs <= 6_000);
      const doubtful = outcomeOf(world.field.write({ point: 0, value: 1 }));
      await world.time.advance(500);
      await become(world, 'standby');
      await world.time.advance(1_000);
      contact.value = 1;
      await become(world, 'active');
      // Not NOT_ACTIVE, which would say that nothing was sent.
      assert.equal(await doubtful, 'FIELD_NOT_VERIFIED');
    });
  });
});

async function outcomeOf(write: Promise<void>): Promise<string> {
  return write.then(() => 'ok', (error: unknown) => (isTandemError(error) ? error.code : String(error)));
}
