import assert from 'node:assert/strict';
import { COMMUNICATION_LOST, qualityOf, type AlarmDefinition } from '../../src/contract/index.js';
import { alarmOn, FunctionsWorld, START_MS } from './functions-world.js';

describe('alarms', () => {
  it('travel in the frame of the value that caused them', () => {
    const world = new FunctionsWorld({ alarms: [alarmOn(0, { instruction: 'Call the plumber.' })] });
    world.set(0, 31);
    const frame = world.frames.at(-1)!;
    assert.deepEqual([frame.values.length, frame.puts.length, frame.logs.length], [1, 1, 1]);
    assert.deepEqual(world.alarm('P0 high'), {
      name: 'P0 high', point: 'P0', state: 'unacknowledged', priority: 2, class: 'process', message: 'P0 above 30', sinceMs: START_MS, occurrence: 1,
      active: true, level: 'high', open: ['raised'], instruction: 'Call the plumber.',
    });
  });

  it('go the whole way: raised, acknowledged, returned; raised, returned, acknowledged', () => {
    const world = new FunctionsWorld({ alarms: [alarmOn(0)] });
    world.set(0, 31);
    assert.equal(world.acknowledge('P0 high', 1), 'ok');
    assert.equal(world.alarm('P0 high')?.state, 'acknowledged');
    world.set(0, 29.5);
    assert.equal(world.alarm('P0 high')?.state, 'acknowledged', 'inside the deadband');
    world.set(0, 29);
    assert.equal(world.alarm('P0 high')?.state, 'normal');
    world.set(0, 31);
    world.set(0, 20);
    assert.equal(world.alarm('P0 high')?.state, 'returned-unacknowledged');
    assert.equal(world.acknowledge('P0 high', 2, 'seen'), 'ok');
    assert.equal(world.alarm('P0 high')?.state, 'normal');
    assert.deepEqual(world.journal().map((line) => line.replace(/ @.*/, '')), [
      'P0 high raised 1', 'P0 high acknowledged 1', 'P0 high returned 1', 'P0 high raised 2', 'P0 high returned 2', 'P0 high acknowledged 2',
    ]);
  });

  it('are acknowledged by occurrence, any number of times', () => {
    const world = new FunctionsWorld({ alarms: [alarmOn(0)] });
    assert.equal(world.acknowledge('P0 high', 1), 'ALARM_UNKNOWN');
    world.set(0, 31);
    assert.equal(world.acknowledge('P0 high', 2), 'ALARM_UNKNOWN');
    assert.equal(world.acknowledge('P0 high', 1), 'ok');
    const frames = world.frames.length;
    assert.equal(world.acknowledge('P0 high', 1), 'ok');
    assert.equal(world.frames.length, frames);
  });

  it('keep an acknowledgement that is framed together with their return', () => {
    const world = new FunctionsWorld({ alarms: [alarmOn(0, { offDelayMs: 1_000 })] });
    world.set(0, 31);
    world.set(0, 20);
    // The deadline falls into the very cut that carries the acknowledgement.
    world.nowMs = 1_000;
    assert.equal(world.acknowledge('P0 high', 1), 'ok');
    world.tickTo(1_200);
    assert.equal(world.alarm('P0 high')?.state, 'normal');
  });

  it('wait for their delays', () => {
    const world = new FunctionsWorld({ alarms: [alarmOn(0, { onDelayMs: 1_000, offDelayMs: 2_000 })] });
    world.set(0, 31);
    world.tickTo(900);
    world.set(0, 30);
    world.tickTo(1_500);
    world.set(0, 32);
    world.tickTo(4_000);
    world.set(0, 10);
    world.tickTo(8_000);
    assert.deepEqual(world.journal(), ['P0 high raised 1 @2500', 'P0 high returned 1 @6000']);
    assert.deepEqual(world.keys('alarm-internal/'), []);
  });

  it('are neither raised nor ended by a value that cannot be trusted, and begin a delay anew after it', () => {
    const world = new FunctionsWorld({ alarms: [alarmOn(0, { onDelayMs: 1_000 })] });
    world.set(0, 31);
    world.tickTo(500);
    world.set(0, NaN, COMMUNICATION_LOST);
    world.tickTo(3_000);
    assert.deepEqual(world.journal(), []);
    world.set(0, 31, qualityOf('uncertain'));
    world.tickTo(4_000);
    assert.deepEqual(world.journal(), ['P0 high raised 1 @4000']);
    world.set(0, 10, qualityOf('stale'));
    world.tickTo(9_000);
    assert.equal(world.journal().length, 1);
  });

  it('raise once at the same pair time as without a failover in mid-delay', () => {
    const story = (failoverAtMs: number): { journal: string[]; same: boolean } => {
      const world = new FunctionsWorld({ alarms: [alarmOn(0, { onDelayMs: 5_000, offDelayMs: 3_000 })] });
      const switchIn = (fromMs: number, toMs: number): void => {
        if (failoverAtMs >= fromMs && failoverAtMs < toMs) {
          world.tickTo(failoverAtMs);
          world.failover();
        }
        world.tickTo(toMs, 70);
      };
      world.set(0, 31);
      switchIn(0, 6_000);
      world.set(0, 10);
      switchIn(6_000, 12_000);
      return { journal: world.journal(), same: world.sameOnBoth() };
    };
    const expected = ['P0 high raised 1 @5000', 'P0 high returned 1 @9000'];
    for (let atMs = 0; atMs < 12_000; atMs += 130) assert.deepEqual(story(atMs), { journal: expected, same: true }, `failover at ${atMs} ms`);
  });

  it('are not raised or ended again by takeovers', () => {
    const world = new FunctionsWorld({ alarms: [alarmOn(0), alarmOn(1, { onDelayMs: 1_000 })] });
    world.set(0, 31);
    world.set(1, 31);
    world.tickTo(2_000);
    world.acknowledge('P0 high', 1);
    const before = world.journal().length;
    for (let i = 0; i < 7; i++) {
      world.failover();
      world.tickTo(world.nowMs + 300);
    }
    assert.equal(world.journal().length, before);
    assert.equal(world.alarm('P0 high')?.state, 'acknowledged');
  });

  it('are dropped when the configuration has no such alarm, and start anew when the name means another point', () => {
    const world = new FunctionsWorld({ alarms: [alarmOn(0), alarmOn(1)] });
    world.set(0, 31);
    world.set(1, 31);
    world.restart({ alarms: [{ ...alarmOn(2), name: 'P0 high' }] });
    assert.deepEqual(world.keys('alarm/'), ['alarm/P0 high']);
    assert.deepEqual([world.alarm('P0 high')?.state, world.alarm('P0 high')?.point], ['normal', 'P2']);
    assert.deepEqual(world.journal().slice(2), ['P1 high removed 1 @0', 'P0 high removed 1 @0'], 'none stands in the journal for ever');
    assert.equal(world.acknowledge('P0 high', 1), 'ok', 'nothing to acknowledge is no error');
  });

  it('leave every key of an alarm that a device detects itself where it is', () => {
    const world = new FunctionsWorld({ alarms: [alarmOn(0)] });
    const own = ['alarm/D AI:1', 'alarm-ack/D AI:1', 'device-alarm/D AI:1'];
    world.here.publisher.record(own.map((key) => ({ key, value: { occurrence: 1 } })));
    world.restart({ alarms: [] });
    world.here.publisher.cut();
    assert.deepEqual(['alarm/', 'alarm-ack/', 'device-alarm/'].flatMap((prefix) => world.keys(prefix)), own);
  });

  it('follow changed limits at the next start', () => {
    const world = new FunctionsWorld({ alarms: [alarmOn(0)] });
    world.set(0, 28);
    world.restart({ alarms: [alarmOn(0, { high: 25 })] });
    assert.equal(world.alarm('P0 high')?.state, 'unacknowledged');
  });

  it('that stand go on where a further limit comes or goes, and end where theirs is gone', () => {
    const world = new FunctionsWorld({ alarms: [alarmOn(0)] });
    world.set(0, 31);
    assert.equal(world.acknowledge('P0 high', 1), 'ok');
    const journal = world.journal();
    const more = alarmOn(0, { highHigh: 40, low: 10 });
    for (const alarms of [[more], [alarmOn(0)], [more]]) {
      world.restart({ alarms });
      assert.deepEqual([world.alarm('P0 high')?.state, world.alarm('P0 high')?.level, world.alarm('P0 high')?.active], ['acknowledged', 'high', true]);
    }
    assert.deepEqual(world.journal(), journal);
    const low: AlarmDefinition = { ...more, watch: { kind: 'limits', point: 0, low: 10, lowLow: 5, deadband: 0 } };
    world.restart({ alarms: [low] });
    assert.deepEqual([world.alarm('P0 high')?.state, world.alarm('P0 high')?.active, world.journal().slice(journal.length)], ['normal', undefined, ['P0 high returned 1 @0']]);
  });

  it('that are latched are let go where they latch no more, shelved ones too', () => {
    const latching = [0, 1].map((point) => alarmOn(point, { latch: true }));
    const world = new FunctionsWorld({ alarms: latching });
    for (const point of [0, 1]) {
      world.set(point, 31);
      world.acknowledge(`P${point} high`, 1);
      world.set(point, 20);
    }
    world.act({ kind: 'shelve', alarm: 'P1 high', forMs: 60_000 });
    assert.deepEqual([world.alarm('P0 high')?.state, world.alarm('P1 high')?.state], ['latched', 'shelved']);
    world.restart({ alarms: [alarmOn(0), alarmOn(1)] });
    world.tickTo(60_000, 60_000);
    assert.deepEqual([world.alarm('P0 high')?.state, world.alarm('P1 high')?.state], ['normal', 'normal']);
    assert.deepEqual(world.journal().slice(-2), ['P0 high reset 1 @0', 'P1 high unshelved 1 @60000']);
  });

  it('cost nothing on a tick without a deadline, ten thousand of them', () => {
    const world = new FunctionsWorld({ alarms: Array.from({ length: 10_000 }, (_, point) => alarmOn(point, { onDelayMs: 60_000 })), points: 10_000 });
    for (let point = 0; point < 10_000; point += 100) world.set(point, 31);
    const startMs = performance.now();
    for (let tick = 0; tick < 1_000; tick++) world.here.publisher.tick();
    assert.ok(performance.now() - startMs < 500);
    world.tickTo(60_000, 60_000);
    assert.equal(world.journal().length, 100);
  });
});
