import type { Clock } from '../../src/contract/clock.js';
import { isTandemError, type TandemError } from '../../src/contract/errors.js';
import { qualityOf, type Quality } from '../../src/contract/quality.js';
import type { SampleBatch } from '../../src/contract/samples.js';
import { BlockReader, TimeColumns } from './block-reader.js';
import type { Holes } from './holes.js';
import { exceptionOf, WITHDRAWN, type LinkAnswer, type LinkOutcome, type LinkRequest, type ModbusLink } from './link.js';
import { busyCodes, BUSY_DELAYS_MS, isBusy, requestPatiently, type Pauses } from './patience.js';
import { exceptionCode } from './pdu.js';
import { bisect, type Spare } from './plan.js';
import type { ModbusUnit } from './types.js';

const BAD_ADDRESS = qualityOf('bad', 'address');
const BAD_DEVICE = qualityOf('bad', 'device');
const BAD_COMMUNICATION = qualityOf('bad', 'communication');

export interface PollGiven {
  readonly clock: Clock;
  readonly link: ModbusLink;
  readonly pauses: Pauses;
  readonly emit: (batch: SampleBatch) => void;
  readonly spare: Spare;
}

/**
 * One poll. As many requests as may be in flight wait behind those that are, so that the next ones leave before an
 * answer is decoded. What goes wrong with a block is dealt with alone: meanwhile no other block is begun.
 */
export class PollRun {
  points = 0;
  private next = 0;
  private open = 0;
  private recovering = 0;
  private readonly returned: BlockReader[] = [];
  /** Blocks that another one has spoken for: they are asked once more, and no third time. */
  private readonly repeated = new Set<BlockReader>();
  /** The last block that was answered. */
  private spoke: BlockReader | undefined;
  private answered = false;
  private lastSilence: TandemError | undefined;
  /** Blocks without an answer, with no answered one between them. */
  private silentInRow = 0;
  private readonly silent: BlockReader[] = [];
  private failure: TandemError | undefined;
  private readonly times = new TimeColumns();
  private whenDone: () => void = () => undefined;

  /** `suspect`: the last poll found nobody, so one unanswered request is enough. */
  constructor(
    private readonly given: PollGiven,
    private readonly device: ModbusUnit,
    private readonly holes: Holes,
    private readonly blocks: readonly BlockReader[],
    private readonly suspect: boolean,
    /** Blocks that were silent last time: their silence says nothing, and they are not asked twice. */
    private readonly knownQuiet: ReadonlySet<BlockReader> = new Set(),
  ) {}

  /** Resolves with why the device is not reachable. */
  async run(): Promise<TandemError | undefined> {
    if (this.blocks.length === 0) return this.given.link.away;
    await new Promise<void>((resolve) => {
      this.whenDone = resolve;
      this.feed();
    });
    if (!this.answered) this.failure ??= this.lastSilence;
    if (this.failure === undefined) for (const reader of this.silent) this.emitAll(reader, BAD_COMMUNICATION);
    return this.failure;
  }

  /** Blocks that were not answered. */
  get quiet(): readonly BlockReader[] {
    return this.silent;
  }

  /** Points in a hole that is not asked for this time, so that their quality outlives a break. */
  emitHole(reader: BlockReader): void {
    this.emitAll(reader, BAD_ADDRESS);
  }

  private feed(): void {
    while (this.open < 2 * this.device.maxInFlight && this.recovering === 0 && this.failure === undefined) {
      const reader = this.returned.pop() ?? this.blocks[this.next++];
      if (reader === undefined) break;
      this.open++;
      this.submit(reader);
    }
    if (this.open === 0) this.whenDone();
  }

  private submit(reader: BlockReader): void {
    const mayRepeat = (!this.suspect || this.answered) && this.silentInRow === 0 && !this.repeated.has(reader) && !this.knownQuiet.has(reader);
    const request = new BlockRequest(this, reader, this.device, this.given.spare, mayRepeat);
    this.given.link.submit(request, request);
  }

  /** The block was answered with what was asked. */
  blockRead(reader: BlockReader, answer: LinkAnswer): void {
    this.accept(reader, answer);
    this.close();
  }

  blockFailed(reader: BlockReader, error: TandemError, mayRepeat: boolean): void {
    if (error === WITHDRAWN) {
      this.returned.push(reader);
      this.close();
    } else {
      this.recover(reader, error, mayRepeat).then(() => this.close(), () => this.close());
    }
  }

  private close(): void {
    this.open--;
    this.feed();
  }

  /** Never rejects. */
  private async recover(reader: BlockReader, error: TandemError, mayRepeat: boolean): Promise<void> {
    this.recovering++;
    this.given.link.withdraw(this);
    try {
      // The link is to come to rest first.
      await Promise.resolve();
      await this.resolveError(reader, error);
    } catch (first) {
      // Lost connections are worth one more try, as a device may close an idle one just when we ask.
      if (!mayRepeat || this.failure !== undefined || isTandemError(first, 'FIELD_UNREACHABLE')) this.judgeSilence(reader, first as TandemError);
      else if (isTandemError(first, 'FIELD_TIMEOUT')) await this.askAnother(reader);
      else await this.again(reader);
    } finally {
      this.recovering--;
    }
  }

