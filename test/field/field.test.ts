import assert from 'node:assert/strict';
import { COMMUNICATION_LOST, formatQuality, isGood, isTandemError } from '../../src/contract/index.js';
import { fakeDevice } from './fake-driver.js';
import { become, counter, fieldWorld } from './field-world.js';

describe('field, active', () => {
  it('starts each device and polls every class at once', async () => {
    const device = fakeDevice();
    const world = fieldWorld([{ device, points: ['fast', 'normal', 'slow'] }]);
    void world.field.setRole('active');
    assert.deepEqual(device.calls, ['start active']);
    assert.equal(device.polls.length, 1);
    await world.time.advance(30);
    assert.deepEqual(world.batches.map(({ atMs, batch }) => [atMs, ...batch.points]), [[10, 0], [20, 1], [30, 2]]);
    assert.equal(world.field.devices()[0]?.online, true);
  });

  it('keeps its cadence over an hour without drift and without two polls at once', async () => {
    const device = fakeDevice({ pollMs: 37 });
    const world = fieldWorld([{ device, points: ['fast', 'normal'] }]);
    await become(world, 'active');
    await world.time.advance(3_600_000);
    const fast = device.polls.filter((poll) => poll.pollClass === 'fast');
    assert.ok(Math.abs(fast.length - 3_601) <= 1, `${fast.length} polls`);
    assert.equal(device.mostPolling, 1);
    assert.equal(counter(world, 0, 'hostOverruns'), 0);
  });

  it('counts polls that outlast their period', async () => {
    const device = fakeDevice({ pollMs: 2_500 });
    const world = fieldWorld([{ device }]);
    await become(world, 'active');
    await world.time.advance(60_000);
    assert.ok(counter(world, 0, 'hostOverruns') > 10);
    assert.equal(device.mostPolling, 1);
    assert.equal(counter(world, 0, 'hostLongestPollMs'), 2_500);
  });

  it('asks nothing while the node has more to do than it can, and goes on where it was', async () => {
    const device = fakeDevice();
    const world = fieldWorld([{ device, points: ['fast', 'normal'] }]);
    await become(world, 'active');
    await world.time.advance(3_500);
    world.strained = true;
    const before = device.polls.length;
    await world.time.advance(20_000);
    assert.equal(device.polls.length, before, 'a poll that was asked for before is the last');
    assert.ok(world.batches.some(({ batch }) => batch.qualities.some((quality) => !isGood(quality))), 'values that nobody confirms do not stay good');
    world.strained = false;
    const { length } = world.batches;
    await world.time.advance(2_500);
    assert.ok(device.polls.length >= before + 3);
    assert.ok(world.batches.slice(length).every(({ batch }) => batch.qualities.every(isGood)));
    assert.deepEqual([counter(world, 0, 'hostDelayedPolls'), counter(world, 0, 'hostMissedPeriods') > 15], [1, true]);
    // A poll that waits keeps no device from being closed.
    world.strained = true;
    await world.time.advance(1_500);
    await become(world, 'stopped');
    assert.equal(device.calls.at(-1), 'stop');
  });

  it('marks all points of a dead device in one batch, after its first failed poll', async () => {
    const device = fakeDevice();
    const world = fieldWorld([{ device, points: ['fast', 'normal', 'slow'] }]);
    await become(world, 'active');
    await world.time.advance(500);
    device.mode = 'silent';
    device.pollMs = 700;
    world.batches.length = 0;
    await world.time.advance(10_000);
    assert.equal(world.batches.length, 1);
    const [first] = world.batches;
    assert.equal(first?.atMs, 1_700);
    assert.deepEqual([...first.batch.points], [0, 1, 2]);
    assert.ok(first.batch.qualities.every((quality) => quality === COMMUNICATION_LOST) && first.batch.values.every(Number.isNaN));
    assert.deepEqual([world.field.devices()[0]?.online, world.field.devices()[0]?.lastError], [false, 'no answer']);
  });

  it('backs off a dead device to half a minute and takes it back at once', async () => {
    const device = fakeDevice({ mode: 'silent' });
    const world = fieldWorld([{ device, points: ['fast', 'normal'] }]);
    await become(world, 'active');
    await world.time.advance(600_000);
    const gaps = device.polls.slice(1).map((poll, index) => poll.atMs - device.polls[index]!.atMs);
    assert.equal(gaps[0], 1_010);
    assert.ok(gaps.slice(6).every((gap) => gap >= 24_000 && gap <= 30_020), gaps.join(' '));
    device.mode = 'answers';
    world.batches.length = 0;
    await world.time.advance(30_050);
    assert.ok(world.batches.some(({ batch }) => batch.points.includes(1)));
    const before = device.polls.length;
    await world.time.advance(10_000);
    assert.ok(device.polls.length - before >= 12);
    assert.ok(world.batches.every(({ batch }) => batch.qualities.every(isGood)));
  });

  it('lets one dead device starve no other', async () => {
    const dead = fakeDevice({ mode: 'silent', pollMs: 3_000 });
    const hanging = fakeDevice({ mode: 'hang' });
    const alive = fakeDevice();
    const world = fieldWorld([{ device: dead }, { device: hanging }, { device: alive }]);
    await become(world, 'active');
    await world.time.advance(60_000);
    assert.equal(alive.polls.length, 61);
  });

  it('survives drivers that break their contract, and replaces them', async () => {
    const rejecting = fakeDevice({ mode: 'reject' });
    const ending = fakeDevice();
    const unmakeable = fakeDevice({ failCreate: true });
    const good = fakeDevice();
    const world = fieldWorld([{ device: rejecting }, { device: ending }, { device: unmakeable }, { device: good }]);
    let ended = false;
    world.field.samples$.subscribe({ complete: () => (ended = true), error: () => (ended = true) });
    await become(world, 'active');
    await world.time.advance(5_500);
    ending.samples$.error(new RangeError('planted in the stream'));
    rejecting.mode = 'answers';
    unmakeable.failCreate = false;
    await world.time.advance(30_000);
    world.batches.length = 0;
    await world.time.advance(2_000);
    assert.deepEqual([...new Set(world.batches.flatMap(({ batch }) => [...batch.points]))].sort(), [0, 1, 2, 3]);
    assert.equal(ended, false);
    assert.ok(counter(world, 0, 'hostDriverFaults') >= 1);
    assert.equal(counter(world, 1, 'hostDriverFaults'), 1);
    assert.equal(ending.created, 2);
    assert.deepEqual([rejecting.open, ending.open, good.open], [1, 1, 1]);
  });

  it('measures how each class keeps to its period; being away is no cycle', async () => {
    const device = fakeDevice({ pollMs: 10 });
    const world = fieldWorld([{ device, points: ['fast', 'normal'] }]);
    await become(world, 'active');
    await world.time.advance(12_000);
    const cycle = (poll: string): Record<string, unknown> => ({ ...world.field.devices()[0]!.cycles.find((each) => each.poll === poll) });
    const { periodMs, cycleMs, pollMs, overruns } = cycle('normal');
    assert.deepEqual([cycleMs, pollMs, overruns], [periodMs, 10, 0]);
    device.pollMs = 2_500;
    await world.time.advance(30_000);
    const slow = cycle('fast');
    assert.ok(Number(slow.cycleMs) >= 2_500 && slow.pollMs === 2_500 && Number(slow.overruns) >= 3 && Number(slow.missed) >= 6, JSON.stringify(slow));
    const { longestCycleMs } = slow;
    device.mode = 'silent';
    await world.time.advance(100_000);
    device.mode = 'answers';
    device.pollMs = 10;
    await world.time.advance(100_000);
    assert.equal(cycle('fast').longestCycleMs, longestCycleMs);
    assert.equal(cycle('fast').pollMs, 10);
  });

  it('marks a point as stale that its device leaves out for three periods, once, until it is confirmed', async () => {
    const device = fakeDevice();
    const world = fieldWorld([{ device, points: ['fast', 'fast'] }]);
    await become(world, 'active');
    await world.time.advance(10_000);
    device.mute.add(1);
    world.batches.length = 0;
    await world.time.advance(30_000);
    const stale = world.batches.filter(({ batch }) => batch.qualities.some((quality) => !isGood(quality)));
    assert.equal(stale.length, 1);
    assert.deepEqual([...stale[0]!.batch.points], [1]);
    assert.equal(formatQuality(stale[0]!.batch.qualities[0]!), 'stale');
    const lateMs = stale[0]!.atMs - 9_010;
    assert.ok(lateMs >= 3_000 && lateMs <= 4_010, `after ${lateMs} ms`);
    device.mute.delete(1);
    await world.time.advance(1_100);
    assert.ok(world.batches.at(-1)!.batch.points.includes(1));
  });

  it('finds a point stale that was never confirmed since this node became active', async () => {
    const device = fakeDevice({ mode: 'hang' });
    const world = fieldWorld([{ device }]);
    await become(world, 'active');
    await world.time.advance(5_000);
    assert.deepEqual(world.batches.map(({ batch }) => formatQuality(batch.qualities[0]!)), ['stale']);
  });

  it('passes on that a device has restarted, while it is there and this node is active', async () => {
    const device = fakeDevice();
    const world = fieldWorld([{ device }]);
    const told: unknown[] = [];
    world.field.restarts$.subscribe((restart) => told.push(restart));
    await become(world, 'standby');
    await world.time.advance(5_000);
    device.restarts$.next({ certain: true });
    await become(world, 'active');
    await world.time.advance(5_000);
    device.restarts$.next({ certain: false });
    assert.deepEqual(told, [{ device: 'D0', certain: false }]);
    device.mode = 'silent';
    await world.time.advance(60_000);
    device.restarts$.next({ certain: true });
    assert.equal(told.length, 1);
  });

  it('refuses a device whose driver is not installed', () => {
    assert.throws(() => fieldWorld([{ device: fakeDevice() }], { driver: 'absent' }), (error) => isTandemError(error, 'CONFIG_REFERENCE'));
  });
});
