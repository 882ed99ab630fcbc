import assert from 'node:assert/strict';
import { COMMUNICATION_LOST, qualityOf, type AlarmDefinition, type AlarmWatch, type Expression } from '../../src/contract/index.js';
import { AlarmRunner } from '../../src/functions/alarm/alarm-runner.js';
import { alarmOn, FunctionsWorld } from './functions-world.js';

function alarm(watch: AlarmWatch, values: Partial<AlarmDefinition> = {}): AlarmDefinition {
  return { name: 'a', watch, onDelayMs: 0, offDelayMs: 0, priority: 3, class: 'general', ...values };
}

const events = (world: FunctionsWorld): string[] => world.journal().map((line) => line.replace(/^a /, ''));
const isOne = (point: number): Expression => ({ kind: 'binary', operator: '==', left: { kind: 'point', point }, right: { kind: 'constant', value: 1 } });

describe('alarm types', () => {
  it('limits: outer and inner, worse is a new occurrence, better is not', () => {
    const world = new FunctionsWorld({ alarms: [alarmOn(0, { name: 'a', highHigh: 40, low: 10, lowLow: 0, outerPriority: 1 })] });
    const seen = (): unknown[] => [world.alarm('a')?.state, world.alarm('a')?.level, world.alarm('a')?.priority, world.alarm('a')?.message];
    world.set(0, 35);
    assert.deepEqual(seen(), ['unacknowledged', 'high', 2, 'P0 above 30']);
    world.acknowledge('a', 1);
    world.set(0, 41);
    assert.deepEqual(seen(), ['unacknowledged', 'high-high', 1, 'P0 above 40']);
    world.acknowledge('a', 2);
    world.set(0, 39);
    assert.deepEqual(seen(), ['acknowledged', 'high', 2, 'P0 above 30']);
    world.set(0, 5);
    assert.deepEqual(seen(), ['unacknowledged', 'low', 2, 'P0 below 10']);
    world.set(0, 20);
    assert.deepEqual(events(world).map((line) => line.replace(/ @.*/, '')), ['raised 1', 'acknowledged 1', 'raised 2', 'acknowledged 2', 'eased 2', 'returned 2', 'raised 3', 'returned 3']);
  });

  it('state: raised in one of them', () => {
    const world = new FunctionsWorld({ alarms: [alarm({ kind: 'state', point: 0, states: [2, 3] }, { onDelayMs: 1_000 })] });
    world.set(0, 2);
    world.tickTo(500);
    world.set(0, 3);
    world.tickTo(1_000);
    assert.deepEqual(events(world), ['raised 1 @1000']);
    world.set(0, 3, qualityOf('stale'));
    world.set(0, 0, COMMUNICATION_LOST);
    assert.equal(events(world).length, 1);
    world.set(0, 0);
    assert.deepEqual(events(world).slice(1), ['returned 1 @1000']);
  });

  it('change of state: each change is an occurrence, over at once or after the off-delay; none is made up by a takeover', () => {
    const world = new FunctionsWorld({ alarms: [alarm({ kind: 'change', point: 0 }), { ...alarm({ kind: 'change', point: 1 }, { offDelayMs: 1_000 }), name: 'b' }] });
    for (const point of [0, 1]) world.set(point, 5);
    assert.deepEqual(events(world), []);
    for (const point of [0, 1]) world.set(point, 6);
    assert.equal(world.alarm('a')?.state, 'returned-unacknowledged');
    assert.deepEqual([world.alarm('b')?.state, world.alarm('b')?.message], ['unacknowledged', 'P1 has changed to 6']);
    world.failover();
    world.tickTo(1_000);
    world.set(0, NaN, COMMUNICATION_LOST);
    world.set(0, 6);
    world.set(0, 7);
    assert.deepEqual(events(world), ['raised 1 @0', 'returned 1 @0', 'b raised 1 @0', 'b returned 1 @1000', 'raised 2 @1000', 'returned 2 @1000']);
  });

  it('command and feedback: raised when the feedback does not follow in time', () => {
    const world = new FunctionsWorld({ alarms: [alarm({ kind: 'feedback', point: 0, feedback: 1, tolerance: 0 }, { onDelayMs: 5_000 })] });
    for (const point of [0, 1]) world.set(point, 0);
    world.set(0, 1);
    world.tickTo(4_000);
    world.failover();
    world.set(1, 1);
    world.tickTo(10_000);
    assert.deepEqual(events(world), []);
    world.set(0, 0);
    world.tickTo(12_000);
    world.failover();
    world.tickTo(20_000);
    world.set(1, 0);
    assert.deepEqual(events(world), ['raised 1 @15000', 'returned 1 @20000']);
    assert.equal(world.alarm('a')?.message, 'P1 does not follow P0');
  });

  it('plans one look at a time, however often the value changes within the time of a rate or of a delay', () => {
    const world = new FunctionsWorld({ alarms: [] });
    const definitions = [alarm({ kind: 'rate', point: 0, rise: 500, perMs: 3_600_000, deadband: 0 }), { ...alarm({ kind: 'state', point: 0, states: [1] }, { onDelayMs: 3_600_000 }), name: 'b' }];
    const runner = new AlarmRunner({ definitions, state: world.here.state, isOnline: () => true });
    world.here.publisher.drafts$.subscribe((draft) => runner.run(draft));
    for (let second = 1; second <= 3_000; second++) {
      world.set(0, second % 2);
      world.tickTo(second * 1_000, 1_000);
    }
    assert.ok(runner.planned <= 2 * definitions.length, `${runner.planned} looks are planned`);
  });

  it('rate of change: counts what the value did within the time, also without a further change, over a takeover', () => {
    const story = (failoverAtMs: number): string[] => {
      const world = new FunctionsWorld({ alarms: [alarm({ kind: 'rate', point: 0, rise: 5, fall: 8, perMs: 10_000, deadband: 0 })] });
      const on = (untilMs: number): void => {
        if (failoverAtMs > world.nowMs && failoverAtMs <= untilMs) {
          world.tickTo(failoverAtMs);
          world.failover();
        }
        world.tickTo(untilMs);
      };
      world.set(0, 20);
      on(5_000);
      world.set(0, 23);
      on(9_000);
      world.set(0, 25.5);
      on(30_000);
      world.set(0, 28);
      on(60_000);
      world.set(0, 19);
      on(90_000);
      return events(world);
    };
    const expected = ['raised 1 @9000', 'returned 1 @16000', 'raised 2 @60000', 'returned 2 @71000'];
    assert.deepEqual(story(-1), expected);
    for (let atMs = 500; atMs < 90_000; atMs += 3_700) assert.deepEqual(story(atMs), expected, `failover at ${atMs}`);
  });

  it('rate of change: a time without a value is not compared over', () => {
    const world = new FunctionsWorld({ alarms: [alarm({ kind: 'rate', point: 0, rise: 5, perMs: 10_000, deadband: 0 })] });
    world.set(0, 20);
    world.set(0, NaN, COMMUNICATION_LOST);
    world.set(0, 90);
    assert.deepEqual(events(world), []);
  });

  it('expression: any formula, and unknown is neither true nor false', () => {
    const when: Expression = { kind: 'binary', operator: '&&', left: { kind: 'binary', operator: '>', left: { kind: 'point', point: 0 }, right: { kind: 'constant', value: 26 } }, right: isOne(1) };
    const world = new FunctionsWorld({ alarms: [alarm({ kind: 'expression', when, text: 'hot && on' })] });
    world.set(0, 30);
    assert.deepEqual(events(world), []);
    world.set(1, 1);
    assert.deepEqual([events(world), world.alarm('a')?.message, world.alarm('a')?.point], [['raised 1 @0'], 'hot && on', 'P0']);
    world.set(0, 0, COMMUNICATION_LOST);
    assert.equal(events(world).length, 1);
    world.set(1, 0);
    assert.deepEqual(events(world).slice(1), ['returned 1 @0']);
  });

  it('communication: one for each device, none by connecting after a takeover, children quiet behind a dead router', () => {
    const of = (device: string, behind: string[] = []): AlarmDefinition => ({ ...alarm({ kind: 'communication', device, behind }, { onDelayMs: 5_000 }), name: device });
    const world = new FunctionsWorld({ alarms: [of('vav', ['router']), of('router'), of('plc')] });
    world.dead.add('plc');
    world.tickTo(4_000);
    world.failover();
    world.tickTo(8_000);
    assert.deepEqual(world.journal(), []);
    world.tickTo(20_000);
    assert.deepEqual(world.journal(), ['plc raised 1 @9000']);
    // Its own timer is anew; what was raised stays.
    world.failover();
    world.tickTo(30_000);
    assert.equal(world.journal().length, 1);
    for (const device of ['router', 'vav']) world.dead.add(device);
    world.tickTo(60_000);
    assert.deepEqual(world.journal().slice(1), ['router raised 1 @35100', 'vav suppressed 0 @35100']);
    assert.deepEqual([world.alarm('vav')?.state, world.alarm('vav')?.why], ['suppressed', 'behind router']);
    world.failover();
    world.dead.delete('router');
    world.tickTo(70_000);
    assert.deepEqual(world.journal().slice(3), ['router returned 1 @60100', 'vav unsuppressed 0 @60100', 'vav raised 1 @65100']);
    assert.equal(world.alarm('vav')?.state, 'unacknowledged');
  });
});

