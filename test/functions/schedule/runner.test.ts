import assert from 'node:assert/strict';
import { SampleBuilder, TandemError, type ScheduleDefinition } from '../../../src/contract/index.js';
import { scheduleViews, type TargetWrite } from '../../../src/functions/index.js';
import { seededRandom } from '../../../simulators/virtual-time/index.js';
import { steps } from '../../../src/functions/schedule/resolve.js';
import { FunctionsWorld } from '../functions-world.js';
import { at, day, scheduleWith, values } from './definitions.js';

const MONDAY = day('2026-01-05') * 86_400_000;
const HOUR = 3_600_000;
const MINUTE = 60_000;

/** The functions of two nodes, and a field that takes every write, or refuses as many as it is told to. */
class Rig {
  readonly writes: string[] = [];
  readonly ids: string[] = [];
  refuse = 0;
  code: 'FIELD_UNREACHABLE' | 'COMMAND_IN_DOUBT' | 'FENCED' = 'FIELD_UNREACHABLE';
  answers = true;
  readonly world: FunctionsWorld;
  private readonly begun = new Map<string, boolean>();
  private held: (() => void)[] | undefined;

  constructor(readonly schedules: readonly ScheduleDefinition[], private readonly startMs = MONDAY) {
    const effects = { write: async (write: TargetWrite) => this.write(write), hasBegun: (id: string) => this.begun.has(id), answers: () => this.answers };
    this.world = new FunctionsWorld({ schedules: { schedules, calendars: [], effects }, startMs });
  }

  /** Ticks up to a time of the story, and lets writes happen in between. */
  async to(ms: number, stepMs = MINUTE): Promise<void> {
    await settle();
    while (this.world.nowMs < ms) {
      this.world.tickTo(Math.min(ms, this.world.nowMs + stepMs), stepMs);
      await settle();
      this.world.here.publisher.tick();
    }
  }

  hold(): void {
    this.held = [];
  }

  async release(): Promise<void> {
    const { held } = this;
    this.held = undefined;
    for (const go of held ?? []) go();
    await settle();
    this.world.here.publisher.tick();
  }

  view(): ReturnType<typeof scheduleViews>[number] {
    return scheduleViews(this.schedules, [], this.world.here.state, this.startMs + this.world.nowMs, 7)[0]!;
  }

