import type { PollResult } from '../../src/contract/driver.js';
import { isTandemError, messageOf } from '../../src/contract/errors.js';
import type { PointValue, PollClass } from '../../src/contract/point.js';
import { GOOD, qualityOf, type Quality } from '../../src/contract/quality.js';
import { SampleBuilder, type SampleBatch } from '../../src/contract/samples.js';
import type { Clock } from '../../src/contract/clock.js';
import { decodeBit, decodeRegisters } from './codec.js';
import { Holes } from './holes.js';
import { exceptionOf, type LinkAnswer, type ModbusLink } from './link.js';
import { requestPatiently, type Pauses } from './patience.js';
import { exceptionCode, isBitArea, READ_DATA_OFFSET, readRequest } from './pdu.js';
import { bisect, planBlocks, type Block, type PlanPoint } from './plan.js';
import type { ModbusUnit } from './types.js';

const BAD_ADDRESS = qualityOf('bad', 'address');
const BAD_DEVICE = qualityOf('bad', 'device');
const BAD_FORMAT = qualityOf('bad', 'format');
const BAD_COMMUNICATION = qualityOf('bad', 'communication');

interface ClassPlan {
  readonly version: number;
  readonly blocks: readonly Block[];
  /** Points in holes, one block for each place. */
  readonly holed: readonly Block[];
}

/** What one poll has seen so far. */
interface PollState {
  answered: boolean;
  lastSilence: unknown;
  /** Blocks without an answer, with no answered one between them. */
  silentInRow: number;
  readonly silent: Block[];
  failure: unknown;
  points: number;
}

/** Reads the points of a class in blocks, and tells a refused register from a silent block from a dead device. */
export class Poller {
  readonly holes = new Holes();
  /** Filled and taken in one go, so one serves all blocks. */
  private readonly samples = new SampleBuilder();
  private readonly plans = new Map<PollClass, ClassPlan>();
  /** The last poll found nobody: one unanswered request is enough then. */
  private suspect = false;

  constructor(
    private readonly given: { readonly clock: Clock; readonly link: ModbusLink; readonly pauses: Pauses; readonly emit: (batch: SampleBatch) => void },
    private readonly device: ModbusUnit,
    private readonly points: ReadonlyMap<PollClass, readonly PlanPoint[]>,
  ) {}

