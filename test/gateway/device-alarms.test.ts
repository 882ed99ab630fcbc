import assert from 'node:assert/strict';
import { silentLog, TandemError, type DeviceEvent, type DeviceEventReport, type DeviceObjectState, type MuteScope, type PointDefinition, type Role, type WireAlarm } from '../../src/contract/index.js';
import { DeviceAlarms } from '../../src/gateway/device-alarms.js';
import { muteKey } from '../../src/functions/alarm/mutes.js';
import { PairState, PointTable, Publisher, type LogEntry } from '../../src/image/index.js';
import { VirtualClock } from '../../simulators/virtual-time/index.js';

const POINT: PointDefinition = { id: 0, name: 'SaT', kind: 'number', device: 'd', poll: 'normal' };
const EVENT: DeviceEvent = { object: 'AI:1', point: 0, notice: 'transition', transition: 'offnormal', stamp: 's1', timeMs: 10, token: '3', state: 'high-limit', ackRequired: true, urgency: 2, class: 'nc-4', message: '', details: {} };
const summary = (acknowledged: boolean): DeviceEventReport => {
  const object: DeviceObjectState = { object: 'AI:1', point: 0, now: 'offnormal', state: 'high-limit', urgency: 2, transitions: { offnormal: { stamp: 's1', timeMs: 10, acknowledged } } };
  return { kind: 'summary', objects: [object] };
};

/** Nodes in turn on one replicated state, with a device that notes acknowledgements. */
class Rig {
  readonly time = new VirtualClock();
  readonly journal: LogEntry[] = [];
  readonly acks: string[] = [];
  answer: () => Promise<void> = () => Promise.resolve();
  confirm: () => Promise<'protected'> = () => Promise.resolve('protected');
  role: Role = 'active';
  devices = ['d'];
  lifeSafetyClasses: readonly string[] = [];
  readonly state: PairState;
  readonly publisher: Publisher;

  constructor(point = POINT) {
    this.state = new PairState(new PointTable('r', [point]));
    this.publisher = new Publisher({ state: this.state, clock: this.time, timers: this.time, pairTime: () => this.time.wallMs(), frameMs: 20 });
    this.publisher.frames$.subscribe(({ logs }) => this.journal.push(...logs));
    this.publisher.open({ number: 1, node: 'A', nonce: 'n' });
  }

  node(): DeviceAlarms {
    const node = new DeviceAlarms({
      state: this.state, publisher: this.publisher, timers: this.time, log: silentLog, devices: () => this.devices, lifeSafetyClasses: () => this.lifeSafetyClasses, role: () => this.role, pairTime: () => this.time.wallMs(), catchUpMs: 5_000,
      confirm: () => this.confirm(),
      acknowledge: async (device, { object, transition, stamp, token, by }) => {
        this.acks.push(`${device} ${object} ${transition} ${stamp} ${token ?? ''} ${by}`);
        await this.answer();
      },
    });
    node.takeOver();
    return node;
  }

  raise(node: DeviceAlarms, event: DeviceEvent = EVENT): { taken: boolean } {
    const outcome = { taken: false };
    node.take('d', { kind: 'event', event, taken: () => void (outcome.taken = true) }, () => POINT);
    return outcome;
  }

  tell(node: DeviceAlarms, report: DeviceEventReport): void {
    node.take('d', report, () => POINT);
  }

  /** As the alarms' runner keeps a mute (and then lets the node look). */
  mute(node: DeviceAlarms, scope: MuteScope, forMs: number | null): void {
    const untilMs = this.time.wallMs() + (forMs ?? 0);
    this.publisher.record([{ key: muteKey(scope), value: forMs === null ? null : { scope: { ...scope }, untilMs, sinceMs: this.time.wallMs(), by: 'anna' } }]);
    node.look();
  }

  get alarm(): WireAlarm | undefined {
    return this.state.keyed.get('alarm/d/AI:1') as unknown as WireAlarm | undefined;
  }

  get told(): string[] {
    return this.journal.map(({ data }) => (data as { event: string; by?: string }).event + ((data as { by?: string }).by === undefined ? '' : ` by ${(data as { by: string }).by}`));
  }
}

