import type { PollResult } from '../../src/contract/driver.js';
import { messageOf } from '../../src/contract/errors.js';
import type { PollClass } from '../../src/contract/point.js';
import { BlockReader } from './block-reader.js';
import { Holes } from './holes.js';
import { planBlocks, spareWithin, type PlanPoint, type Refused } from './plan.js';
import { PollRun, type PollGiven } from './poll-run.js';
import type { ModbusAddress, ModbusUnit } from './types.js';

interface ClassPlan {
  readonly version: number;
  readonly blocks: readonly BlockReader[];
  /** Points in holes, one block for each place. */
  readonly holed: readonly BlockReader[];
}

/** Reads the points of a class in blocks, and tells a refused register from a silent block from a dead device. */
export class Poller {
  readonly holes = new Holes();
  private readonly plans = new Map<PollClass, ClassPlan>();
  /** The last poll found nobody: one unanswered request is enough then. */
  private suspect = false;
  /** By class: blocks that were silent in the last poll. They are asked last, so that whether the device is there is known before. */
  private readonly quiet = new Map<PollClass, ReadonlySet<BlockReader>>();
  private readonly given: PollGiven;
  private readonly refuses: Refused;

  constructor(
    given: Omit<PollGiven, 'spare'>,
    private readonly device: ModbusUnit,
    private readonly points: ReadonlyMap<PollClass, readonly PlanPoint[]>,
    /** Places that can only be written: they are not read along with others either. */
    unread: readonly ModbusAddress[] = [],
  ) {
    this.refuses = (area, start, end) => this.holes.refuses(area, start, end) || unread.some((place) => place.area === area && place.offset < end && place.offset + place.count > start);
    this.given = { ...given, spare: spareWithin(device, this.refuses) };
  }

  async poll(pollClass: PollClass): Promise<PollResult> {
    const nowMs = this.given.clock.monotonicMs();
    this.holes.tick(nowMs);
    const { blocks, holed } = this.planOf(pollClass);
    const due: BlockReader[] = [];
    const known: BlockReader[] = [];
    for (const hole of holed) {
      const { area, start, count } = hole.block;
      // With nothing else to ask, a hole must say whether the device is there.
      const isDue = this.holes.due(area, start, count, nowMs) || (blocks.length === 0 && due.length === 0);
      (isDue ? due : known).push(hole);
    }
    const quiet = this.quiet.get(pollClass) ?? new Set();
    const asked = due.length === 0 ? blocks : [...blocks, ...due];
    const run = new PollRun(this.given, this.device, this.holes, quiet.size === 0 ? asked : quietLast(asked, quiet), this.suspect, quiet);
    for (const hole of known) run.emitHole(hole);
    const failure = await run.run();
    this.suspect = failure !== undefined;
    this.quiet.set(pollClass, new Set(run.quiet));
    return { reachable: !this.suspect, points: run.points, ...(failure === undefined ? {} : { error: messageOf(failure) }) };
  }

  private planOf(pollClass: PollClass): ClassPlan {
    const known = this.plans.get(pollClass);
    if (known?.version === this.holes.version) return known;
    const free: PlanPoint[] = [];
    const refused: PlanPoint[] = [];
    for (const point of this.points.get(pollClass) ?? []) {
      const { area, offset, count } = point.address;
      (this.holes.covers(area, offset, count) ? refused : free).push(point);
    }
    const plan: ClassPlan = {
      version: this.holes.version,
      blocks: planBlocks(free, this.device, this.refuses).map((block) => new BlockReader(block)),
      // Refusing every merge but that of one place: each hole is asked for by itself.
      holed: planBlocks(refused, { ...this.device, maxGap: -1 }, () => false).map((block) => new BlockReader(block)),
    };
    this.plans.set(pollClass, plan);
    return plan;
  }
}

function quietLast(blocks: readonly BlockReader[], quiet: ReadonlySet<BlockReader>): readonly BlockReader[] {
  return [...blocks.filter((block) => !quiet.has(block)), ...blocks.filter((block) => quiet.has(block))];
}