describe('alarms and people', () => {
  it('latch: stay after their return until they are acknowledged and reset', () => {
    const world = new FunctionsWorld({ alarms: [alarmOn(0, { name: 'a', latch: true })] });
    world.set(0, 31);
    assert.equal(world.act({ kind: 'reset', alarm: 'a' }), 'ALARM_REFUSED');
    world.set(0, 20);
    assert.equal(world.act({ kind: 'reset', alarm: 'a' }), 'ALARM_REFUSED');
    world.acknowledge('a', 1);
    assert.equal(world.alarm('a')?.state, 'latched');
    world.failover();
    assert.equal(world.act({ kind: 'reset', alarm: 'a' }), 'ok');
    assert.equal(world.act({ kind: 'reset', alarm: 'a' }), 'ok', 'once more does no harm');
    assert.deepEqual(events(world).map((line) => line.split(' ')[0]), ['raised', 'returned', 'acknowledged', 'reset']);
    assert.equal(world.alarm('a')?.state, 'normal');
  });

  it('acknowledge: each transition by itself, where both are asked for; none where none is', () => {
    const world = new FunctionsWorld({ alarms: [alarmOn(0, { name: 'a', acknowledge: 'both' }), alarmOn(1, { name: 'b', acknowledge: 'none' })] });
    for (const point of [0, 1]) world.set(point, 31);
    assert.equal(world.alarm('b')?.state, 'acknowledged');
    for (const point of [0, 1]) world.set(point, 20);
    assert.equal(world.alarm('b')?.state, 'normal');
    assert.deepEqual(world.alarm('a')?.open, ['raised', 'returned']);
    world.act({ kind: 'acknowledge', alarm: 'a', occurrence: 1, transition: 'returned' });
    assert.deepEqual([world.alarm('a')?.state, world.alarm('a')?.open], ['returned-unacknowledged', ['raised']]);
    world.act({ kind: 'acknowledge', alarm: 'a', occurrence: 1, transition: 'raised' });
    assert.equal(world.alarm('a')?.state, 'normal');
  });

  it('shelve: quiet until the very time, over takeovers, and raised anew if it still holds', () => {
    for (const failoverAtMs of [-1, 500, 3_000, 59_990, 60_000, 61_000]) {
      const world = new FunctionsWorld({ alarms: [alarmOn(0, { name: 'a', maxShelveMs: 3_600_000 })] });
      world.set(0, 31);
      assert.equal(world.act({ kind: 'shelve', alarm: 'a', forMs: 3_600_001 }), 'ALARM_REFUSED');
      assert.equal(world.act({ kind: 'shelve', alarm: 'a', forMs: 60_000, note: 'being repaired' }), 'ok');
      const alarm = world.alarm('a')!;
      assert.deepEqual([alarm.state, alarm.by, alarm.untilMs! - alarm.sinceMs, alarm.active], ['shelved', 'ann', 60_000, true]);
      world.set(0, 20);
      world.set(0, 32);
      if (failoverAtMs >= 0) {
        world.tickTo(failoverAtMs);
        world.failover();
      }
      world.tickTo(70_000, 700);
      assert.deepEqual(events(world), ['raised 1 @0', 'shelved 1 @0', 'unshelved 1 @60000', 'raised 2 @60000'], `failover at ${failoverAtMs}`);
      world.act({ kind: 'shelve', alarm: 'a', forMs: 60_000 });
      world.set(0, 20);
      world.act({ kind: 'unshelve', alarm: 'a' });
      assert.equal(world.alarm('a')?.state, 'normal');
    }
  });

  it('suppressed by design: its delay begins when the suppression ends', () => {
    const world = new FunctionsWorld({ alarms: [alarmOn(0, { name: 'a', onDelayMs: 2_000, suppress: { kind: 'unary', operator: '!', operand: isOne(1) } })] });
    world.set(1, 0);
    world.set(0, 31);
    world.tickTo(5_000);
    assert.deepEqual([events(world), world.alarm('a')?.why], [['suppressed 0 @0'], 'design']);
    world.set(1, 1, COMMUNICATION_LOST);
    world.failover();
    world.tickTo(8_000);
    assert.equal(events(world).length, 1, 'unknown is as before');
    world.set(1, 1);
    world.tickTo(12_000);
    assert.deepEqual(events(world).slice(1), ['unsuppressed 0 @8000', 'raised 1 @10000']);
    world.set(1, 0);
    assert.deepEqual([world.alarm('a')?.state, world.alarm('a')?.open], ['suppressed', undefined]);
  });

  it('out of service: until a person brings it back', () => {
    const world = new FunctionsWorld({ alarms: [alarmOn(0, { name: 'a' })] });
    assert.equal(world.act({ kind: 'take-out-of-service', alarm: 'a', note: 'sensor removed' }), 'ok');
    world.set(0, 31);
    world.failover();
    world.tickTo(100_000, 10_000);
    assert.deepEqual([events(world), world.alarm('a')?.state], [['out-of-service 0 @0'], 'out-of-service']);
    world.act({ kind: 'return-to-service', alarm: 'a' });
    assert.deepEqual(events(world).slice(1), ['in-service 0 @100000', 'raised 1 @100000']);
  });

  it('mute: an area or a device until a time, one entry of the journal, and never what concerns lives', () => {
    const world = new FunctionsWorld({ alarms: [alarmOn(0, { name: 'a', area: 'Tower/F1', device: 'd1' }), alarmOn(1, { name: 'b', area: 'Tower', device: 'd2' }), alarmOn(2, { name: 'fire', area: 'Tower/F1', lifeSafety: true })] });
    world.set(0, 31);
    world.act({ kind: 'mute', scope: { area: 'Tower/F1' }, forMs: 60_000 });
    assert.deepEqual([world.alarm('a')?.state, world.alarm('a')?.why], ['suppressed', 'mute']);
    world.act({ kind: 'mute', scope: { device: 'd2' }, forMs: 10_000 });
    for (const point of [1, 2]) world.set(point, 31);
    assert.deepEqual([world.alarm('b')?.state, world.alarm('fire')?.state], ['suppressed', 'unacknowledged']);
    world.failover();
    world.tickTo(30_000, 1_000);
    assert.equal(world.alarm('b')?.state, 'unacknowledged');
    world.act({ kind: 'unmute', scope: { area: 'Tower/F1' } });
    assert.equal(world.alarm('a')?.state, 'unacknowledged');
    assert.deepEqual(world.keys('alarm-mute/'), []);
    const kinds = world.frames.flatMap((frame) => frame.logs).map(({ data }) => (data as { event: string }).event);
    assert.deepEqual(kinds, ['raised', 'muted', 'muted', 'raised', 'unmuted', 'raised', 'unmuted', 'raised']);
  });

  it('silence: ends the noise and acknowledges nothing; the next occurrence is loud again', () => {
    const world = new FunctionsWorld({ alarms: [alarmOn(0, { name: 'a' })] });
    world.set(0, 31);
    world.act({ kind: 'silence' });
    world.failover();
    assert.deepEqual([world.alarm('a')?.state, world.alarm('a')?.silenced], ['unacknowledged', true]);
    world.set(0, 20);
    world.set(0, 31);
    assert.equal(world.alarm('a')?.silenced, undefined);
  });

  it('notes: stay with the alarm, each once', () => {
    const world = new FunctionsWorld({ alarms: [alarmOn(0, { name: 'a' })] });
    world.set(0, 31);
    for (let i = 0; i < 2; i++) assert.equal(world.act({ kind: 'note', alarm: 'a', id: '1', note: 'spare part ordered' }), 'ok');
    assert.equal(world.act({ kind: 'note', alarm: 'nobody', id: '2', note: 'x' }), 'ALARM_UNKNOWN');
    assert.equal(world.alarm('a')?.notes, 1);
    const [notes] = [...world.here.state.keyed.entries('alarm-notes/')].map(([, value]) => value as { by: string; note: string }[]);
    assert.deepEqual(notes?.map(({ by, note }) => [by, note]), [['ann', 'spare part ordered']]);
    world.act({ kind: 'shelve', alarm: 'a', forMs: 60_000 }, 'ann');
    world.act({ kind: 'note', alarm: 'a', id: '3', note: 'it has come' }, 'bob');
    assert.equal(world.alarm('a')?.by, 'ann');
    assert.equal((world.frames.flatMap(({ logs }) => logs).at(-1)?.data as { by: string }).by, 'bob', 'the journal names who wrote it, not who shelved the alarm');
  });
});