  /**
   * A block was not answered in time. Whether the device has stopped or only does not answer this, another block tells at
   * once; where nothing has been heard in this poll, its points are not to be trusted until then.
   */
  private async askAnother(reader: BlockReader): Promise<void> {
    const other = this.returned.pop() ?? this.blocks[this.next++] ?? this.spoke;
    if (!this.answered && this.device.isDirect === true) for (const each of this.blocks) this.given.emit(each.all(BAD_COMMUNICATION, this.given.clock.wallMs()));
    if (other === undefined) {
      await this.again(reader);
      return;
    }
    this.repeated.add(reader);
    try {
      await this.readOrBisect(other);
    } catch (second) {
      this.silent.push(reader);
      this.failure ??= second as TandemError;
      return;
    }
    this.returned.push(reader);
  }

  private async again(reader: BlockReader): Promise<void> {
    try {
      await this.readOrBisect(reader);
    } catch (second) {
      this.judgeSilence(reader, second as TandemError);
    }
  }

  /** One silent block may be the device's quirk; two in a row, or one from a device that was away, is silence. */
  private judgeSilence(reader: BlockReader, error: TandemError): void {
    const silent = isTandemError(error, 'FIELD_TIMEOUT') || isTandemError(error, 'FIELD_MALFORMED');
    this.silentInRow++;
    this.lastSilence = error;
    this.silent.push(reader);
    if (!silent || (this.suspect && !this.answered) || (this.silentInRow > 1 && !this.knownQuiet.has(reader))) this.failure ??= error;
  }

  /** Throws what says nothing about the registers: silence, nonsense, a lost connection. */
  private async readOrBisect(reader: BlockReader): Promise<'whole' | 'partly'> {
    try {
      this.accept(reader, await this.request(reader));
      return 'whole';
    } catch (error) {
      return this.resolveError(reader, error as TandemError);
    }
  }

  private async resolveError(reader: BlockReader, given: TandemError): Promise<'whole' | 'partly'> {
    let error = given;
    if (isBusy(error)) {
      const [firstMs = 0, ...laterMs] = BUSY_DELAYS_MS;
      await this.given.pauses.wait(firstMs);
      try {
        this.accept(reader, await this.request(reader, laterMs));
        return 'whole';
      } catch (later) {
        error = later as TandemError;
      }
    }
    const code = exceptionOf(error);
    if (code === undefined || isTandemError(error, 'FIELD_UNREACHABLE')) throw error;
    this.heard();
    if (code !== exceptionCode.illegalAddress && code !== exceptionCode.illegalValue) {
      this.emitAll(reader, BAD_DEVICE);
      return 'partly';
    }
    return this.halve(reader);
  }

  private async halve(reader: BlockReader): Promise<'partly'> {
    const { area, start, count } = reader.block;
    const nowMs = this.given.clock.monotonicMs();
    const halves = bisect(reader.block);
    if (halves === undefined) {
      this.holes.add(area, start, count, nowMs);
      this.emitAll(reader, BAD_ADDRESS);
      return 'partly';
    }
    const first = await this.readOrBisect(new BlockReader(halves[0]));
    const second = await this.readOrBisect(new BlockReader(halves[1]));
    if (first === 'whole' && second === 'whole') this.holes.cut(area, halves[1].start, nowMs);
    return 'partly';
  }

  private request(reader: BlockReader, delaysMs = BUSY_DELAYS_MS): Promise<LinkAnswer> {
    const { link, pauses } = this.given;
    return requestPatiently(link, pauses, { unit: this.device.unit, pdu: reader.request, urgent: false, timeoutMs: this.device.timeoutMs, spare: this.given.spare }, busyCodes, delaysMs);
  }

  private accept(reader: BlockReader, { pdu, timeMs }: LinkAnswer): void {
    this.heard();
    this.spoke = reader;
    const { area, start, count, points } = reader.block;
    if (this.holes.count > 0) this.holes.remove(area, start, count);
    this.points += points.length;
    this.given.emit(reader.decode(pdu, this.times.of(timeMs, points.length)));
  }

  private heard(): void {
    this.answered = true;
    this.silentInRow = 0;
  }

  private emitAll(reader: BlockReader, quality: Quality): void {
    this.points += reader.block.points.length;
    this.given.emit(reader.all(quality, this.given.clock.wallMs()));
  }
}

/** A read of a block and who is told of its end, as one object: there are tens of thousands of them a second. */
class BlockRequest implements LinkRequest, LinkOutcome {
  readonly urgent = false;
  readonly unit: number;
  readonly pdu: Uint8Array;
  readonly timeoutMs: number;

  constructor(readonly owner: PollRun, private readonly reader: BlockReader, { unit, timeoutMs }: ModbusUnit, readonly spare: Spare, private readonly mayRepeat: boolean) {
    this.unit = unit;
    this.pdu = reader.request;
    this.timeoutMs = timeoutMs;
  }

  resolve(answer: LinkAnswer): void {
    this.owner.blockRead(this.reader, answer);
  }

  reject(error: TandemError): void {
    this.owner.blockFailed(this.reader, error, this.mayRepeat);
  }
}
