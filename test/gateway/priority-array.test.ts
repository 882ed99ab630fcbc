import assert from 'node:assert/strict';
import { COMMUNICATION_LOST, formatQuality, GOOD, SampleBuilder, silentLog, TandemError, type Expression, type PointDefinition, type PointValue, type Quality, type Role, type WriteRules } from '../../src/contract/index.js';
import { isArrayOurs, PointHolds, readHold, readSlots, VirtualPoints } from '../../src/functions/index.js';
import { Commands } from '../../src/gateway/commands.js';
import { PointControl } from '../../src/gateway/point-control.js';
import { overridesOf } from '../../src/gateway/point-view.js';
import { epochKey, epochToJson, PairState, PointTable, Publisher } from '../../src/image/index.js';
import { VirtualClock } from '../../simulators/virtual-time/index.js';

const write: WriteRules = { priority: 10, verify: 'readback', repeatable: true };
const POINTS: readonly PointDefinition[] = [
  { id: 0, name: 'Sp', kind: 'number', device: 'plc', poll: 'normal', write },
  { id: 1, name: 'Fan', kind: 'boolean', device: 'plc', poll: 'normal', write: { ...write, relinquishDefault: 0 } },
  { id: 2, name: 'T', kind: 'number', device: 'plc', poll: 'normal' },
  { id: 3, name: 'Key', kind: 'boolean', device: 'plc', poll: 'normal', write: { ...write, pulse: true, repeatable: false, verify: 'echo' } },
  { id: 4, name: 'Double', kind: 'number', device: 'virtual', poll: 'normal', write },
  { id: 5, name: 'Sum', kind: 'number', device: 'virtual', poll: 'normal' },
  { id: 6, name: 'Memory', kind: 'number', device: 'virtual', poll: 'normal', write: { ...write, relinquishDefault: 20 } },
  { id: 7, name: 'BacnetSp', kind: 'number', device: 'bacnet', poll: 'normal', write },
  { id: 8, name: 'Step', kind: 'enum', device: 'virtual', poll: 'normal', states: ['off', 'low', 'high'] },
  { id: 9, name: 'Huge', kind: 'number', device: 'virtual', poll: 'normal' },
];
const point = (id: number): Expression => ({ kind: 'point', point: id });
const VIRTUAL = [
  { point: 4, expression: { kind: 'binary', operator: '*', left: point(2), right: { kind: 'constant', value: 2 } } },
  { point: 6 },
  { point: 5, expression: { kind: 'binary', operator: '+', left: point(4), right: point(6) } },
  { point: 8, expression: { kind: 'binary', operator: '/', left: point(2), right: { kind: 'constant', value: 10 } } },
  { point: 9, expression: { kind: 'binary', operator: '*', left: point(2), right: { kind: 'constant', value: 1e307 } } },
] as const;

/** One node after the other on one state; the devices are a map. */
class Rig {
  readonly time = new VirtualClock();
  readonly device = new Map<string, PointValue | null>();
  readonly writes: string[] = [];
  readonly state = new PairState(new PointTable('r', POINTS));
  role: Role = 'active';
  refusal: TandemError | undefined;
  /** What the next write waits for. */
  obstacle: Promise<void> | undefined;
  publisher!: Publisher;
  commands!: Commands;
  control!: PointControl;
  holds!: PointHolds;
  virtual!: VirtualPoints;
  private epoch = 0;

  constructor() {
    this.activate();
  }

