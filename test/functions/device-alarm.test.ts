import assert from 'node:assert/strict';
import type { DeviceEvent, DeviceObjectState } from '../../src/contract/index.js';
import { acknowledgedTransition, deviceEvent, deviceSilent, deviceSummary, newDeviceAlarm, openTransitions, wireDeviceAlarm, type DeviceAlarm } from '../../src/functions/index.js';

const event = (transition: DeviceEvent['transition'], timeMs: number, more: Partial<DeviceEvent> = {}): DeviceEvent => ({
  object: 'AI:1', notice: 'transition', transition, stamp: `at ${timeMs}`, timeMs, state: transition === 'offnormal' ? 'high-limit' : transition, ackRequired: true, urgency: 2, class: 'nc-4', message: '', details: {}, ...more,
});
const play = (steps: readonly DeviceEvent[], from = newDeviceAlarm('D', 'AI:1', 'AHU1.SaT')): { alarm: DeviceAlarm; logs: string[] } => {
  const logs: string[] = [];
  let alarm = from;
  for (const [index, step] of steps.entries()) {
    const after = deviceEvent(alarm, step, 1_000 + index);
    alarm = after.alarm;
    logs.push(...after.logs.map(({ event: name, transition }) => `${name} ${transition ?? ''}`));
  }
  return { alarm, logs };
};
const wire = (alarm: DeviceAlarm): [string, number] => [wireDeviceAlarm(alarm).state, alarm.occurrence];

describe('alarms of devices', () => {
  it('a transition that comes again, however often and in what order, raises nothing twice', () => {
    const story = [event('offnormal', 10), event('normal', 20), event('offnormal', 30)];
    const once = play(story);
    assert.deepEqual(once.logs, ['raised offnormal', 'returned normal', 'raised offnormal']);
    assert.deepEqual(wire(once.alarm), ['unacknowledged', 2]);
    for (const repeated of [[...story].reverse(), story, [...story, ...story]]) {
      const again = play(repeated, once.alarm);
      assert.deepEqual(again, { alarm: once.alarm, logs: [] });
      assert.equal(again.alarm, once.alarm);
    }
  });

  it('one that comes late is journal, not state', () => {
    const { alarm, logs } = play([event('offnormal', 10), event('normal', 40), event('fault', 30)]);
    assert.deepEqual(logs, ['raised offnormal', 'returned normal', 'reported fault']);
    assert.equal(alarm.raised, false);
    assert.deepEqual(openTransitions(alarm).map(([transition]) => transition), ['offnormal', 'fault', 'normal']);
  });

  it('goes from one alarm to another as a new occurrence, and is over only when all is acknowledged', () => {
    let { alarm } = play([event('offnormal', 10), event('fault', 20), event('normal', 30, { ackRequired: false })]);
    assert.deepEqual(wire(alarm), ['returned-unacknowledged', 2]);
    ({ alarm } = acknowledgedTransition(alarm, 'offnormal', 'at 10', 'anna'));
    assert.deepEqual(wire(alarm), ['returned-unacknowledged', 2]);
    assert.deepEqual(acknowledgedTransition(alarm, 'fault', 'at 19').logs, []); // another transition than the one meant
    ({ alarm } = acknowledgedTransition(alarm, 'fault', 'at 20', 'anna'));
    assert.deepEqual(wire(alarm), ['normal', 2]);
  });

  it('without need of an acknowledgement it is raised and over by itself; an event that changes nothing is told', () => {
    const { alarm, logs } = play([event('offnormal', 10, { ackRequired: false })]);
    assert.deepEqual(wire(alarm), ['acknowledged', 1]);
    assert.deepEqual(play([event('normal', 20, { ackRequired: false })], alarm).logs, ['returned normal']);
    assert.deepEqual([logs, play([event('normal', 10, { ackRequired: false })]).logs], [['raised offnormal'], ['reported normal']]);
  });

  it('an acknowledgement given elsewhere counts', () => {
    const { alarm, logs } = play([event('offnormal', 10), event('offnormal', 15, { notice: 'acknowledged' }), event('offnormal', 16, { notice: 'acknowledged' })]);
    assert.deepEqual(wire(alarm), ['acknowledged', 1]);
    assert.deepEqual(logs, ['raised offnormal', 'acknowledged offnormal']);
  });

  describe('what the device says when it is asked', () => {
    const object = (now: DeviceObjectState['now'], transitions: DeviceObjectState['transitions']): DeviceObjectState => ({ object: 'AI:1', now, state: now, urgency: 2, transitions });
    const stamp = (timeMs: number, acknowledged: boolean): { stamp: string; timeMs: number; acknowledged: boolean } => ({ stamp: `at ${timeMs}`, timeMs, acknowledged });
    const known = play([event('offnormal', 10)]).alarm;

    it('changes nothing where it says what is known: a takeover invents no transition', () => {
      const same = deviceSummary(known, object('offnormal', { offnormal: stamp(10, false), normal: stamp(5, true) }), 99);
      assert.deepEqual(same.logs, []);
      assert.deepEqual(wire(same.alarm), wire(known));
      assert.deepEqual(deviceSummary(same.alarm, object('offnormal', { offnormal: stamp(10, false), normal: stamp(5, true) }), 99), { alarm: same.alarm, logs: [] });
    });

    it('makes good what was missed, once', () => {
      const missed = object('normal', { offnormal: stamp(30, false), normal: stamp(40, false) });
      const step = deviceSummary(known, missed, 99);
      assert.deepEqual(step.logs.map(({ event: name, recovered }) => [name, recovered]), [['raised', true], ['returned', true]]);
      assert.deepEqual(wire(step.alarm), ['returned-unacknowledged', 2]);
      // The notifications of the same transitions, repeated by the device, are those.
      assert.deepEqual(play([event('offnormal', 30), event('normal', 40)], step.alarm).logs, []);
    });

    it('an old transition that somebody has acknowledged is no news', () => {
      const step = deviceSummary(newDeviceAlarm('D', 'AI:1', ''), object('offnormal', { fault: stamp(3, true), offnormal: stamp(10, false), normal: stamp(5, true) }), 99);
      assert.deepEqual(step.logs.map(({ event: name, transition }) => [name, transition]), [['raised', 'offnormal']]);
      assert.deepEqual(wire(step.alarm), ['unacknowledged', 1]);
    });

    it('acknowledged meanwhile, or not named any more', () => {
      const acked = deviceSummary(known, object('offnormal', { offnormal: stamp(10, true) }), 99);
      assert.deepEqual([wire(acked.alarm), acked.logs.map(({ event: name }) => name)], [['acknowledged', 1], ['acknowledged']]);
      const silent = deviceSilent(known, 99);
      assert.deepEqual([wire(silent.alarm), silent.logs.map(({ event: name }) => name)], [['normal', 1], ['acknowledged', 'returned']]);
      assert.deepEqual(deviceSilent(silent.alarm, 100), { alarm: silent.alarm, logs: [] });
    });
  });
});