const ack = { alarm: 'd/AI:1', occurrence: 1, by: 'anna' };

describe('alarms of devices, on a pair', () => {
  it('are taken when both nodes hold them, and not before', async () => {
    const rig = new Rig();
    let held: ((held: 'protected') => void) | undefined;
    rig.confirm = () => new Promise((resolve) => (held = resolve));
    const outcome = rig.raise(rig.node());
    await rig.time.advance(100);
    assert.deepEqual([rig.alarm?.state, outcome.taken], ['unacknowledged', false]);
    held?.('protected');
    await rig.time.advance(1);
    assert.equal(outcome.taken, true);
    rig.role = 'standby';
    assert.equal(rig.raise(rig.node(), { ...EVENT, stamp: 's2' }).taken, false);
    assert.deepEqual(rig.told, ['raised']);
  });

  it('are acknowledged at the device once, then here; a notification of it on the way is the same', async () => {
    const rig = new Rig();
    const node = rig.node();
    rig.raise(node);
    rig.tell(node, summary(false));
    rig.answer = async () => void rig.raise(node, { ...EVENT, notice: 'acknowledged', stamp: 's9' });
    assert.deepEqual(await node.acknowledge(ack), { held: 'protected' });
    assert.deepEqual(await node.acknowledge(ack), { held: 'protected' });
    assert.deepEqual([rig.acks, rig.told, rig.alarm?.state], [['d AI:1 offnormal s1 3 anna'], ['raised', 'acknowledged by anna'], 'acknowledged']);
    await assert.rejects(node.acknowledge({ ...ack, occurrence: 2 }), { code: 'ALARM_UNKNOWN' });
    await assert.rejects(node.acknowledge({ ...ack, alarm: 'd/AI:2' }), { code: 'ALARM_UNKNOWN' });
  });

  for (const reached of [true, false]) {
    it(`an acknowledgement in mid-air at a takeover, ${reached ? 'which the device has' : 'which the device has not'}: once in all`, async () => {
      const rig = new Rig();
      const first = rig.node();
      rig.raise(first);
      rig.tell(first, summary(false));
      rig.answer = () => new Promise(() => undefined); // the node dies while the device's answer is on its way
      void first.acknowledge(ack);
      await rig.time.advance(10);
      assert.equal(rig.acks.length, 1);
      rig.answer = () => Promise.resolve();
      const second = rig.node();
      const again = second.acknowledge(ack); // the client asks again, before the device was asked
      await rig.time.advance(10);
      assert.equal(rig.acks.length, 1, 'sent before the device was asked what it still waits for');
      rig.tell(second, summary(reached));
      assert.deepEqual(await again, { held: 'protected' });
      assert.deepEqual([rig.acks.length, rig.told, rig.alarm?.state], [reached ? 1 : 2, ['raised', 'acknowledged by anna'], 'acknowledged']);
      assert.deepEqual([...rig.state.keyed.entries('device-ack/')], []);
    });
  }

  it('what the device refuses is told and in the journal, and may be tried again', async () => {
    const rig = new Rig();
    const node = rig.node();
    rig.raise(node);
    rig.tell(node, summary(false));
    rig.answer = () => Promise.reject(new TandemError('FIELD_REJECTED', 'the device answers: error services: invalid-timestamp'));
    await assert.rejects(node.acknowledge(ack), { code: 'FIELD_REJECTED' });
    assert.deepEqual([rig.told, rig.alarm?.state], [['raised', 'acknowledge-failed by anna'], 'unacknowledged']);
    rig.answer = () => Promise.resolve();
    await node.acknowledge(ack);
    assert.equal(rig.alarm?.state, 'acknowledged');
  });

  it('are shelved: the device goes on in the journal, nothing is raised, and the node that took over brings it back in time', async () => {
    const rig = new Rig();
    const first = rig.node();
    rig.raise(first);
    await assert.rejects(first.act({ kind: 'shelve', alarm: 'd/AI:1', forMs: 48 * 3_600_000 }, 'anna'), { code: 'ALARM_REFUSED' });
    await assert.rejects(first.act({ kind: 'shelve', alarm: 'd/AI:2', forMs: 60_000 }, 'anna'), { code: 'ALARM_UNKNOWN' });
    assert.deepEqual(await first.act({ kind: 'shelve', alarm: 'd/AI:1', forMs: 60_000, note: 'known' }, 'anna'), { held: 'protected' });
    const untilMs = rig.time.wallMs() + 60_000;
    assert.deepEqual([rig.alarm?.state, rig.alarm?.by, rig.alarm?.untilMs, rig.alarm?.active], ['shelved', 'anna', untilMs, true]);
    rig.raise(first, { ...EVENT, transition: 'normal', stamp: 's2', timeMs: 20, state: 'normal' });
    rig.raise(first, { ...EVENT, stamp: 's3', timeMs: 30 });
    first.stop(); // killed
    const second = rig.node();
    await rig.time.advance(59_000);
    assert.deepEqual([rig.alarm?.state, rig.alarm?.untilMs, rig.alarm?.occurrence], ['shelved', untilMs, 1]);
    await rig.time.advance(1_100);
    assert.deepEqual([rig.alarm?.state, rig.alarm?.untilMs, rig.alarm?.by, rig.alarm?.occurrence, rig.alarm?.sinceMs], ['unacknowledged', undefined, undefined, 2, untilMs]);
    assert.deepEqual(rig.told, ['raised', 'shelved by anna', 'reported', 'reported', 'unshelved', 'raised']);
    rig.tell(second, { kind: 'summary', objects: [{ object: 'AI:1', point: 0, now: 'offnormal', state: 'high-limit', urgency: 2, transitions: { offnormal: { stamp: 's3', timeMs: 30, acknowledged: false } } }] });
    await second.acknowledge({ ...ack, occurrence: 2 });
    assert.deepEqual([rig.acks.at(-1), rig.alarm?.state], ['d AI:1 offnormal s3 3 anna', 'acknowledged']);
    second.stop();
  });

  it('come back from out of service unacknowledged, even where the device waits for nothing, and stay away while they are', async () => {
    const rig = new Rig();
    const first = rig.node();
    rig.raise(first, { ...EVENT, ackRequired: false });
    rig.publisher.record([{ key: 'alarm/d/AI:1', value: { ...(rig.alarm as unknown as Record<string, never>), notes: 1 } }]);
    assert.equal(rig.alarm?.state, 'acknowledged');
    await first.act({ kind: 'take-out-of-service', alarm: 'd/AI:1' }, 'anna');
    await first.act({ kind: 'take-out-of-service', alarm: 'd/AI:1' }, 'bob');
    await first.act({ kind: 'shelve', alarm: 'd/AI:1', forMs: 1_000 }, 'bob');
    await rig.time.advance(2_000);
    assert.deepEqual([rig.alarm.state, rig.alarm.by], ['out-of-service', 'anna'], 'the end of a shelf brings nothing back that is out of service');
    const next = rig.node();
    rig.tell(next, { kind: 'summary', objects: [] });
    rig.raise(next, { ...EVENT, stamp: 's2', timeMs: 20, ackRequired: false });
    assert.deepEqual([rig.alarm.state, rig.alarm.occurrence], ['out-of-service', 1]);
    await next.act({ kind: 'return-to-service', alarm: 'd/AI:1' }, 'bob');
    assert.deepEqual([rig.alarm.state, rig.alarm.occurrence, rig.alarm.notes], ['unacknowledged', 2, 1]);
    await assert.rejects(next.act({ kind: 'reset', alarm: 'd/AI:1' }, 'bob'), { code: 'ALARM_REFUSED' });
    await next.acknowledge({ ...ack, occurrence: 2 });
    assert.deepEqual([rig.alarm.state, rig.acks], ['acknowledged', []], 'and the device is not asked');
    assert.deepEqual(rig.told, ['raised', 'out-of-service by anna', 'shelved by bob', 'unshelved', 'reported', 'reported', 'in-service by bob', 'raised', 'acknowledged by anna']);
    rig.role = 'standby';
    await assert.rejects(next.act({ kind: 'unshelve', alarm: 'd/AI:1' }, 'bob'), { code: 'NOT_ACTIVE' });
    next.stop();
    first.stop();
  });

  it('are muted with their area: suppressed in the list, reported in the journal, raised when it ends, whichever node is active then', async () => {
    const rig = new Rig({ ...POINT, area: 'Tower/F1' });
    const first = rig.node();
    rig.raise(first);
    assert.equal(rig.alarm?.area, 'Tower/F1');
    rig.mute(first, { area: 'Tower' }, 60_000);
    const endMs = rig.time.wallMs() + 60_000;
    assert.deepEqual([rig.alarm.state, rig.alarm.why, rig.alarm.active, rig.alarm.occurrence], ['suppressed', 'mute', true, 1]);
    rig.raise(first, { ...EVENT, transition: 'normal', stamp: 's2', timeMs: 20, state: 'normal', ackRequired: false });
    rig.raise(first, { ...EVENT, stamp: 's3', timeMs: 30 });
    rig.raise(first, { ...EVENT, object: 'AI:2', stamp: 's4', timeMs: 30 }); // one that was never there before
    const other = (): WireAlarm | undefined => rig.state.keyed.get('alarm/d/AI:2') as unknown as WireAlarm | undefined;
    assert.deepEqual([rig.alarm.state, other()?.state, other()?.occurrence], ['suppressed', 'suppressed', 0]);
    await first.act({ kind: 'shelve', alarm: 'd/AI:2', forMs: 120_000 }, 'anna');
    assert.equal(other()?.state, 'shelved');
    first.stop(); // killed
    const second = rig.node();
    await rig.time.advance(59_000);
    assert.equal(rig.alarm.state, 'suppressed');
    await rig.time.advance(1_100);
    assert.deepEqual([rig.alarm.state, rig.alarm.why, rig.alarm.occurrence, rig.alarm.sinceMs, other()?.state], ['unacknowledged', undefined, 2, endMs, 'shelved']);
    assert.deepEqual(rig.told, ['raised', 'reported', 'reported', 'reported', 'shelved by anna', 'raised']);
    await rig.time.advance(60_000);
    assert.deepEqual([other()?.state, other()?.occurrence], ['unacknowledged', 1]);
    second.stop();
  });

  it('are muted with their device until a person ends it, but never where lives are concerned', async () => {
    const rig = new Rig();
    rig.lifeSafetyClasses = ['nc-1'];
    const node = rig.node();
    rig.mute(node, { device: 'd' }, 3_600_000);
    rig.raise(node);
    rig.raise(node, { ...EVENT, object: 'AI:2', class: 'nc-1' });
    rig.raise(node, { ...EVENT, object: 'LSP:1', state: 'life-safety-alarm' });
    rig.raise(node, { ...EVENT, object: 'AI:3', point: undefined as unknown as number });
    const states = (): unknown[] => ['AI:1', 'AI:2', 'LSP:1', 'AI:3'].map((object) => (rig.state.keyed.get(`alarm/d/${object}`) as { state: string; lifeSafety?: true } | undefined)).map((alarm) => [alarm?.state, alarm?.lifeSafety]);
    assert.deepEqual(states(), [['suppressed', undefined], ['unacknowledged', true], ['unacknowledged', true], ['suppressed', undefined]]);
    rig.raise(node, { ...EVENT, object: 'LSP:1', state: 'normal', transition: 'normal', stamp: 's2', timeMs: 20 });
    assert.ok(rig.told.includes('returned'), 'its end is told, too');
    rig.mute(node, { device: 'd' }, null);
    assert.deepEqual(states().slice(0, 2), [['unacknowledged', undefined], ['unacknowledged', true]]);
    await rig.time.advance(100);
    assert.equal(rig.alarm?.occurrence, 1);
    rig.mute(node, { device: 'other' }, 60_000);
    rig.mute(node, { area: 'Tower' }, 60_000);
    assert.equal(rig.alarm.state, 'unacknowledged');
    node.stop();
  });

  it('survive a takeover as they are, and go with their device', () => {
    const rig = new Rig();
    rig.raise(rig.node());
    const next = rig.node();
    rig.tell(next, summary(false));
    rig.raise(next);
    assert.deepEqual([rig.told, rig.alarm?.occurrence], [['raised'], 1]);
    rig.devices = [];
    rig.node();
    assert.equal(rig.alarm, undefined);
  });
});