  /** As the commands of the gateway do it: an id that is known gets its outcome again. */
  private async write({ id, point, value, priority }: TargetWrite): Promise<void> {
    const known = this.begun.get(id);
    this.ids.push(id);
    if (known === true) return;
    this.begun.set(id, false);
    if (this.held !== undefined) await new Promise<void>((resolve) => this.held?.push(resolve));
    if (this.refuse > 0) {
      this.refuse--;
      throw new TandemError(this.code, 'no answer');
    }
    this.begun.set(id, true);
    this.writes.push(`${((this.startMs + this.world.nowMs - MONDAY) / HOUR).toFixed(2)}h ${point}@${priority}=${String(value)}`);
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

const berlin = scheduleWith({ timezone: 'UTC' });

describe('schedule runner', () => {
  // Story 10529: a node that had led apart wrote its own entry, and the field kept that until the next one.
  it('writes again what is in force where the other node wrote to the target apart from the pair', async () => {
    const rig = new Rig([berlin]);
    await rig.to(7 * HOUR);
    const before = rig.writes.length;
    const [key] = [...rig.world.here.state.keyed.entries('schedule-target/')].map(([name]) => name);
    const apart = (writer: string): unknown => rig.world.here.publisher.adopt([], new SampleBuilder().take(), [{ key: `conflict/${writer}/1`, value: { point: 'P0', value: 0, priority: 15, state: 'done', writer } }]);
    apart('schedule-target/another/15/P0');
    await rig.to(7.5 * HOUR);
    assert.deepEqual(rig.writes.slice(before), []);
    apart(key ?? '');
    await rig.to(8 * HOUR);
    assert.deepEqual(rig.writes.slice(before), ['7.50h P0@15=1']);
  });

  it('writes each change once, at its time and priority, and what is in force at the start', async () => {
    const rig = new Rig([berlin]);
    await rig.to(48 * HOUR);
    assert.deepEqual(rig.writes, ['0.00h P0@15=null', '6.00h P0@15=1', '20.00h P0@15=0', '24.00h P0@15=null', '30.00h P0@15=1', '44.00h P0@15=0', '48.00h P0@15=null']);
  });

  it('writes to every target what differs there, and nothing where the value stays', async () => {
    const same = scheduleWith({ timezone: 'UTC', default: 1, targets: [{ point: 0, priority: 15, canRelinquish: true }, { point: 2, priority: 9, canRelinquish: false }] });
    const rig = new Rig([same]);
    await rig.to(30 * HOUR);
    assert.deepEqual(rig.writes.map((text) => text.split(' ')[1]), ['P0@15=1', 'P2@9=1', 'P0@15=0', 'P2@9=0', 'P0@15=1', 'P2@9=1']);
  });

  it('leaves a device without priorities as it is where relinquish is in force', async () => {
    const rig = new Rig([{ ...berlin, targets: [{ point: 0, priority: 15, canRelinquish: false }] }]);
    await rig.to(30 * HOUR);
    assert.deepEqual(rig.writes, ['6.00h P0@15=1', '20.00h P0@15=0', '30.00h P0@15=1']);
  });

  it('writes nothing outside of its effective period', async () => {
    const rig = new Rig([{ ...berlin, effective: { from: day('2026-01-06'), to: day('2026-01-06') } }]);
    await rig.to(72 * HOUR);
    assert.deepEqual(rig.writes, ['24.00h P0@15=null', '30.00h P0@15=1', '44.00h P0@15=0']);
    assert.equal(rig.view().now.why, 'outside of the effective period');
  });

  it('tries again until it is verified, ever more slowly, and says why', async () => {
    const rig = new Rig([berlin]);
    rig.refuse = 4;
    await rig.to(40_000, 1_000);
    assert.deepEqual(rig.writes, []);
    assert.deepEqual([rig.view().targets[0]?.writing?.attempt, rig.view().targets[0]?.writing?.error], [5, 'no answer']);
    await rig.to(80_000, 1_000);
    assert.deepEqual(rig.writes, ['0.02h P0@15=null']);
    assert.equal(new Set(rig.ids).size, 5);
    assert.deepEqual(rig.view().targets, [{ point: 'P0', priority: 15, written: null }]);
  });

  for (const how of ['the device answers again', 'it answers the node that took over'] as const) {
    it(`waits no longer when ${how}, and as long as ever where it answers and refuses`, async () => {
      const rig = new Rig([berlin]);
      rig.refuse = 1_000_000;
      await rig.to(120_000, 1_000);
      const attempt = (): number | undefined => rig.view().targets[0]?.writing?.attempt;
      assert.equal(attempt(), 6, 'at 0, 5, 15, 35, 75 s; the next at 135 s');
      if (how === 'the device answers again') {
        rig.answers = false;
        await rig.to(121_000, 1_000);
        rig.answers = true;
      } else rig.world.failover();
      await rig.to(123_000, 1_000);
      assert.equal(attempt(), 7, 'at once, and only once');
      await rig.to(160_000, 1_000);
      assert.equal(attempt(), 7, 'then after 60 s again');
      rig.refuse = 0;
      rig.answers = false;
      await rig.to(162_000, 1_000);
      assert.deepEqual(rig.writes, []);
      rig.answers = true;
      await rig.to(164_000, 1_000);
      assert.equal(rig.writes.length, 1);
      assert.equal(new Set(rig.ids).size, rig.ids.length, 'each try is a command of its own');
    });
  }

  it('tries again within moments where this node was only waiting for its peer: an entry of a few seconds must not be passed over', async () => {
    const rig = new Rig([scheduleWith({ timezone: 'UTC', weekly: [[{ timeMs: 0, value: 1 }, { timeMs: 3_000, value: 2 }, { timeMs: 6_000, value: 3 }]] })]);
    await rig.to(2_900, 100);
    rig.code = 'FENCED';
    rig.refuse = 3;
    await rig.to(8_000, 100);
    assert.deepEqual(rig.writes.map((text) => text.split(' ')[1]), ['P0@15=1', 'P0@15=2', 'P0@15=3']);
  });

  it('gives up what is out of date by now', async () => {
    const rig = new Rig([berlin]);
    await rig.to(5.9 * HOUR);
    rig.refuse = 1_000_000;
    await rig.to(20 * HOUR + 30_000, 30_000);
    rig.refuse = 0;
    await rig.to(22 * HOUR);
    assert.deepEqual(rig.writes.map((text) => text.split(' ')[1]), ['P0@15=null', 'P0@15=0']);
  });

  it('does not try again what is in doubt and may not be repeated', async () => {
    const rig = new Rig([berlin]);
    await rig.to(5 * HOUR);
    rig.refuse = 1;
    rig.code = 'COMMAND_IN_DOUBT';
    await rig.to(19 * HOUR);
    assert.deepEqual(rig.writes, ['0.00h P0@15=null']);
  });

  it('never lets a later value be overtaken by an earlier one that is still on its way', async () => {
    const rig = new Rig([scheduleWith({ timezone: 'UTC', weekly: [values([1, 1], [2, 2], [3, 3])], default: 0 })]);
    await rig.to(0.5 * HOUR);
    rig.hold();
    await rig.to(3.5 * HOUR);
    assert.deepEqual(rig.writes, ['0.00h P0@15=0']);
    await rig.release();
    await rig.to(4 * HOUR);
    assert.deepEqual(rig.writes.map((text) => text.split(' ')[1]), ['P0@15=0', 'P0@15=1', 'P0@15=3']);
  });

  it('goes on with the very same write after a takeover, and writes nothing that is written', async () => {
    const rig = new Rig([berlin]);
    await rig.to(6.5 * HOUR);
    rig.world.failover();
    await rig.to(7 * HOUR);
    assert.deepEqual(rig.writes, ['0.00h P0@15=null', '6.00h P0@15=1']);
    rig.hold();
    await rig.to(20 * HOUR + MINUTE);
    rig.world.failover();
    await settle();
    assert.equal(rig.ids.at(-1), rig.ids.at(-2), 'the id of the write that is under way');
    assert.ok(rig.world.sameOnBoth());
  });

  for (const [night, changeMs] of [['spring', Date.UTC(2026, 2, 29, 1)], ['autumn', Date.UTC(2026, 9, 25, 1)]] as const) {
    it(`control moves every few minutes of the night in ${night} in which the clocks change: what is written, and when, stays the same`, async () => {
      const each = Array.from({ length: 24 * 60 }, (_, minute) => ({ timeMs: minute * MINUTE, value: minute }));
      const schedule = scheduleWith({ timezone: 'Europe/Berlin', weekly: Array.from({ length: 7 }, () => each) });
      const play = async (moves: boolean): Promise<string[]> => {
        const rig = new Rig([schedule], changeMs - 0.5 * HOUR);
        const random = seededRandom(`${night} moves`);
        for (let untilMs = 0; untilMs < 2 * HOUR; ) {
          untilMs += MINUTE * (random.below(4) + 1) + (random.next() < 0.5 ? 0 : random.below(MINUTE));
          await rig.to(Math.min(untilMs, 2 * HOUR), 20_000);
          if (moves) rig.world.failover();
        }
        assert.ok(rig.world.sameOnBoth());
        return rig.writes.map((text) => text.replace(/^(\S+)h/, (_, hours: string) => `${Math.floor((Number(hours) * HOUR + MONDAY - changeMs) / MINUTE + 0.35)}min`)); // (noted in hundredths of an hour, up to a tick later)
      };
      const calm = await play(false);
      assert.deepEqual(await play(true), calm);
      // Local minutes 01:30 to 01:59, then those from 03:00 on; in autumn 02:30 to 02:59, and nothing in the hour that comes again.
      const [before, after, gap] = night === 'spring' ? [90, 180, 0] : [150, 180, 60];
      const expected = [...Array.from({ length: 30 }, (_, at) => `${at - 30}min P0@15=${before + at}`), ...Array.from({ length: 91 - gap }, (_, at) => `${at + gap}min P0@15=${after + at}`)];
      assert.deepEqual(calm, expected);
    });
  }

  it('writes what is in force, and only that, when entries were missed while nobody ran', async () => {
    const rig = new Rig([berlin]);
    await rig.to(1 * HOUR);
    rig.world.here.publisher.close();
    rig.world.nowMs = 21 * HOUR;
    rig.world.failover();
    await rig.to(22 * HOUR);
    assert.deepEqual(rig.writes, ['0.00h P0@15=null', '21.00h P0@15=0']);
  });

  it('shows what is in force and what is ahead, and forgets schedules that are gone', async () => {
    const rig = new Rig([berlin]);
    await rig.to(7 * HOUR);
    assert.deepEqual(rig.world.keys('schedule'), ['schedule/S', 'schedule-target/S/15/P0']);
    const { now, next, preview } = rig.view();
    assert.deepEqual(now, { at: '2026-01-05T06:00:00.000Z', value: 1, why: 'Mon 06:00' });
    assert.deepEqual(next, { at: '2026-01-05T20:00:00.000Z', value: 0, why: 'Mon 20:00' });
    assert.equal(preview.length, 16);
    assert.deepEqual(preview[1], { at: '2026-01-06T00:00:00.000Z', value: null, text: 'relinquish', why: 'default' });
    rig.world.restart({ schedules: { schedules: [], calendars: [], effects: { write: async () => undefined, hasBegun: () => false } } });
    assert.deepEqual(rig.world.keys('schedule'), []);
  });

  for (const zone of ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'America/Santiago', 'Asia/Beirut']) {
    it(`runs a year in ${zone}, over both nights, with a takeover every few days`, async () => {
      const week = Array.from({ length: 7 }, (_, weekday) => [at(0, 15), at(2, 15), at(2, 45), at(6, 0), at(23, 45)].map((timeMs, index) => ({ timeMs, value: weekday * 5 + index })));
      const schedule = scheduleWith({ timezone: zone, weekly: week, default: -1 });
      const rig = new Rig([schedule], Date.UTC(2026, 0, 1, 12));
      for (let hour = 0; hour < 365 * 24; hour += 97) {
        await rig.to(hour * HOUR, 15 * MINUTE);
        rig.world.failover();
      }
      const untilMs = Date.UTC(2026, 0, 1, 12) + rig.world.nowMs;
      const expected = [...steps(schedule, new Map(), Date.UTC(2026, 0, 1, 12), 400)].filter((step) => step.atMs <= untilMs).map(({ atMs, value }) => `${((atMs - MONDAY) / HOUR).toFixed(2)}h P0@15=${String(value)}`);
      assert.deepEqual(rig.writes.slice(1), expected);
      assert.ok(expected.length > 2_100);
    });
  }
});