  async poll(pollClass: PollClass): Promise<PollResult> {
    const state: PollState = { answered: false, lastSilence: undefined, silentInRow: 0, silent: [], failure: undefined, points: 0 };
    const blocks = this.blocksToRead(pollClass, state);
    let next = 0;
    const work = async (): Promise<void> => {
      while (state.failure === undefined) {
        const block = blocks[next++];
        if (block === undefined) return;
        await this.readBlock(block, state);
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.device.maxInFlight, blocks.length) }, work));
    if (blocks.length === 0) state.failure = this.given.link.away;
    else if (!state.answered) state.failure ??= state.lastSilence;
    this.suspect = state.failure !== undefined;
    if (state.failure !== undefined) return { reachable: false, points: state.points, error: messageOf(state.failure) };
    for (const block of state.silent) this.emitAll(block, BAD_COMMUNICATION, state);
    return { reachable: true, points: state.points };
  }

  /** Also reports the points of holes that are not read this time, so that their quality outlives a break. */
  private blocksToRead(pollClass: PollClass, state: PollState): readonly Block[] {
    const nowMs = this.given.clock.monotonicMs();
    this.holes.tick(nowMs);
    const { blocks, holed } = this.planOf(pollClass);
    if (holed.length === 0) return blocks;
    const wanted = [...blocks];
    for (const hole of holed) {
      // With nothing else to ask, a hole must say whether the device is there.
      if (wanted.length === 0 || this.holes.due(hole.area, hole.start, hole.count, nowMs)) wanted.push(hole);
      else this.emitAll(hole, BAD_ADDRESS, state);
    }
    return wanted;
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
      blocks: planBlocks(free, this.device, (area, start, end) => this.holes.refuses(area, start, end)),
      // Refusing every merge but that of one place: each hole is asked for by itself.
      holed: planBlocks(refused, { ...this.device, maxGap: -1 }, () => false),
    };
    this.plans.set(pollClass, plan);
    return plan;
  }

  private async readBlock(block: Block, state: PollState): Promise<void> {
    const mayRepeat = !this.suspect && state.silentInRow === 0;
    for (let attempt = 0; state.failure === undefined; attempt++) {
      try {
        await this.readOrBisect(block, state);
        return;
      } catch (error) {
        // Lost connections are worth one more try, as a device may close an idle one just when we ask.
        if (attempt === 0 && mayRepeat && !isTandemError(error, 'FIELD_UNREACHABLE')) continue;
        this.judgeSilence(block, state, error);
        return;
      }
    }
  }

  /** One silent block may be the device's quirk; two in a row, or one from a device that was away, is silence. */
  private judgeSilence(block: Block, state: PollState, error: unknown): void {
    const silent = isTandemError(error, 'FIELD_TIMEOUT') || isTandemError(error, 'FIELD_MALFORMED');
    state.silentInRow++;
    state.lastSilence = error;
    state.silent.push(block);
    if (!silent || this.suspect || state.silentInRow > 1) state.failure ??= error;
  }

  /** Throws what says nothing about the registers: silence, nonsense, a lost connection. */
  private async readOrBisect(block: Block, state: PollState): Promise<'whole' | 'partly'> {
    try {
      this.accept(block, await this.request(block), state);
      return 'whole';
    } catch (error) {
      const code = exceptionOf(error);
      if (code === undefined || isTandemError(error, 'FIELD_UNREACHABLE')) throw error;
      this.answered(state);
      if (code !== exceptionCode.illegalAddress && code !== exceptionCode.illegalValue) {
        this.emitAll(block, BAD_DEVICE, state);
        return 'partly';
      }
    }
    const nowMs = this.given.clock.monotonicMs();
    const halves = bisect(block);
    if (halves === undefined) {
      this.holes.add(block.area, block.start, block.count, nowMs);
      this.emitAll(block, BAD_ADDRESS, state);
      return 'partly';
    }
    const first = await this.readOrBisect(halves[0], state);
    const second = await this.readOrBisect(halves[1], state);
    if (first === 'whole' && second === 'whole') this.holes.cut(block.area, halves[1].start, nowMs);
    return 'partly';
  }

  private request(block: Block): Promise<LinkAnswer> {
    return requestPatiently(this.given.link, this.given.pauses, {
      unit: this.device.unit,
      pdu: readRequest(block.area, block.start, block.count),
      urgent: false,
      timeoutMs: this.device.timeoutMs,
    });
  }

  private accept(block: Block, answer: LinkAnswer, state: PollState): void {
    this.answered(state);
    if (this.holes.count > 0) this.holes.remove(block.area, block.start, block.count);
    const { samples } = this;
    for (const { id, address } of block.points) {
      const value = valueIn(block, answer.pdu, address);
      samples.add(id, value ?? NaN, value === undefined ? BAD_FORMAT : GOOD, answer.timeMs);
    }
    state.points += samples.length;
    this.given.emit(samples.take());
  }

  private answered(state: PollState): void {
    state.answered = true;
    state.silentInRow = 0;
  }

  private emitAll(block: Block, quality: Quality, state: PollState): void {
    const timeMs = this.given.clock.wallMs();
    const { samples } = this;
    for (const { id } of block.points) samples.add(id, NaN, quality, timeMs);
    state.points += samples.length;
    this.given.emit(samples.take());
  }
}

/** A point's value in the answer to its block; undefined where the registers hold no number of its type. */
export function valueIn(block: Pick<Block, 'area' | 'start'>, pdu: Uint8Array, address: PlanPoint['address']): PointValue | undefined {
  const index = address.offset - block.start;
  if (!isBitArea(block.area)) return decodeRegisters(pdu, READ_DATA_OFFSET + 2 * index, address);
  return decodeBit(pdu, READ_DATA_OFFSET, index);
}
