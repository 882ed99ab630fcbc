import assert from 'node:assert/strict';
import { silentLog, TandemError, type DeviceDefinition, type DriverPoint, type PointValue, type Role } from '../../src/contract/index.js';
import { Commands } from '../../src/gateway/commands.js';
import { commandFromJson, COMMANDS } from '../../src/gateway/command-record.js';
import { OnReturn } from '../../src/gateway/on-return.js';
import { epochKey, epochToJson, PairState, PointTable, Publisher } from '../../src/image/index.js';
import { STALE_SINCE } from '../../src/redundancy/index.js';
import { seededRandom, VirtualClock } from '../../simulators/virtual-time/index.js';

const point = (id: number, name: string, onReturn?: 'leave' | 'reassert' | 'adopt'): DriverPoint => ({
  id, name, kind: 'number', device: 'd', poll: 'normal', address: undefined, write: { priority: 10, verify: 'readback', repeatable: true, ...(onReturn === undefined ? {} : { onReturn }) },
});
const POINTS = [point(0, 'Sp', 'reassert'), point(1, 'Mode', 'adopt'), point(2, 'Plain'), point(3, 'Sp2', 'reassert'), { ...point(4, 'Other', 'reassert'), device: 'e' }];

/** A device that is a map, its commands, and what becomes of them. */
class Rig {
  readonly time = new VirtualClock();
  readonly device = new Map<string, PointValue>();
  readonly writes: { readonly atMs: number; readonly what: string }[] = [];
  readonly points: readonly DriverPoint[];
  readonly state: PairState;
  /** Slots of points with priorities; without any the points have none. */
  readonly slots = new Map<string, (PointValue | null)[]>();
  role: Role = 'active';
  private ids = 0;
  private readonly publisher: Publisher;
  private readonly commands: Commands;
  readonly onReturn: OnReturn;

  constructor(options: { priorities?: boolean; writeRate?: number; way?: string; more?: DriverPoint } = {}) {
    const { writeRate, way, more } = options;
    this.points = more === undefined ? POINTS : [...POINTS, more];
    this.state = new PairState(new PointTable('r', this.points));
    this.publisher = new Publisher({ state: this.state, clock: this.time, timers: this.time, pairTime: () => this.time.wallMs(), frameMs: 20 });
    this.commands = new Commands({
      state: this.state, publisher: this.publisher, timers: this.time, log: silentLog, role: () => this.role, pairTime: () => this.time.wallMs(), confirm: async () => 'protected',
      write: async (name, value, priority) => {
        this.writes.push({ atMs: this.time.monotonicMs(), what: `${name}=${String(value)}` });
        if (value !== null) this.device.set(name, value);
        const slots = this.slots.get(name);
        if (slots !== undefined) slots[priority - 1] = value;
      },
      read: async (name) => this.read(name), writeTimeoutMs: () => 2_000, isArrayOurs: ({ name }) => name === more?.name,
    });
    const devices = ['d', 'e'].map((name): DeviceDefinition => ({
      name, driver: 'fake', settings: undefined, standby: 'collect', points: this.points.filter(({ device }) => device === name), writeTimeoutMs: 2_000,
      ...(writeRate === undefined ? {} : { writeRate }), ...(way === undefined ? {} : { way }),
    }));
    this.onReturn = new OnReturn({
      state: this.state, publisher: this.publisher, commands: this.commands, devices: () => devices, role: () => this.role, read: async (name) => this.read(name),
      readPriorities: async (name) => {
        const slots = this.slots.get(name);
        if (slots === undefined) throw new TandemError('POINT_NO_PRIORITIES', 'none');
        return { slots };
      },
      hasPriorities: () => options.priorities === true, timers: this.time, random: seededRandom(7), log: silentLog,
    });
    const epoch = { number: 1, node: 'A', nonce: 'n' };
    this.publisher.open(epoch);
    this.publisher.record([{ key: epochKey(1), value: epochToJson({ ...epoch, firstSeq: 1, cause: 'start', owedToMain: false }) }]);
  }

  async command(name: string, value: PointValue | null, priority = 10): Promise<void> {
    await this.commands.write({ id: `c${String(this.ids++)}`, point: name, value, priority, by: 'test', epoch: 1 });
    await this.time.advance(10);
  }

  /** The device loses its power, and its values. */
  async powerCut(values: Record<string, PointValue>): Promise<void> {
    this.onReturn.deviceIs('d', true);
    this.onReturn.deviceIs('d', false);
    for (const [name, value] of Object.entries(values)) this.device.set(name, value);
    this.writes.length = 0;
    this.onReturn.deviceIs('d', true);
    await this.time.advance(10_000);
  }

