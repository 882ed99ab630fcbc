import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fakeDevice } from './fake-driver.js';
import { become, counter, fieldWorld } from './field-world.js';

describe('field, standby', () => {
  it('never touches a silent device', async () => {
    const device = fakeDevice();
    const world = fieldWorld([{ device, standby: 'silent' }]);
    await become(world, 'standby');
    await world.time.advance(3_600_000);
    assert.deepEqual([device.created, device.calls, device.polls], [0, [], []]);
  });

  it('writes its own heartbeat register and nothing else, where it may connect', async () => {
    const [device, silent] = [fakeDevice(), fakeDevice()];
    const world = fieldWorld([{ device, standby: 'collect' }, { device: silent, standby: 'silent' }]);
    world.permit = false;
    await become(world, 'standby');
    await world.time.advanceWhile(world.field.beatRegister(0, 5), 1_000);
    await assert.rejects(world.field.write({ point: 0, value: 6 }), /not active/);
    await assert.rejects(world.field.beatRegister(1, 5), /not connected/);
    assert.deepEqual(device.writes.map(({ value }) => value), [5]);
    assert.equal(await world.time.advanceWhile(world.field.readRegister(0), 1_000), device.value);
  });

  it('collects slowly with one class and lets nothing through', async () => {
    const device = fakeDevice();
    const world = fieldWorld([{ device, standby: 'collect', points: ['fast', 'slow'] }]);
    await become(world, 'standby');
    await world.time.advance(180_500);
    assert.deepEqual(device.polls.map((poll) => [poll.atMs, poll.pollClass]), [[0, 'slow'], [60_000, 'slow'], [120_000, 'slow'], [180_000, 'slow']]);
    assert.deepEqual(world.batches, []);
    assert.equal(counter(world, 0, 'hostDroppedSamples'), 4);
    assert.equal(world.field.devices()[0]?.online, true);
  });

  it('hot: reads every class off the active\'s beat, the fast one as seldom as the normal one, and lets it through to be compared only', async () => {
    const [device, warm] = [fakeDevice(), fakeDevice()];
    const world = fieldWorld([{ device, standby: 'collect', compare: true, points: ['fast', 'slow'] }, { device: warm, standby: 'collect' }]);
    let collected = 0;
    world.field.collected$.subscribe(({ points, length }) => {
      for (const point of points.subarray(0, length)) assert.ok(point < 2, 'of the warm device nothing is compared');
      collected += length;
    });
    await become(world, 'standby');
    await world.time.advance(90_000);
    const times = (pollClass: string): number[] => device.polls.filter((poll) => poll.pollClass === pollClass).map(({ atMs }) => Math.round(atMs / 100) / 10);
    assert.deepEqual([times('slow').length, times('fast').length], [2, 14]);
    assert.ok(collected >= 14);
    assert.deepEqual([world.batches, device.writes], [[], []]);
    await become(world, 'active');
    await world.time.advance(10_000);
    const before = collected;
    await world.time.advance(10_000);
    assert.equal(collected, before, 'an active compares nothing');
    assert.ok(world.batches.length > 5);
  });

  it('says nothing of a dead device either, until it is active', async () => {
    const device = fakeDevice({ mode: 'silent' });
    const world = fieldWorld([{ device, standby: 'collect' }]);
    await become(world, 'standby');
    await world.time.advance(200_000);
    assert.deepEqual(world.batches, []);
    void world.field.setRole('active');
    await world.time.advance(15);
    assert.equal(world.batches.length, 1);
  });

  it('knows which devices answer it, by what it asks them anyway', async () => {
    const world = fieldWorld([{ device: fakeDevice(), standby: 'collect', points: ['slow'] }, { device: fakeDevice({ mode: 'silent' }), standby: 'collect' }, { device: fakeDevice(), standby: 'silent' }, { device: fakeDevice(), standby: 'listen' }]);
    const states = (): string[] => world.field.reach().map(({ state }) => state);
    assert.deepEqual(states(), ['unknown', 'unknown', 'unknown', 'unknown']);
    await become(world, 'standby');
    await world.time.advance(120_000);
    assert.deepEqual(states(), ['reachable', 'unreachable', 'unknown', 'unknown']);
    assert.equal(world.field.reach()[0]?.weight, 1);
  });

  it('listens without asking', async () => {
    const device = fakeDevice();
    const world = fieldWorld([{ device, standby: 'listen' }]);
    await become(world, 'standby');
    await world.time.advance(600_000);
    assert.deepEqual([device.calls, device.polls], [['start listen'], []]);
    assert.equal(world.time.pending, 0);
  });

  it('takes over on the open connection and polls everything at once', async () => {
    const device = fakeDevice();
    const world = fieldWorld([{ device, standby: 'collect', points: ['fast', 'normal', 'slow'] }]);
    await become(world, 'standby');
    await world.time.advance(5_000);
    void world.field.setRole('active');
    await world.time.advance(40);
    assert.deepEqual(device.calls, ['start collect', 'activity active']);
    assert.deepEqual(new Set(world.batches.flatMap(({ batch }) => [...batch.points])), new Set([0, 1, 2]));
  });

  it('gives a silent device up for good before it says so', async () => {
    const device = fakeDevice({ stopMs: 300 });
    const world = fieldWorld([{ device }]);
    await become(world, 'active');
    await world.time.advance(1_000);
    const startMs = world.time.monotonicMs();
    const polls = device.polls.length;
    await become(world, 'standby');
    assert.equal(world.time.monotonicMs() - startMs, 300);
    assert.equal(device.open, 0);
    await world.time.advance(10_000);
    assert.equal(device.polls.length, polls);
  });

  it('lets a driver that is polled to its end say what it wants: nothing passes after the role is gone', async () => {
    const device = fakeDevice({ pollMs: 500 });
    const world = fieldWorld([{ device, standby: 'collect' }]);
    await become(world, 'active');
    await world.time.advance(100);
    await become(world, 'standby');
    await world.time.advance(10_000);
    assert.deepEqual(world.batches, []);
  });

  it('settles everything at stop, shared resources too', async () => {
    const closed: string[] = [];
    let made = 0;
    const useShared = { key: 'udp', make: () => ({ close: () => (closed.push(`socket ${made}`), Promise.resolve()), number: ++made }) };
    const [a, b] = [fakeDevice({ useShared }), fakeDevice({ useShared, pollMs: 400 })];
    const world = fieldWorld([{ device: a }, { device: b, standby: 'collect' }]);
    await become(world, 'active');
    await world.time.advance(1_100);
    assert.equal(made, 1);
    await become(world, 'standby');
    assert.deepEqual(closed, [], 'the other device still uses it');
    await become(world, 'stopped');
    assert.deepEqual(closed, ['socket 1']);
    assert.deepEqual([a.open, b.open], [0, 0]);
    await world.time.advance(1_000);
    assert.equal(world.time.pending, 0);
    await become(world, 'active');
    assert.equal(made, 2);
  });

  it('has one poll loop and one life of each driver, however the role flaps', async () => {
    const roles = fc.array(fc.tuple(fc.constantFrom('active' as const, 'standby' as const, 'stopped' as const), fc.integer({ min: 0, max: 400 })), { maxLength: 30 });
    await fc.assert(fc.asyncProperty(roles, async (flaps) => {
      const silent = fakeDevice({ stopMs: 150, pollMs: 120 });
      const collecting = fakeDevice({ stopMs: 50, pollMs: 120 });
      const world = fieldWorld([{ device: silent }, { device: collecting, standby: 'collect' }]);
      for (const [role, waitMs] of flaps) {
        void world.field.setRole(role);
        await world.time.advance(waitMs);
        if (role !== 'active') world.batches.length = 0;
        assert.ok(silent.open <= 1 && collecting.open <= 1);
      }
      await become(world, 'active');
      await world.time.advance(1_000);
      const before = [silent.polls.length, collecting.polls.length];
      await world.time.advance(10_000);
      assert.deepEqual([silent.polls.length - before[0]!, collecting.polls.length - before[1]!], [10, 10]);
      assert.deepEqual([silent.open, collecting.open, silent.mostPolling, collecting.mostPolling], [1, 1, 1, 1]);
      await become(world, 'stopped');
      await world.time.advance(500);
      assert.deepEqual([silent.open, collecting.open, world.time.pending], [0, 0, 0]);
    }), { numRuns: 60 });
  });
});