  /** The other node takes over: it has nothing but the state. */
  activate(): void {
    const { state, time } = this;
    const pairTime = (): number => time.wallMs();
    this.holds = new PointHolds(state);
    this.virtual = new VirtualPoints(VIRTUAL, state, (id) => this.holds.has(id), pairTime);
    const { virtual, holds } = this;
    if (this.epoch > 0) this.publisher.close();
    const publisher = (this.publisher = new Publisher({ state, clock: time, timers: time, pairTime, frameMs: 20, beforeCut: () => virtual.derive() }));
    const commands = (this.commands = new Commands({
      state, publisher, timers: time, log: silentLog, pairTime,
      role: () => (this.publisher === publisher ? this.role : 'standby'),
      confirm: async () => 'protected',
      write: async (name, value, priority) => {
        await this.obstacle;
        if (this.publisher !== publisher) return new Promise(() => undefined);
        if (this.refusal !== undefined) throw this.refusal;
        const id = state.table.find(name)?.id ?? NaN;
        if (virtual.has(id)) {
          virtual.set(id, value);
          return;
        }
        this.writes.push(`${name}@${priority}=${String(value)}`);
        this.device.set(name, value);
      },
      read: async (name) => this.device.get(name) ?? NaN,
      writeTimeoutMs: () => 2_000,
      isArrayOurs: (of) => isArrayOurs(of, of.device === 'bacnet'),
      isOutOfService: (of) => readHold(state.keyed, of.name)?.kind === 'out-of-service',
      onCommanded: (name) => {
        virtual.touch(state.table.find(name)?.id ?? NaN);
        publisher.tick();
      },
    }));
    this.control = new PointControl({ state, publisher, commands, holds, virtual: () => virtual, role: () => this.role, pairTime, confirm: async () => 'protected', log: silentLog });
    const epoch = { number: ++this.epoch, node: 'A', nonce: `n${this.epoch}` };
    publisher.open(epoch);
    publisher.record([{ key: epochKey(epoch.number), value: epochToJson({ ...epoch, firstSeq: state.position.seq + 1, cause: 'start', owedToMain: false }) }]);
    this.control.begin();
    commands.takeOver();
  }

  private ids = 0;

  async send(name: string, value: PointValue | null, priority: number, more: { forMs?: number; reason?: string; id?: string } = {}): Promise<string> {
    const { forMs, reason, id = `c${++this.ids}` } = more;
    return this.commands
      .write({ id, point: name, value, priority, by: 'ann', epoch: this.epoch, ...(forMs === undefined ? {} : { untilMs: this.time.wallMs() + forMs }), ...(reason === undefined ? {} : { reason }) })
      .then(() => 'ok', (error: unknown) => (error instanceof TandemError ? error.code : String(error)));
  }

  slots(name: string): Record<number, PointValue> {
    return Object.fromEntries([...readSlots(this.state.keyed, name)].map(([priority, { value }]) => [priority, value]));
  }

  /** The device says something. */
  hear(id: number, value: number, quality: Quality = GOOD): void {
    const builder = new SampleBuilder();
    builder.add(id, value, quality, this.time.wallMs());
    this.publisher.ingest(this.holds.pass(builder.take()));
    this.publisher.cut();
  }

  shown(id: number): [value: PointValue, quality: string] {
    return [this.state.image.value(id), formatQuality(this.state.image.quality(id))];
  }

  async later(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1_000) {
      await this.time.advance(Math.min(left, 1_000));
      this.control.tick();
      this.publisher.tick();
      await this.time.advance(0);
    }
  }
}