  /** A line loses its power, and all that are on it their values. */
  async lineCut(): Promise<void> {
    for (const online of [true, false]) for (const name of ['d', 'e']) this.onReturn.deviceIs(name, online);
    for (const { name } of POINTS) this.device.set(name, 0);
    this.writes.length = 0;
    for (const name of ['d', 'e']) this.onReturn.deviceIs(name, true);
  }

  get away(): string[] {
    return [...this.state.keyed.entries('away/')].map(([key]) => key);
  }

  get written(): string[] {
    return this.writes.map(({ what }) => what);
  }

  staleSince(): void {
    this.publisher.record([{ key: STALE_SINCE, value: this.time.wallMs() }]);
  }

  lastBy(name: string): string[] {
    return [...this.state.keyed.entries(COMMANDS)].map(([, json]) => commandFromJson(json)).filter((record) => record.point === name).map(({ by, value }) => `${by}: ${String(value)}`);
  }

  private read(name: string): PointValue {
    const value = this.device.get(name);
    if (value === undefined) throw new TandemError('FIELD_REJECTED', 'cannot be read');
    return value;
  }
}

describe('return of a device', () => {
  it('writes again what was commanded last where it differs, adopts what is to be adopted, and leaves the rest', async () => {
    const rig = new Rig();
    for (const [name, value] of [['Sp', 20], ['Sp', 21], ['Mode', 2], ['Plain', 5], ['Sp2', 30]] as const) await rig.command(name, value);
    await rig.powerCut({ Sp: 0, Mode: 0, Plain: 0, Sp2: 30 });
    assert.deepEqual(rig.written, ['Sp=21']);
    assert.deepEqual(rig.lastBy('Mode'), ['test: 2', 'return of d: 0']);
    await rig.powerCut({ Mode: 7 });
    assert.deepEqual(rig.written, []);
  });

  it('asserts nothing at a takeover, nothing that was relinquished, and nothing on a standby', async () => {
    const rig = new Rig();
    await rig.command('Sp', 21);
    await rig.command('Sp2', 30);
    await rig.command('Sp2', null);
    rig.device.set('Sp', 0);
    rig.writes.length = 0;
    rig.onReturn.reset();
    rig.onReturn.deviceIs('d', false);
    rig.onReturn.deviceIs('d', true);
    await rig.time.advance(10_000);
    assert.deepEqual(rig.written, []);
    await rig.powerCut({ Sp: 0, Sp2: 1 });
    assert.deepEqual(rig.written, ['Sp=21']);
    rig.role = 'standby';
    await rig.powerCut({ Sp: 0 });
    assert.deepEqual(rig.written, []);
  });

  it('gives a point that nobody commands its relinquish default, and one that somebody does what he commands', async () => {
    const idle = point(5, 'Idle', 'reassert');
    const rig = new Rig({ more: { ...idle, write: { ...idle.write!, relinquishDefault: 16 } } });
    await rig.powerCut({ Idle: 0 });
    assert.deepEqual(rig.written, ['Idle=16'], 'never commanded');
    await rig.powerCut({ Idle: 16 });
    assert.deepEqual(rig.written, [], 'it has it');
    await rig.command('Idle', 20, 8);
    await rig.powerCut({ Idle: 0 });
    assert.deepEqual(rig.written, ['Idle=20']);
    await rig.command('Idle', null, 8);
    await rig.powerCut({ Idle: 0 });
    assert.deepEqual(rig.written, ['Idle=16'], 'given up');
    rig.staleSince();
    await rig.powerCut({ Idle: 0 });
    assert.deepEqual(rig.written, [], 'that nobody commands may be old');
  });

  it('knows no commands from before the node went active on what may be old (rule 3)', async () => {
    const rig = new Rig();
    await rig.command('Sp', 21);
    await rig.time.advance(100);
    rig.staleSince();
    await rig.command('Sp2', 31);
    await rig.powerCut({ Sp: 0, Sp2: 0 });
    assert.deepEqual(rig.written, ['Sp2=31']);
  });

  it('keeps to the write rate, gives way to a new command, and stops when the device is lost again', async () => {
    const rig = new Rig({ writeRate: 1 });
    await rig.command('Sp', 21);
    await rig.command('Sp2', 31);
    await rig.powerCut({ Sp: 0, Sp2: 0 });
    const [first, second] = rig.writes;
    assert.ok(first !== undefined && second !== undefined && second.atMs - first.atMs >= 1_000);
    rig.device.set('Sp', 0);
    rig.onReturn.deviceIs('d', false);
    rig.writes.length = 0;
    rig.onReturn.deviceIs('d', true);
    rig.onReturn.deviceIs('d', false);
    await rig.time.advance(10_000);
    assert.deepEqual(rig.written, []);
  });

  it('writes to the devices of one line one after the other, at the rate of the line; to others it does not wait', async () => {
    for (const [way, least] of [['line rs485', 2_000], [undefined, 0]] as const) {
      const rig = new Rig({ writeRate: 0.5, ...(way === undefined ? {} : { way }) });
      for (const [name, value] of [['Sp', 21], ['Sp2', 31], ['Other', 41]] as const) await rig.command(name, value);
      await rig.lineCut();
      await rig.time.advance(15_000);
      assert.deepEqual([...rig.written].sort(), ['Other=41', 'Sp2=31', 'Sp=21']);
      const gaps = rig.writes.map(({ atMs }) => atMs).slice(1).map((atMs, index) => atMs - rig.writes[index]!.atMs);
      assert.equal(Math.min(...gaps) >= 2_000, least === 2_000, `${String(way)}: ${gaps.join(', ')}`);
    }
  });

  it('is gone on with by the other node: what was away when it took over, and what was not all written', async () => {
    const rig = new Rig({ writeRate: 0.1, way: 'line rs485' });
    for (const [name, value] of [['Sp', 21], ['Sp2', 31], ['Other', 41]] as const) await rig.command(name, value);
    await rig.lineCut();
    await rig.time.advanceUntil(() => rig.writes.length === 1, 20_000);
    assert.deepEqual(rig.away.sort(), ['away/d', 'away/e']);
    // Another activation, on the same replicated state: both devices are found, for the first time.
    rig.onReturn.reset();
    for (const name of ['d', 'e']) rig.onReturn.deviceIs(name, true);
    await rig.time.advance(60_000);
    assert.deepEqual([...rig.written].sort(), ['Other=41', 'Sp2=31', 'Sp=21']);
    assert.deepEqual(rig.away, []);
    rig.device.set('Sp', 0);
    rig.onReturn.reset();
    rig.onReturn.deviceIs('d', true);
    await rig.time.advance(60_000);
    assert.equal(rig.writes.length, 3, 'a takeover alone asserts nothing');
  });

  it('writes one for each priority where the driver has them, and only to slots that do not hold it', async () => {
    const rig = new Rig({ priorities: true });
    const slots = new Array<PointValue | null>(16).fill(null);
    rig.slots.set('Sp', slots);
    await rig.command('Sp', 20.1, 8);
    await rig.command('Sp', 19, 10);
    slots[7] = null;
    await rig.powerCut({ Sp: 0 });
    assert.deepEqual(rig.written, ['Sp=20.1']);
    slots[7] = Math.fround(20.1); // what a REAL is read back as
    slots[4] = 99; // somebody of higher priority is none of ours
    await rig.powerCut({ Sp: 99 });
    assert.deepEqual(rig.written, []);
    await rig.command('Sp2', 30); // has no array: the value tells
    await rig.powerCut({ Sp2: 30 });
    assert.deepEqual(rig.written, []);
    await rig.powerCut({ Sp2: 31 });
    assert.deepEqual(rig.written, ['Sp2=30']);
  });

  it('asserts them when a device that was there all the time says that it has restarted', async () => {
    const rig = new Rig({ priorities: true });
    const slots = new Array<PointValue | null>(16).fill(null);
    rig.slots.set('Sp', slots);
    await rig.command('Sp', 21, 8);
    const restart = async (slot: PointValue | null, certain: boolean): Promise<string[]> => {
      slots[7] = slot;
      rig.writes.length = 0;
      rig.onReturn.restarted('d', certain);
      await rig.time.advance(10_000);
      return rig.written;
    };
    assert.deepEqual(await restart(null, true), [], 'it has never been there for this node');
    rig.onReturn.deviceIs('d', true);
    assert.deepEqual(await restart(null, true), ['Sp=21']);
    assert.deepEqual(await restart(21, true), []);
    assert.deepEqual(await restart(5, true), ['Sp=21']);
    // An I-Am that nobody asked for: what is gone is asserted, what another has written there is left alone.
    assert.deepEqual(await restart(null, false), ['Sp=21']);
    assert.deepEqual(await restart(5, false), []);
    slots[7] = 5;
    rig.writes.length = 0;
    rig.onReturn.restarted('d', true);
    rig.onReturn.restarted('d', false); // weaker: it does not take the place of the one that waits
    await rig.time.advance(10_000);
    assert.deepEqual(rig.written, ['Sp=21']);
    rig.role = 'standby';
    assert.deepEqual(await restart(null, true), []);
  });

  it('knows nothing of a restart that is only likely where there are no priorities', async () => {
    const rig = new Rig();
    await rig.command('Sp', 21);
    rig.onReturn.deviceIs('d', true);
    rig.device.set('Sp', 0);
    rig.writes.length = 0;
    rig.onReturn.restarted('d', false);
    await rig.time.advance(10_000);
    assert.deepEqual(rig.written, []);
    rig.onReturn.restarted('d', true);
    await rig.time.advance(10_000);
    assert.deepEqual(rig.written, ['Sp=21']);
  });
});
