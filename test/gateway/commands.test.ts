import assert from 'node:assert/strict';
import { GOOD, SampleBuilder, silentLog, TandemError, type EpochCause, type PointDefinition, type PointValue, type Role } from '../../src/contract/index.js';
import { Commands } from '../../src/gateway/commands.js';
import { commandFromJson } from '../../src/gateway/command-record.js';
import { epochKey, epochToJson, PairState, PointTable, Publisher } from '../../src/image/index.js';
import { VirtualClock } from '../../simulators/virtual-time/index.js';

const rules = { priority: 10, verify: 'readback', repeatable: true } as const;
const POINTS: readonly PointDefinition[] = [
  { id: 0, name: 'Sp', kind: 'number', device: 'd', poll: 'normal', write: { ...rules, min: 10, max: 30 } },
  { id: 1, name: 'Pulse', kind: 'boolean', device: 'd', poll: 'normal', write: { ...rules, repeatable: false } },
  { id: 3, name: 'Key', kind: 'boolean', device: 'd', poll: 'normal', write: { priority: 10, verify: 'echo', repeatable: false, pulse: true } },
  { id: 4, name: 'Blind', kind: 'number', device: 'd', poll: 'normal', write: { priority: 10, verify: 'echo', repeatable: true, only: true } },
  { id: 2, name: 'Temp', kind: 'number', device: 'd', poll: 'normal' },
];

/** The command path of one node with a device that is a map. */
class Rig {
  readonly time = new VirtualClock();
  readonly device = new Map<number, PointValue | null>();
  readonly writes: string[] = [];
  readonly state = new PairState(new PointTable('r', POINTS));
  role: Role = 'active';
  /** It took over without knowing what the other one did last. */
  stale = false;
  staleSinceMs = -Infinity;
  /** Resolves when both nodes have it. */
  confirmed: () => Promise<'protected'> = async () => 'protected';
  /** It started by right, without a word of the other one. */
  unheard = false;
  /** The device cannot be read. */
  unreachable = false;
  notActive = false;
  /** What the next writes throw. */
  refusal: TandemError | undefined;
  readonly publisher = new Publisher({ state: this.state, clock: this.time, timers: this.time, pairTime: () => this.time.wallMs(), frameMs: 20 });
  readonly commands = new Commands({
    state: this.state,
    publisher: this.publisher,
    timers: this.time,
    log: silentLog,
    role: () => this.role,
    pairTime: () => this.time.wallMs(),
    confirm: async () => this.confirmed(),
    write: async (name, value) => {
      const point = this.state.table.find(name)?.id ?? NaN;
      if (this.refusal !== undefined) throw this.refusal;
      this.writes.push(`${point}=${String(value)}`);
      this.device.set(point, value);
    },
    read: async (name) => {
      if (this.notActive) throw new TandemError('NOT_ACTIVE', 'the field is not ours any more');
      if (this.unreachable) throw new TandemError('FIELD_CLOSED', 'not connected');
      return this.device.get(this.state.table.find(name)?.id ?? NaN) ?? NaN;
    },
    writeTimeoutMs: () => 2_000,
    mayReassert: () => !this.stale,
    staleSince: () => this.staleSinceMs,
    isUnheard: () => this.unheard,
  });

  constructor(...causes: EpochCause[]) {
    for (const [index, cause] of (causes.length === 0 ? ['start' as const] : causes).entries()) this.activate(index + 1, cause);
  }

  activate(number: number, cause: EpochCause): void {
    const epoch = { number, node: 'A', nonce: `n${String(number)}` };
    this.publisher.open(epoch);
    this.publisher.record([{ key: epochKey(number), value: epochToJson({ ...epoch, firstSeq: this.state.position.seq + 1, cause, owedToMain: false }) }]);
  }

  async send(id: string, value: PointValue | null, point = 'Sp', epoch = this.state.position.epoch.number, nonce?: string): Promise<string> {
    return this.commands.write({ id, point, value, by: 'test', epoch, ...(nonce === undefined ? {} : { nonce }) }).then(
      ({ held }) => held,
      (error: unknown) => (error instanceof TandemError ? error.code : String(error)),
    );
  }