describe('priority array of points whose device has none', () => {
  it('brings to the device what the best priority says, then the next, then the relinquish default', async () => {
    const rig = new Rig();
    for (const [value, priority] of [[1, 12], [0, 8], [1, 15], [null, 8], [null, 12], [null, 15]] as const) assert.equal(await rig.send('Fan', value, priority), 'ok');
    assert.deepEqual(rig.writes, ['Fan@12=1', 'Fan@8=0', 'Fan@8=1', 'Fan@12=1', 'Fan@15=0']);
    assert.deepEqual(rig.slots('Fan'), {});
    // Without a default the device keeps what it has.
    await rig.send('Sp', 21, 8);
    await rig.send('Sp', null, 8);
    assert.deepEqual(rig.writes.slice(5), ['Sp@8=21']);
  });

  it('keeps a slot that the device refused as it was, and one command after the other', async () => {
    const rig = new Rig();
    await rig.send('Sp', 21, 10);
    rig.refusal = new TandemError('FIELD_TIMEOUT', 'no answer');
    assert.equal(await rig.send('Sp', 30, 8), 'FIELD_TIMEOUT');
    assert.deepEqual(rig.slots('Sp'), { 10: 21 });
    rig.refusal = undefined;
    let go: () => void = () => undefined;
    rig.obstacle = new Promise((resolve) => (go = resolve));
    const both = Promise.all([rig.send('Sp', 25, 8), rig.send('Sp', null, 10), rig.send('Sp', null, 8)]);
    await rig.time.advance(10);
    go();
    await both;
    // Had the second not waited for the first, it would have been written as if nobody commanded.
    assert.deepEqual(rig.writes, ['Sp@10=21', 'Sp@8=25']);
    assert.deepEqual(rig.slots('Sp'), {});
  });

  it('ends a slot at its time, on whichever node, once, and tries again while the device does not take it', async () => {
    const rig = new Rig();
    await rig.send('Sp', 18, 12);
    await rig.send('Sp', 25, 8, { forMs: 10_000, reason: 'test run' });
    assert.deepEqual(overridesOf(rig.state).map(({ point: of, priority, reason, by }) => [of, priority, reason, by]), [['Sp', 8, 'test run', 'ann']]);
    await rig.later(5_000);
    rig.activate();
    await rig.later(4_000);
    assert.deepEqual(rig.writes, ['Sp@12=18', 'Sp@8=25']);
    rig.refusal = new TandemError('FIELD_UNREACHABLE', 'off');
    await rig.later(3_000);
    assert.deepEqual(rig.slots('Sp'), { 8: 25, 12: 18 });
    rig.activate();
    rig.refusal = undefined;
    await rig.later(20_000);
    assert.deepEqual(rig.writes, ['Sp@12=18', 'Sp@8=25', 'Sp@8=18']);
    assert.deepEqual([rig.slots('Sp'), overridesOf(rig.state)], [{ 12: 18 }, []]);
  });

  it('ends a slot at once when the device is back, and not only after the wait', async () => {
    const rig = new Rig();
    await rig.send('Sp', 18, 12);
    await rig.send('Sp', 25, 8, { forMs: 1_000 });
    rig.refusal = new TandemError('FIELD_UNREACHABLE', 'off');
    await rig.later(100_000); // tried after 5, 10, 20, 40 s, and next in about a minute
    rig.refusal = undefined;
    rig.control.deviceIsBack('bacnet');
    await rig.later(2_000);
    assert.deepEqual(rig.slots('Sp'), { 8: 25, 12: 18 }, 'another device');
    rig.control.deviceIsBack('plc');
    await rig.later(2_000);
    assert.deepEqual([rig.slots('Sp'), rig.writes.at(-1)], [{ 12: 18 }, 'Sp@8=18']);
  });

  it('does not end what somebody has renewed', async () => {
    const rig = new Rig();
    await rig.send('Sp', 25, 8, { forMs: 3_000 });
    await rig.send('Sp', 26, 8, { forMs: 60_000 });
    await rig.later(10_000);
    assert.deepEqual(rig.slots('Sp'), { 8: 26 });
    await rig.send('Sp', 27, 8);
    await rig.later(60_000);
    assert.deepEqual(rig.slots('Sp'), { 8: 27 });
  });

  it('settles a command that a dead node had begun by all the slots', async () => {
    const rig = new Rig();
    await rig.send('Sp', 25, 8);
    rig.obstacle = new Promise(() => undefined);
    void rig.send('Sp', null, 8, { id: 'lost' });
    void rig.send('Sp', 20, 12, { id: 'hidden' });
    await rig.time.advance(10);
    rig.obstacle = undefined;
    rig.activate();
    await rig.later(10_000);
    assert.deepEqual(rig.slots('Sp'), { 12: 20 });
    assert.equal(rig.device.get('Sp'), 20);
  });

  it('ends a command to a device with priorities of its own by giving up that slot', async () => {
    const rig = new Rig();
    await rig.send('BacnetSp', 25, 8, { forMs: 5_000, reason: 'r' });
    await rig.send('BacnetSp', 22, 10);
    await rig.later(10_000);
    assert.deepEqual(rig.writes, ['BacnetSp@8=25', 'BacnetSp@10=22', 'BacnetSp@8=null']);
    assert.deepEqual(overridesOf(rig.state), []);
  });

  it('refuses an end of a pulse, and one that lies behind', async () => {
    const rig = new Rig();
    assert.deepEqual([await rig.send('Key', 1, 8, { forMs: 1_000 }), await rig.send('Sp', 1, 8, { forMs: 0 })], ['VALUE_INVALID', 'VALUE_OUT_OF_RANGE']);
    assert.deepEqual(rig.writes, []);
  });
});

