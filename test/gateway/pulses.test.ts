import assert from 'node:assert/strict';
import { silentLog, TandemError, type PointDefinition, type PointValue, type Role } from '../../src/contract/index.js';
import { Commands } from '../../src/gateway/commands.js';
import { Pulses } from '../../src/gateway/pulses.js';
import { epochKey, epochToJson, PairState, PointTable, Publisher } from '../../src/image/index.js';
import { VirtualClock } from '../../simulators/virtual-time/index.js';

const pulse = (pulseMs: number) => ({ priority: 10, verify: 'echo', repeatable: false, pulse: true, pulseMs }) as const;
const POINTS: readonly PointDefinition[] = [
  { id: 0, name: 'Step', kind: 'boolean', device: 'plc', poll: 'normal', write: pulse(500) },
  { id: 1, name: 'Horn', kind: 'boolean', device: 'plc', poll: 'normal', write: pulse(2_000) },
  { id: 2, name: 'Bo', kind: 'boolean', device: 'controller', poll: 'normal', write: pulse(500) },
  { id: 3, name: 'Sp', kind: 'number', device: 'plc', poll: 'normal', write: { priority: 10, verify: 'echo', repeatable: true } },
];

/** Two nodes that hold one state, and a device that notes what it is written and when. */
class World {
  readonly time = new VirtualClock();
  readonly writes: string[] = [];
  readonly state = new PairState(new PointTable('r', POINTS));
  readonly publisher = new Publisher({ state: this.state, clock: this.time, timers: this.time, pairTime: () => this.time.wallMs(), frameMs: 20 });
  readonly startMs = this.time.wallMs();
  /** How long a write takes, and why none gets through. */
  writeMs = 20;
  refusal: TandemError | undefined;
  epoch = 0;
  node = this.another();

  /** The node before is dead; another one goes on from the state. */
  another(): { readonly commands: Commands; readonly pulses: Pulses } {
    const { time } = this;
    this.epoch++;
    const { epoch: number } = this;
    const role = (): Role => (this.epoch === number ? 'active' : 'standby');
    const epoch = { number, node: 'A', nonce: `n${String(number)}` };
    this.publisher.open(epoch);
    this.publisher.record([{ key: epochKey(number), value: epochToJson({ ...epoch, firstSeq: this.state.position.seq + 1, cause: number === 1 ? 'start' : 'failover', owedToMain: false }) }]);
    const device = async (name: string, value: PointValue | null, onTaken?: () => void): Promise<void> => {
      if (role() !== 'active') throw new TandemError('NOT_ACTIVE', 'dead');
      if (this.refusal !== undefined) throw this.refusal;
      await new Promise<void>((resolve) => void time.after(this.writeMs, resolve));
      if (role() !== 'active') return new Promise(() => undefined);
      this.writes.push(`${time.wallMs() - this.startMs} ${name}=${String(value)}`);
      onTaken?.();
    };
    const common = { state: this.state, publisher: this.publisher, timers: time, log: silentLog, role, pairTime: () => time.wallMs(), writeTimeoutMs: () => 1_000 };
    const pulses: Pulses = new Pulses({ ...common, write: async (name, value) => device(name, value), hasPriorities: (point) => point.device === 'controller' });
    const commands = new Commands({
      ...common,
      confirm: async () => 'protected',
      write: async (name, value, priority) => device(name, value, () => pulses.written(name, value, priority)),
      alongside: (point, value, priority) => pulses.begins(point, value, priority),
      read: async () => NaN,
    });
    return { commands, pulses };
  }

  kill(): void {
    this.node = this.another();
    this.node.commands.takeOver();
    this.node.pulses.takeOver();
  }

  send(point: string, value: PointValue | null): void {
    this.node.commands.write({ id: `${point} ${String(this.time.wallMs())}`, point, value, by: 'test', epoch: this.epoch }).catch(() => undefined);
  }

  get open(): string[] {
    return [...this.state.keyed.entries('pulse/')].map(([key]) => key);
  }
}

describe('pulses whose end the gateway writes', () => {
  it('end after their time, counted from when the device has taken them; several at once', async () => {
    const world = new World();
    world.send('Horn', 1);
    await world.time.advance(100);
    world.send('Step', 1);
    world.send('Bo', 1);
    world.send('Sp', 21);
    await world.time.advance(10_000);
    assert.deepEqual(world.writes, ['20 Horn=1', '120 Step=1', '120 Bo=1', '120 Sp=21', '640 Step=0', '640 Bo=null', '2040 Horn=0']);
    assert.deepEqual(world.open, []);
  });

  it('begun anew last longer; taken back by hand they are over', async () => {
    const world = new World();
    world.send('Step', 1);
    await world.time.advance(300);
    world.send('Step', 1);
    world.send('Horn', 1);
    await world.time.advance(300);
    world.send('Horn', 0);
    await world.time.advance(10_000);
    assert.deepEqual(world.writes, ['20 Step=1', '320 Step=1', '320 Horn=1', '620 Horn=0', '840 Step=0']);
    assert.deepEqual(world.open, []);
  });

  it('are ended by the next node, at the time that was set', async () => {
    const world = new World();
    world.send('Horn', 1);
    await world.time.advance(700);
    world.kill();
    await world.time.advance(10_000);
    assert.deepEqual(world.writes, ['20 Horn=1', '2040 Horn=0']);
  });

  it('are ended by the next node too where the first died before it knew whether the device had taken them', async () => {
    const world = new World();
    world.send('Step', 1);
    await world.time.advance(10);
    world.kill();
    await world.time.advance(10_000);
    // Not begun again: in doubt. The end comes when nothing can be on its way any more.
    assert.deepEqual(world.writes, ['1520 Step=0']);
    assert.deepEqual(world.open, []);
  });

  it('that the device does not let end are ended when it does, by whichever node is there then', async () => {
    const world = new World();
    world.send('Step', 1);
    await world.time.advance(100);
    world.refusal = new TandemError('FIELD_UNREACHABLE', 'away');
    await world.time.advance(5_000);
    world.kill();
    await world.time.advance(5_000);
    assert.deepEqual(world.open, ['pulse/Step']);
    world.refusal = undefined;
    await world.time.advance(2_000);
    assert.deepEqual([world.writes.length, world.writes[1]?.split(' ')[1], world.open.length], [2, 'Step=0', 0]);
  });
});
