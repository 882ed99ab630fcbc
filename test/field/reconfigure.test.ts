import assert from 'node:assert/strict';
import { isTandemError, SampleBuilder, type DeviceDefinition } from '../../src/contract/index.js';
import { fakeDevice, type FakeDevice } from './fake-driver.js';
import { become, fieldWorld, periodMs, type FieldWorld } from './field-world.js';

const write = { priority: 12, verify: 'none', repeatable: true } as const;

/** A device block as the loader makes it, its points given as [id, name]. */
function device(name: string, settings: FakeDevice, points: readonly (readonly [id: number, name: string])[]): DeviceDefinition {
  return {
    name, driver: 'fake', settings, standby: 'silent', writeTimeoutMs: 2_000,
    points: points.map(([id, point]) => ({ id, name: point, kind: 'number', device: name, poll: 'fast', address: undefined, write })),
  };
}

function lastIds(world: FieldWorld): number[] {
  return [...(world.batches.at(-1)?.batch.points ?? [])];
}

describe('field: another configuration', () => {
  it('keeps the driver of a device that has not changed, under the new ids of its points', async () => {
    const plc = fakeDevice();
    const world = fieldWorld([{ device: plc, points: ['fast', 'fast'] }]);
    await become(world, 'active');
    await world.time.advance(1_500);
    await world.time.advanceWhile(world.field.reconfigure([device('new', fakeDevice(), [[0, 'N']]), device('D0', plc, [[1, 'P0'], [2, 'P1']])], { periodMs }), 1_000);
    assert.equal(plc.created, 1);
    assert.equal(plc.open, 1);
    const builder = new SampleBuilder();
    builder.add(1, 42, 0, 1);
    plc.samples$.next(builder.take());
    assert.deepEqual(lastIds(world), [2], 'the driver says 1, as it was made; the point is 2 now');
    await world.time.advanceWhile(world.field.write({ point: 1, value: 7 }), 1_000);
    assert.deepEqual(plc.writes.map(({ point, value }) => [point, value]), [[0, 7]]);
    assert.deepEqual(world.field.devices().map(({ name }) => name), ['new', 'D0']);
  });

  it('closes a device that has changed before it opens it again, and one that is gone for good', async () => {
    const [changed, gone, later] = [fakeDevice({ stopMs: 300 }), fakeDevice(), fakeDevice()];
    const world = fieldWorld([{ device: changed }, { device: gone }]);
    await become(world, 'active');
    const done = world.field.reconfigure([device('D0', later, [[0, 'P0']])], { periodMs });
    await world.time.advance(100);
    assert.deepEqual([changed.open, gone.open, later.open], [1, 0, 0], 'the old one still has its connection');
    await world.time.advanceWhile(done, 1_000);
    assert.deepEqual([changed.open, gone.open, later.open], [0, 0, 1]);
    const before = world.batches.length;
    const builder = new SampleBuilder();
    builder.add(0, 1, 0, 1);
    changed.samples$.next(builder.take());
    assert.equal(world.batches.length, before, 'nothing comes from the old one');
  });

  it('refuses writes that wait for a device that has changed', async () => {
    const slow = fakeDevice({ writeMs: 500 });
    const world = fieldWorld([{ device: slow }]);
    await become(world, 'active');
    await world.time.advance(100);
    const outcomes = [1, 2].map(async (value) => world.field.write({ point: 0, value }).then(() => 'done', (error: unknown) => (isTandemError(error) ? error.code : String(error))));
    await world.time.advance(50);
    await world.time.advanceWhile(world.field.reconfigure([device('D0', fakeDevice(), [[0, 'P0']])], { periodMs }), 5_000);
    await world.time.advance(3_000);
    const codes = await Promise.all(outcomes);
    assert.equal(codes[1], 'NOT_ACTIVE');
    assert.equal(slow.writes.length <= 1, true);
  });
});
