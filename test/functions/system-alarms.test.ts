import assert from 'node:assert/strict';
import { PairState, PointTable, Publisher } from '../../src/image/index.js';
import { acknowledgeAlarm, Desk, runFunctions, TrendMemory } from '../../src/functions/index.js';
import { silentLog, type AlarmAction, type SystemAlarm, type TandemError, type WireAlarm } from '../../src/contract/index.js';
import { VirtualClock } from '../../simulators/virtual-time/index.js';

/** The state of an active node without points, and what its alarms go through. */
function activeNode(): { readonly time: VirtualClock; readonly state: PairState; readonly publisher: Publisher; readonly journal: string[] } {
  const time = new VirtualClock();
  const state = new PairState(new PointTable('0123456789abcdef', []));
  const publisher = new Publisher({ state, clock: time, timers: time, pairTime: () => time.wallMs(), frameMs: 20 });
  const journal: string[] = [];
  publisher.frames$.subscribe((frame) => journal.push(...frame.logs.map((entry) => (entry.data as { event: string }).event)));
  publisher.open({ number: 1, node: 'A', nonce: '1' });
  return { time, state, publisher, journal };
}

describe('system alarms', () => {
  it('go the way of any other alarm while their condition lasts, and keep their state across activations', () => {
    const { time, state, publisher, journal } = activeNode();
    let present: SystemAlarm[] = [];
    const run = (): { unsubscribe(): void } => runFunctions({ alarms: [], trends: [], systemAlarms: () => present, state, memory: new TrendMemory(0, []), log: silentLog }, publisher.drafts$).subscribe();
    const alarm = (): WireAlarm => state.keyed.get('alarm/system/hold') as unknown as WireAlarm;
    let activation = run();
    publisher.cut();
    assert.deepEqual(journal, []);
    present = [{ name: 'hold', priority: 3, message: 'held' }];
    publisher.tick();
    publisher.cut();
    assert.deepEqual([alarm().state, alarm().occurrence, alarm().class, alarm().point], ['unacknowledged', 1, 'system', '']);
    activation.unsubscribe();
    activation = run();
    publisher.cut();
    assert.deepEqual(journal, ['raised'], 'a takeover raises nothing anew');
    const ack = acknowledgeAlarm(state, 'system/hold', 1, 'ann', undefined, time.wallMs());
    if (ack instanceof Error) throw ack;
    publisher.record(ack.puts, ack.logs);
    assert.equal(alarm().state, 'acknowledged');
    present = [];
    publisher.cut();
    assert.equal(alarm().state, 'normal');
    present = [{ name: 'hold', priority: 3, message: 'held again' }];
    publisher.cut();
    assert.deepEqual([alarm().state, alarm().occurrence, alarm().message], ['unacknowledged', 2, 'held again']);
    assert.deepEqual(journal, ['raised', 'acknowledged', 'returned', 'raised']);
    activation.unsubscribe();
  });

  it('with an on-delay are none where they are over sooner, and stay raised through a takeover', async () => {
    const { time, state, publisher, journal } = activeNode();
    let present: SystemAlarm[] = [];
    const run = (): { unsubscribe(): void } => runFunctions({ alarms: [], trends: [], systemAlarms: () => present, state, memory: new TrendMemory(0, []), log: silentLog }, publisher.drafts$).subscribe();
    let activation = run();
    const after = async (ms: number, conditions: SystemAlarm[]): Promise<readonly string[]> => {
      await time.advance(ms);
      present = conditions;
      publisher.cut();
      return journal;
    };
    const frozen: SystemAlarm = { name: 'suspended', priority: 1, message: 'frozen', afterMs: 2_000 };
    assert.deepEqual(await after(0, [frozen]), []);
    assert.deepEqual(await after(1_999, [frozen]), []);
    assert.deepEqual(await after(1, []), []);
    // It begins anew each time.
    assert.deepEqual(await after(10_000, [frozen]), []);
    assert.deepEqual(await after(1_999, [frozen]), []);
    assert.deepEqual(await after(1, [frozen]), ['raised']);
    activation.unsubscribe();
    activation = run();
    assert.deepEqual(await after(20, [frozen]), ['raised'], 'the delay of the next active node is none of what stands');
    assert.deepEqual(await after(20, []), ['raised', 'returned']);
    activation.unsubscribe();
  });

  it('are shelved, come back by themselves and unacknowledged, and are taken out of service; a takeover changes nothing of it', async () => {
    const { time, state, publisher, journal } = activeNode();
    const present: SystemAlarm[] = [{ name: 'hold', priority: 3, message: 'held' }];
    const desk = new Desk<AlarmAction>();
    const run = (): { unsubscribe(): void } => runFunctions({ alarms: [], desk, trends: [], systemAlarms: () => present, state, memory: new TrendMemory(0, []), log: silentLog }, publisher.drafts$).subscribe();
    const alarm = (): WireAlarm => state.keyed.get('alarm/system/hold') as unknown as WireAlarm;
    const act = (action: AlarmAction): string => {
      let refusal: TandemError | undefined;
      publisher.recordWith((draft) => void (refusal = desk.act(action, 'ann', draft)));
      return refusal?.code ?? alarm().state;
    };
    let activation = run();
    const takeOver = (): void => {
      activation.unsubscribe();
      activation = run();
      publisher.tick();
    };
    publisher.tick();
    assert.equal(act({ kind: 'shelve', alarm: 'system/hold', forMs: 48 * 3_600_000 }), 'ALARM_REFUSED');
    assert.equal(act({ kind: 'shelve', alarm: 'system/hold', forMs: 60_000, note: 'known' }), 'shelved');
    assert.deepEqual([alarm().by, alarm().untilMs, alarm().occurrence], ['ann', time.wallMs() + 60_000, 1]);
    takeOver();
    await time.advance(59_000);
    publisher.tick();
    assert.equal(alarm().state, 'shelved', 'still, on the other node');
    await time.advance(2_000);
    publisher.tick();
    assert.deepEqual([alarm().state, alarm().occurrence, alarm().untilMs], ['unacknowledged', 2, undefined]);
    assert.equal(act({ kind: 'take-out-of-service', alarm: 'system/hold' }), 'out-of-service');
    takeOver();
    present.length = 0;
    publisher.tick();
    assert.equal(alarm().state, 'out-of-service');
    assert.equal(act({ kind: 'return-to-service', alarm: 'system/hold' }), 'normal');
    assert.equal(act({ kind: 'reset', alarm: 'system/hold' }), 'ALARM_REFUSED');
    assert.equal(act({ kind: 'shelve', alarm: 'system/other', forMs: 60_000 }), 'ALARM_UNKNOWN');
    assert.deepEqual(journal, ['raised', 'shelved', 'unshelved', 'raised', 'out-of-service', 'in-service']);
    activation.unsubscribe();
  });
});