describe('virtual points', () => {
  it('are what their expression gives, in the frame of what it reads', () => {
    const rig = new Rig();
    const { seq } = rig.state.position;
    rig.hear(2, 21);
    assert.deepEqual([rig.shown(4), rig.shown(6), rig.shown(5)], [[42, 'good'], [20, 'good'], [62, 'good']]);
    assert.deepEqual([rig.state.position.seq, rig.state.image.seq(4), rig.state.image.seq(5)], [seq + 1, seq + 1, seq + 1]);
    rig.hear(2, 21, COMMUNICATION_LOST);
    assert.deepEqual([rig.shown(4), rig.shown(5)], [[42, 'bad (expression)'], [62, 'bad (expression)']]);
  });

  it('have no value where the expression gives none of their states, or no number, and are counted', () => {
    const rig = new Rig();
    rig.hear(2, 14);
    assert.deepEqual([rig.shown(8), rig.shown(9), rig.virtual.unknown], [[1, 'good'], [14e307, 'good'], 0]);
    rig.hear(2, 30);
    assert.deepEqual([rig.shown(8), rig.shown(9), rig.virtual.unknown], [[1, 'bad (expression)'], [14e307, 'bad (expression)'], 2]);
    rig.hear(2, -9);
    assert.deepEqual([rig.shown(8)[1], rig.shown(9)[1], rig.virtual.unknown], ['bad (expression)', 'good', 1]);
    rig.hear(2, 0);
    assert.deepEqual([rig.shown(8), rig.virtual.unknown], [[0, 'good'], 0]);
  });

  it('go by what they are commanded first, and keep it over a failover without a change', async () => {
    const rig = new Rig();
    rig.hear(2, 10);
    await rig.send('Memory', 5, 10);
    await rig.send('Double', 100, 8, { forMs: 5_000 });
    assert.deepEqual([rig.shown(4), rig.shown(6), rig.shown(5)], [[100, 'good'], [5, 'good'], [105, 'good']]);
    rig.hear(2, 11);
    assert.deepEqual(rig.shown(4), [100, 'good']);
    rig.activate();
    const { seq } = rig.state.position;
    rig.publisher.tick();
    assert.deepEqual([rig.shown(4), rig.shown(6), rig.state.position.seq], [[100, 'good'], [5, 'good'], seq]);
    await rig.later(10_000);
    assert.deepEqual([rig.shown(4), rig.shown(5)], [[22, 'good'], [27, 'good']]);
    await rig.send('Memory', null, 10);
    assert.deepEqual(rig.shown(6), [20, 'good']);
  });
});

describe('points that a person has cut off', () => {
  it('show what they were given until it ends, and then what their device says', async () => {
    const rig = new Rig();
    rig.hear(2, 20);
    await rig.control.act({ kind: 'override', point: 'T', value: 30, forMs: 10_000, reason: 'sensor broken' }, 'ann');
    rig.hear(2, 21);
    assert.deepEqual([rig.shown(2), rig.shown(4)], [[30, 'uncertain (operatorOverride)'], [60, 'uncertain']]);
    rig.activate();
    rig.hear(2, 22);
    assert.deepEqual(rig.shown(2), [30, 'uncertain (operatorOverride)']);
    await rig.later(11_000);
    assert.deepEqual([rig.shown(2), rig.shown(4), overridesOf(rig.state)], [[22, 'good'], [44, 'good'], []]);
  });

  it('out of service take no command and no value, and are back when they are returned', async () => {
    const rig = new Rig();
    rig.hear(0, 20);
    await rig.control.act({ kind: 'take-out-of-service', point: 'Sp', reason: 'maintenance' }, 'ann');
    rig.hear(0, 25);
    assert.deepEqual([rig.shown(0), await rig.send('Sp', 22, 8), rig.writes], [[20, 'bad (outOfService)'], 'POINT_OUT_OF_SERVICE', []]);
    rig.activate();
    assert.equal(await rig.send('Sp', 22, 8), 'POINT_OUT_OF_SERVICE');
    // Of this activation the device has said nothing yet.
    await rig.control.act({ kind: 'return-to-service', point: 'Sp' }, 'ann');
    assert.deepEqual(rig.shown(0), [20, 'bad (waiting)']);
    rig.hear(0, 25);
    assert.deepEqual([rig.shown(0), await rig.send('Sp', 22, 8)], [[25, 'good'], 'ok']);
    await assert.rejects(rig.control.act({ kind: 'override', point: 'Sp', value: 1, reason: 'r' }, 'ann'), { code: 'POINT_COMMANDABLE' });
    await assert.rejects(rig.control.act({ kind: 'override', point: 'Nowhere', value: 1, reason: 'r' }, 'ann'), { code: 'POINT_UNKNOWN' });
  });
});
