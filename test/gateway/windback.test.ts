import assert from 'node:assert/strict';
import { formatQuality, GOOD, silentLog, TandemError, type DeviceLog, type PointDefinition, type Role, type TrendDefinition } from '../../src/contract/index.js';
import { TrendMemory } from '../../src/functions/index.js';
import { Windback } from '../../src/gateway/windback.js';
import { PairState, PointTable, Publisher, type Frame } from '../../src/image/index.js';
import { VirtualClock } from '../../simulators/virtual-time/index.js';

const POINTS = ['Logged', 'Unlogged'].map((name, id): PointDefinition => ({ id, name, kind: 'number', device: 'd', poll: 'normal' }));
const TRENDS: readonly TrendDefinition[] = [{ points: [0, 1], mode: 'change', deadband: 0, everyMs: 0, keepMs: 0 }];

/** Two nodes in turn on one state, and what they add to history. */
class Rig {
  readonly time = new VirtualClock();
  readonly state = new PairState(new PointTable('r', POINTS));
  readonly publisher = new Publisher({ state: this.state, clock: this.time, timers: this.time, pairTime: () => this.time.wallMs(), frameMs: 20 });
  readonly memory = new TrendMemory(POINTS.length, TRENDS);
  readonly samples: [point: number, second: number, value: number, quality: string][] = [];
  readonly beganMs = this.time.wallMs();
  role: Role = 'active';
  asked: [number, number][] = [];
  readLog = (_point: number, fromMs: number, toMs: number): Promise<DeviceLog> =>
    Promise.resolve({ samples: [{ timeMs: fromMs + 10_000, value: 7, quality: GOOD }, { timeMs: fromMs + 20_000, value: 8, quality: GOOD }], gaps: toMs - fromMs > 60_000 ? [{ fromMs: fromMs + 30_000, toMs, reason: 'the log was purged' }] : [] });

  constructor() {
    this.publisher.frames$.subscribe((frame: Frame) => {
      this.memory.observe(frame);
      const { samples } = frame;
      for (let row = 0; row < samples.length; row++) this.samples.push([samples.points[row]!, ((samples.times[row] ?? NaN) - this.beganMs) / 1_000, samples.values[row]!, formatQuality(samples.qualities[row]!)]);
    });
    this.publisher.open({ number: 1, node: 'A', nonce: 'n' });
  }

  node(logged: readonly number[] = [0]): Windback {
    return new Windback({
      state: this.state, publisher: this.publisher, clock: this.time, timers: this.time, log: silentLog, role: () => this.role, pairTime: () => this.time.wallMs(), trends: () => TRENDS,
      loggedPoints: () => logged,
      readLog: async (point, fromMs, toMs) => {
        this.asked.push([(fromMs - this.beganMs) / 1_000, (toMs - this.beganMs) / 1_000]);
        return this.readLog(point, fromMs, toMs);
      },
    });
  }

  get gaps(): unknown {
    return this.state.keyed.get('windback/d');
  }
}

describe('windback', () => {
  it('marks the gap of all points that no log tells of in one frame', async () => {
    const rig = new Rig();
    const node = rig.node([]);
    node.seen('d');
    node.onDevice('d', false);
    await rig.time.advance(5_000);
    const marked: number[] = [];
    rig.publisher.frames$.subscribe(({ samples }) => {
      if (samples.length > 0) marked.push(samples.length);
    });
    node.onDevice('d', true);
    await rig.time.advance(10);
    assert.deepEqual(marked, [POINTS.length]);
    assert.equal(rig.gaps, undefined);
  });

  it('fills what a device logged while it could not be reached, marked, and calls the rest a gap', async () => {
    const rig = new Rig();
    const node = rig.node();
    node.onDevice('d', true);
    node.seen('d');
    await rig.time.advance(3_000);
    node.onDevice('d', false);
    await rig.time.advance(87_000);
    node.onDevice('d', true);
    await rig.time.advance(10);
    assert.deepEqual(rig.asked, [[0, 90]]);
    assert.deepEqual(rig.samples, [[0, 10, 7, 'good (deviceLog)'], [0, 20, 8, 'good (deviceLog)'], [0, 30.001, NaN, 'bad (notRecorded)'], [1, 0.001, NaN, 'bad (notRecorded)']]);
    assert.equal(rig.gaps, undefined);
    assert.equal(rig.memory.knows(0), false, 'what is filled in is not what was recorded last');
  });

  it('fills the time in which nobody was there; a plain takeover is none', async () => {
    const rig = new Rig();
    await rig.time.advance(1_800);
    const quick = rig.node();
    quick.takeOver(rig.beganMs);
    quick.onDevice('d', true);
    await rig.time.advance(10);
    assert.deepEqual([rig.asked, rig.samples, rig.gaps], [[], [], undefined]);
    await rig.time.advance(58_190);
    const late = rig.node();
    late.takeOver(rig.beganMs);
    late.onDevice('d', true);
    await rig.time.advance(10);
    assert.deepEqual(rig.asked, [[0, 60]]);
  });

  it('goes on where the node before died, and where a log did not answer', async () => {
    const rig = new Rig();
    const first = rig.node();
    first.seen('d');
    first.onDevice('d', false);
    await rig.time.advance(40_000);
    const { readLog } = rig;
    rig.readLog = () => new Promise(() => undefined); // it dies amidst
    first.onDevice('d', true);
    await rig.time.advance(10);
    assert.deepEqual(rig.gaps, [{ fromMs: rig.beganMs, toMs: rig.beganMs + 40_000 }]);
    assert.deepEqual(first.work().map(({ subject, done, total, unit, error }) => [subject, done, total, unit, error]), [['d', 0, 1, 'points', undefined]]);
    const second = rig.node();
    second.takeOver(rig.time.wallMs());
    rig.readLog = () => Promise.reject(new TandemError('FIELD_TIMEOUT', 'no answer'));
    second.onDevice('d', true);
    await rig.time.advance(10);
    assert.equal(rig.samples.length, 0);
    assert.deepEqual(second.work().map(({ failedAtMs, error }) => [failedAtMs !== undefined, error?.code]), [[true, 'FIELD_TIMEOUT']]);
    rig.readLog = readLog;
    await rig.time.advance(61_000);
    assert.deepEqual(rig.asked.at(-1), [0, 40]);
    assert.deepEqual(second.work(), []);
    assert.equal(rig.samples.filter(([point]) => point === 0).length, 2);
    assert.equal(rig.gaps, undefined);
  });

  it('what a device refuses to tell is a gap, and asked for no more', async () => {
    const rig = new Rig();
    const node = rig.node();
    rig.readLog = () => Promise.reject(new TandemError('FIELD_REJECTED', 'unknown object'));
    node.seen('d');
    node.onDevice('d', false);
    await rig.time.advance(40_000);
    node.onDevice('d', true);
    await rig.time.advance(200_000);
    assert.deepEqual([rig.asked.length, rig.samples.map(([point, , , quality]) => [point, quality])], [1, [[0, 'bad (notRecorded)'], [1, 'bad (notRecorded)']]]);
  });
});