  /** A point as this node has read it last. */
  shows(point: number, value: number): void {
    const builder = new SampleBuilder();
    builder.add(point, value, GOOD, this.time.wallMs());
    this.publisher.ingest(builder.take());
    this.publisher.cut();
  }

  recorded(id: string): string | undefined {
    const json = this.state.keyed.get(`command/${id}`);
    return json === undefined ? undefined : commandFromJson(json).state;
  }

  codeOf(id: string): string | undefined {
    const json = this.state.keyed.get(`command/${id}`);
    return json === undefined ? undefined : commandFromJson(json).code;
  }

  /** Leaves a command behind as a node that died would have. */
  leave(id: string, state: 'intent' | 'unsent', point: string, value: PointValue): void {
    this.publisher.record([{ key: `command/${id}`, value: { point, value: value as number, priority: 10, by: 'test', state, timeMs: this.time.wallMs() } }]);
  }
}

describe('commands', () => {
  it('are written once, and a known id gets its first outcome again', async () => {
    const rig = new Rig();
    assert.equal(await rig.send('a', 21), 'protected');
    assert.equal(await rig.send('a', 25), 'protected');
    assert.deepEqual(rig.writes, ['0=21']);
    rig.refusal = new TandemError('FIELD_TIMEOUT', 'no answer');
    assert.equal(await rig.send('b', 22), 'FIELD_TIMEOUT');
    rig.refusal = undefined;
    assert.equal(await rig.send('b', 22), 'FIELD_TIMEOUT');
    assert.deepEqual(rig.writes, ['0=21']);
  });

  it('are refused before anything is recorded where the point cannot take them', async () => {
    const rig = new Rig();
    const refused: [value: PointValue, point: string, code: string][] = [[9, 'Sp', 'VALUE_OUT_OF_RANGE'], [NaN, 'Sp', 'VALUE_INVALID'], [2, 'Pulse', 'VALUE_INVALID'], [1, 'Temp', 'POINT_READ_ONLY'], [1, 'Nope', 'POINT_UNKNOWN']];
    for (const [value, point, code] of refused) {
      assert.equal(await rig.send(`${point}${String(value)}`, value, point), code);
      assert.equal(rig.recorded(`${point}${String(value)}`), undefined);
    }
    rig.role = 'standby';
    assert.equal(await rig.send('x', 21), 'NOT_ACTIVE');
  });

  it('of an epoch before a takeover are refused when unknown; before a clean hand-over they are not', async () => {
    assert.equal(await new Rig('start', 'failover').send('a', 21, 'Sp', 1), 'COMMAND_UNKNOWN');
    assert.equal(await new Rig('start', 'switch', 'recovery').send('a', 21, 'Sp', 1), 'protected');
    assert.equal(await new Rig('start', 'failover', 'recovery').send('a', 21, 'Sp', 1), 'COMMAND_UNKNOWN');
    assert.equal(await new Rig('start', 'force').send('a', 21, 'Sp', 1), 'COMMAND_UNKNOWN', 'what a person forces is taken, not handed over');
  });

  it('first sent to an activation of the same number on the other node are refused', async () => {
    const rig = new Rig('start', 'failover');
    assert.equal(await rig.send('a', 21, 'Sp', 2, 'of the other node'), 'COMMAND_UNKNOWN');
    assert.equal(await rig.send('b', 21, 'Sp', 2, 'n2'), 'protected');
    assert.deepEqual(rig.writes, ['0=21']);
  });

  it('that came at once and are in doubt: the earlier one is not written while the later one is looked into', async () => {
    const rig = new Rig();
    const both = [rig.send('a', 21), rig.send('b', 22)];
    const timeOf = (id: string): number => commandFromJson(rig.state.keyed.get(`command/${id}`)!).timeMs;
    assert.ok(timeOf('a') < timeOf('b'), 'which came later is known');
    await Promise.all(both);
    const next = new Rig();
    next.device.set(0, 22);
    for (const [id, value, after] of [['a', 21, 0], ['b', 22, 1]] as const) next.publisher.record([{ key: `command/${id}`, value: { point: 'Sp', value, priority: 10, by: 'test', state: 'intent', timeMs: next.time.wallMs() + after } }]);
    next.commands.takeOver();
    await next.time.advance(3_000);
    assert.deepEqual([next.writes, next.recorded('a'), next.recorded('b')], [[], 'failed', 'done']);
  });

  it('first sent to a later activation are not begun by a node that was overtaken and does not know it', async () => {
    const rig = new Rig('start');
    assert.equal(await rig.send('a', 21, 'Sp', 2), 'NOT_ACTIVE');
    assert.equal(rig.recorded('a'), undefined);
    assert.equal(await rig.send('a', 21, 'Sp', 1), 'protected');
  });

  it('that were fenced are unsent while control is handed over, and refused for good on a node that stays', async () => {
    const rig = new Rig();
    rig.refusal = new TandemError('FENCED', 'not now');
    assert.equal(await rig.send('stays', 21), 'COMMAND_NOT_SENT');
    assert.equal(rig.recorded('stays'), 'failed');
    // Nothing that a client would take for "ask the other node": asked again and again, it would never be told more.
    rig.refusal = undefined;
    assert.equal(await rig.send('stays', 21), 'COMMAND_NOT_SENT');
    assert.deepEqual(rig.writes, []);
    rig.refusal = new TandemError('FENCED', 'not now');
    const handing = rig.send('moves', 22);
    rig.role = 'yielding';
    assert.equal(await handing, 'FENCED');
    assert.equal(rig.recorded('moves'), 'unsent');
  });

  it('in doubt stay in doubt when control is handed over before the device has been asked', async () => {
    const rig = new Rig();
    rig.device.set(0, 20);
    rig.leave('a', 'intent', 'Sp', 21);
    rig.commands.takeOver();
    await rig.time.settle();
    rig.role = 'yielding';
    rig.notActive = true;
    await rig.time.advance(10_000);
    assert.deepEqual([rig.recorded('a'), rig.writes], ['intent', []], 'the one before may have sent it: the next node must not write it unasked');
  });

  it('in doubt that a node may not look into stay in doubt, and nobody is told that they were not sent', async () => {
    const rig = new Rig();
    rig.device.set(0, 20);
    rig.leave('a', 'intent', 'Sp', 21);
    rig.notActive = true;
    rig.commands.takeOver();
    await rig.time.advance(10_000);
    assert.deepEqual([rig.codeOf('a'), rig.writes], ['COMMAND_IN_DOUBT', []]);
    assert.equal(await rig.send('a', 21), 'COMMAND_IN_DOUBT');
  });

  it('left unsent are written by the next node at once', async () => {
    const rig = new Rig();
    rig.leave('a', 'unsent', 'Sp', 21);
    rig.commands.takeOver();
    await rig.time.settle();
    assert.deepEqual(rig.writes, ['0=21']);
    assert.equal(rig.recorded('a'), 'done');
  });

  it('in doubt, of a pulse or of what cannot be read: what the point shows proves nothing; only what may be is repeated', async () => {
    const rig = new Rig();
    // A switch of somebody else's, by chance in the position that the pulse had.
    rig.device.set(3, 1);
    rig.device.set(4, 21);
    rig.leave('pulse', 'intent', 'Key', 1);
    rig.leave('blind', 'intent', 'Blind', 21);
    rig.commands.takeOver();
    await rig.time.advance(10_000);
    assert.deepEqual([rig.recorded('pulse'), rig.recorded('blind'), rig.writes], ['failed', 'done', ['4=21']]);
  });

  it('in doubt are asked for until the device answers: what has arrived is not written again, and not waited for any longer', async () => {
    const rig = new Rig();
    rig.device.set(0, 21);
    rig.unreachable = true;
    rig.leave('a', 'intent', 'Sp', 21);
    // Later than any write of the other node can arrive, and the device is only just being connected.
    await rig.time.advance(3_000);
    rig.commands.takeOver();
    await rig.time.advance(500);
    rig.unreachable = false;
    await rig.time.advance(500);
    assert.deepEqual([rig.recorded('a'), rig.writes], ['done', []]);
    rig.device.set(0, 20);
    rig.leave('b', 'intent', 'Sp', 25);
    rig.commands.takeOver();
    await rig.time.advance(300);
    rig.device.set(0, 25);
    await rig.time.advance(600);
    assert.deepEqual([rig.recorded('b'), rig.writes], ['done', []], 'long before its deadline');
  });

  it('in doubt of a device that does not answer: only what may be repeated is', async () => {
    const rig = new Rig();
    rig.unreachable = true;
    rig.leave('sp', 'intent', 'Sp', 21);
    rig.leave('pulse', 'intent', 'Pulse', 1);
    rig.commands.takeOver();
    await rig.time.advance(10_000);
    assert.deepEqual([rig.recorded('sp'), rig.codeOf('pulse'), rig.writes], ['done', 'COMMAND_IN_DOUBT', ['0=21']]);
  });

  it('of before are not written again by a node that does not know what the other one did last; new ones are', async () => {
    const rig = new Rig();
    rig.stale = true;
    rig.device.set(0, 21);
    rig.leave('arrived', 'intent', 'Sp', 21);
    rig.leave('missing', 'intent', 'Sp', 25);
    rig.leave('unsent', 'unsent', 'Sp', 26);
    rig.commands.takeOver();
    await rig.time.advance(10_000);
    assert.deepEqual(rig.writes, []);
    assert.deepEqual(['arrived', 'missing', 'unsent'].map((id) => rig.recorded(id)), ['done', 'failed', 'failed']);
    assert.equal(await rig.send('new', 22), 'protected');
    assert.deepEqual(rig.writes, ['0=22']);
  });

  it('that wait for the standby while the other node leads are not sent when this one goes on', async () => {
    const rig = new Rig();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    rig.confirmed = async () => held.then(() => 'protected');
    const waiting = rig.send('frozen', 21);
    await rig.time.advance(20_000);
    // This node was frozen, the other one led: it goes on above that one's epoch.
    rig.staleSinceMs = rig.time.wallMs();
    const fresh = rig.send('new', 22);
    release();
    assert.deepEqual([await waiting, await fresh, rig.writes], ['COMMAND_NOT_SENT', 'protected', ['0=22']]);
    assert.equal(rig.codeOf('frozen'), 'COMMAND_NOT_SENT');
  });

  it('in doubt are read back, and repeated only after the deadline and where that is allowed', async () => {
    const rig = new Rig();
    rig.device.set(0, 21);
    rig.leave('arrived', 'intent', 'Sp', 21);
    rig.commands.takeOver();
    await rig.time.settle();
    assert.equal(rig.recorded('arrived'), 'done');

    rig.leave('missing', 'intent', 'Sp', 25);
    rig.leave('pulse', 'intent', 'Pulse', 1);
    rig.commands.takeOver();
    await rig.time.advance(1_900);
    assert.deepEqual(rig.writes, []);
    await rig.time.advance(200);
    assert.deepEqual(rig.writes, ['0=25']);
    assert.equal(rig.recorded('missing'), 'done');
    assert.equal(await rig.send('pulse', 1, 'Pulse'), 'COMMAND_IN_DOUBT');
  });

  it('in doubt on a node that started without a word of the other one are repeated only where the point reads as it was left', async () => {
    const rig = new Rig();
    rig.unheard = true;
    for (const [id, value] of [[0, 20], [1, 0]] as const) rig.shows(id, value);
    rig.leave('missing', 'intent', 'Sp', 25);
    rig.leave('unsent', 'unsent', 'Sp', 26);
    rig.leave('blind', 'intent', 'Blind', 7);
    // Somebody else has led since, and has written 22.
    rig.device.set(0, 22);
    rig.commands.takeOver();
    await rig.time.advance(10_000);
    assert.deepEqual(['missing', 'unsent', 'blind'].map((id) => [rig.recorded(id), rig.codeOf(id)]), [['failed', 'COMMAND_IN_DOUBT'], ['failed', 'COMMAND_IN_DOUBT'], ['done', undefined]]);
    assert.deepEqual(rig.writes, ['4=7']);

    rig.leave('again', 'intent', 'Sp', 25);
    rig.device.set(0, 20);
    rig.commands.takeOver();
    await rig.time.advance(10_000);
    assert.deepEqual([rig.recorded('again'), rig.writes.at(-1)], ['done', '0=25']);
    assert.equal(await rig.send('new', 23), 'protected');
  });

  it('asked for again while in doubt wait for the outcome', async () => {
    const rig = new Rig();
    rig.leave('a', 'intent', 'Sp', 25);
    const again = rig.send('a', 25);
    await rig.time.advance(2_100);
    assert.equal(await again, 'protected');
    assert.deepEqual(rig.writes, ['0=25']);
  });
});
