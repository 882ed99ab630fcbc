import { Subject, type Observable } from 'rxjs';
import type { Clock, Epoch, SampleBatch, Timer, Timers } from '../contract/index.js';
import { SampleBuilder, TandemError } from '../contract/index.js';
import type { Frame, Json, LogEntry, Put, ValueColumns } from './frame.js';
import { nextCutMs, paced, UNPACED, type PaceRules } from './frame-pace.js';
import type { PairState } from './pair-state.js';

/** What functions see of a frame before it is sealed, and where they add their records. */
export interface FrameDraft {
  readonly seq: number;
  readonly epoch: Epoch;
  readonly pairTimeMs: number;
  readonly changes: ValueColumns;
  put(key: string, value: Json): void;
  log(kind: string, data: Json): void;
  /** What was logged in this draft so far. */
  readonly logs: readonly LogEntry[];
  /** Trend samples of this frame. */
  readonly samples: SampleBuilder;
  /** What another node had put apart from the pair, where this frame takes it in. */
  readonly adopted?: readonly Put[];
}

export interface PublisherOptions {
  readonly state: PairState;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Pair time now, milliseconds since 1970; never goes back. */
  readonly pairTime: () => number;
  /** Least distance of two frames under load, on average. A change in quiet is framed at once. */
  readonly frameMs: number;
  /** Adds to the image what follows from what is pending. */
  readonly beforeCut?: () => void;
  /** What is put into a frame because of the trend samples in it. */
  readonly withSamples?: (samples: SampleBatch, pairTimeMs: number) => readonly Put[];
}

/**
 * How close frames may be after quiet, and how many of them: 10,000 registers of one device come within 10 to 30 ms.
 */
const BURST = { quickMs: 5, burst: 6 };

/** Cuts the image of the active node into frames. Works between {@link open} and {@link close} only. */
export class Publisher {
  private readonly drafts = new Subject<FrameDraft>();
  private readonly sealed = new Subject<Frame>();
  private epoch: Epoch | undefined;
  private waiting: Timer | undefined;
  private scheduled = false;
  private pace = UNPACED;
  private puts: Put[] = [];
  private logs: LogEntry[] = [];
  private readonly samples = new SampleBuilder();

  constructor(private readonly options: PublisherOptions) {}

  /** Each draft, synchronously, before it is sealed: a value and the alarm that it caused travel together. */
  get drafts$(): Observable<FrameDraft> {
    return this.drafts;
  }

  /** Each sealed frame, synchronously. */
  get frames$(): Observable<Frame> {
    return this.sealed;
  }

  /** Begins an epoch. Nothing is framed before. */
  open(epoch: Epoch): void {
    this.epoch = epoch;
  }

  /**
   * Ends it. What has been taken in and is in no frame is forgotten: the other node never had it, and what is left must
   * be what both hold at this position.
   */
  close(): void {
    this.epoch = undefined;
    this.options.state.image.revert();
    this.waiting?.cancel();
    this.waiting = undefined;
  }

  /** Samples of the field. While closed they are nobody's: what this node holds then comes from the active one, or the disk. */
  ingest(batch: SampleBatch): void {
    if (this.epoch === undefined) return;
    this.options.state.image.ingest(batch);
    if (this.options.state.image.pending > 0) this.schedule();
  }

  /**
   * Frames what is pending together with these records, now. Returns the frame's seq.
   * @throws FENCED where the publisher is closed: a record must not look written when it is not
   */
  record(puts: readonly Put[], logs: readonly { kind: string; data: Json }[] = []): number {
    if (this.epoch === undefined) throw new TandemError('FENCED', 'this node may not record anything: it is not active');
    return this.cut((draft) => {
      for (const put of puts) draft.put(put.key, put.value);
      for (const log of logs) draft.log(log.kind, log.data);
    });
  }

  /**
   * Frames what is pending together with what `add` puts into the draft, now. Returns the frame's seq. `add` must not throw.
   * @throws FENCED where the publisher is closed
   */
  recordWith(add: (draft: FrameDraft) => void): number {
    if (this.epoch === undefined) throw new TandemError('FENCED', 'this node may not record anything: it is not active');
    return this.cut(add);
  }

  /**
   * Takes over what another node recorded while the two were apart: log entries with their own ids and times, trend
   * samples with theirs. Returns the frame's seq.
   */
  adopt(entries: readonly LogEntry[], samples: SampleBatch, puts: readonly Put[]): number {
    if (this.epoch === undefined) throw new TandemError('FENCED', 'this node may not record anything: it is not active');
    return this.cut((draft) => {
      this.logs.push(...entries);
      const { points, values, qualities, times, texts, length } = samples;
      for (let row = 0; row < length; row++) draft.samples.add(points[row] as number, texts?.get(row) ?? (values[row] as number), qualities[row] as number, times[row] as number);
      for (const put of puts) draft.put(put.key, put.value);
    }, puts);
  }

  /** Lets the functions look at the time: frames only if a value is pending or one of them has something to say. */
  tick(): void {
    this.cut(undefined);
  }

  /** Frames everything that is pending and returns the seq of the last frame there is. */
  cut(add?: (draft: FrameDraft) => void, adopted: readonly Put[] = []): number {
    const { state, clock, pairTime } = this.options;
    if (this.epoch === undefined) return state.position.seq;
    this.waiting?.cancel();
    this.waiting = undefined;
    this.options.beforeCut?.();
    const seq = state.position.seq + 1;
    const epoch = this.epoch;
    const pairTimeMs = Math.max(pairTime(), state.pairTimeMs);
    const changes = state.image.cut(seq);
    this.puts = [];
    this.logs = [];
    const draft: FrameDraft = {
      seq,
      epoch,
      pairTimeMs,
      changes,
      samples: this.samples,
      logs: this.logs,
      adopted,
      put: (key, value) => void this.puts.push({ key, value }),
      log: (kind, data) => void this.logs.push({ id: `${epoch.number}.${seq}.${this.logs.length}.${epoch.nonce}`, kind, timeMs: pairTimeMs, data }),
    };
    add?.(draft);
    this.drafts.next(draft);
    if (changes.length === 0 && this.puts.length === 0 && this.logs.length === 0 && this.samples.length === 0) return state.position.seq;
    const samples = this.samples.take();
    if (samples.length > 0) this.puts.push(...(this.options.withSamples?.(samples, pairTimeMs) ?? []));
    const frame: Frame = {
      epoch,
      seq,
      fromSeq: seq,
      revision: state.table.revision,
      pairTimeMs,
      values: changes,
      samples,
      puts: this.puts,
      logs: this.logs,
    };
    state.sealed(frame);
    this.pace = paced(this.paceRules, this.pace, clock.monotonicMs());
    this.sealed.next(frame);
    return seq;
  }

  private get paceRules(): PaceRules {
    return { frameMs: this.options.frameMs, ...BURST };
  }

  private schedule(): void {
    if (this.waiting !== undefined || this.scheduled || this.epoch === undefined) return;
    const waitMs = nextCutMs(this.paceRules, this.pace) - this.options.clock.monotonicMs();
    if (waitMs > 0) {
      this.waiting = this.options.timers.after(waitMs, () => {
        this.waiting = undefined;
        this.cut();
      });
    } else {
      // Whatever else arrived in this turn of the event loop goes into the same frame.
      this.scheduled = true;
      this.options.timers.afterIo(() => {
        this.scheduled = false;
        this.cut();
      });
    }
  }
}
