import { isTandemError, messageOf, type PointDefinition, type PointValue, type ScheduleTarget, type ScheduleValue } from '../contract/index.js';
import type { FrameDraft, PairState } from '../image/index.js';
import { pointValue, readTarget, toJson, type TargetState, type Writing } from './schedule/schedule-keys.js';

export interface TargetWrite {
  readonly id: string;
  readonly point: string;
  readonly value: PointValue | null;
  readonly priority: number;
  readonly by: string;
  /** The same for all writes of one target: of those that are done only the last is remembered. */
  readonly writer: string;
  /** One of very many: not for the audit. */
  readonly isRoutine?: boolean;
}

/** What schedules and control programs do to the field; given by the gateway. */
export interface TargetEffects {
  /** Resolves when the value is verified. An id that has been executed, by whichever node, gives its outcome again. */
  write(write: TargetWrite): Promise<void>;
  /** Whether a write with this id has begun, on whichever node. */
  hasBegun(id: string): boolean;
  /** Whether a device answers this node now, as the active one. Left out: nobody knows, and no wait ends before its time. */
  answers?(device: string): boolean;
}

export interface TargetWriterOptions {
  /** Of its keyed state; unique for ever among all writers. */
  readonly key: string;
  readonly target: ScheduleTarget;
  /** Who writes, for the record. */
  readonly by: string;
  readonly isRoutine?: boolean;
}

/** Writers whose targets another node wrote to apart from the pair, where this frame takes that in (rule 9). */
export function writersApart({ adopted }: FrameDraft): ReadonlySet<string> {
  if (adopted === undefined || adopted.length === 0) return NOBODY;
  return new Set(adopted.flatMap(({ value }) => (value as { readonly writer?: string } | null)?.writer ?? []));
}

const NOBODY: ReadonlySet<string> = new Set();
const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 60_000;
/** Nothing is wrong with the device: this node had to wait for its peer's word, and has it back within moments as a rule. */
const FIRST_FENCED_RETRY_MS = 200;

/**
 * Brings one target to the value that is wanted: writes a difference only, one write at a time, again and again until
 * it is verified. Each step is in the keyed state before the field hears of it, so that the next node goes on with
 * the very same write instead of making another one of it.
 */
export class TargetWriter {
  private state: TargetState = {};
  private wanted: ScheduleValue | undefined;
  private isUnderWay = false;
  private outcome: { error?: unknown } | undefined;
  /** Since the write failed, the device has not answered this node: it was away, or another node has tried. */
  private wasAway = false;
  private readonly point: PointDefinition;

  constructor(
    private readonly options: TargetWriterOptions,
    private readonly pair: PairState,
    private readonly effects: TargetEffects,
  ) {
    this.point = pair.table.byId(options.target.point);
  }

  /** Of its keyed state. */
  get key(): string {
    return this.options.key;
  }

  /** The last value that was asked for; undefined: none since this activation began. */
  get goal(): ScheduleValue | undefined {
    return this.wanted;
  }

  /** Takes over where the frames so far have left it. */
  load(): void {
    this.state = readTarget(this.pair.keyed, this.key);
    this.wasAway = true;
  }

  want(value: ScheduleValue | undefined, draft: FrameDraft): void {
    this.wanted = value === null && !this.options.target.canRelinquish ? undefined : value;
    this.pursue(draft);
  }

  /** Looks at what has come of the write, and whether it is time for the next attempt. `apart`: see {@link writersApart}. */
  run(draft: FrameDraft, apart: ReadonlySet<string>): void {
    const { outcome } = this;
    // The field has what that node wrote last, whatever was verified here before (found by story 10529).
    const isLost = apart.has(this.key) && this.state.written !== undefined;
    if (isLost) this.put(this.state.writing === undefined ? {} : { writing: this.state.writing }, draft);
    if (outcome !== undefined) {
      this.outcome = undefined;
      this.isUnderWay = false;
      this.settle(outcome, draft);
      this.pursue(draft);
    } else if (isLost || (this.state.writing !== undefined && !this.isUnderWay)) {
      this.hurry(draft);
      this.pursue(draft);
    }
  }

  /**
   * A wait ends when the device answers again, or answers the node that has taken over: that the way to it was broken then,
   * or is at the other node, says nothing about now, and a person would see a plant that is there and not commanded.
   */
  private hurry(draft: FrameDraft): void {
    const { writing } = this.state;
    if (writing === undefined || writing.notBeforeMs <= draft.pairTimeMs || this.effects.answers === undefined) return;
    const answers = this.effects.answers(this.point.device);
    if (answers && this.wasAway) this.put({ ...this.state, writing: { ...writing, notBeforeMs: draft.pairTimeMs } }, draft);
    this.wasAway = !answers;
  }

  private pursue(draft: FrameDraft): void {
    if (this.isUnderWay) return;
    const { writing } = this.state;
    if (writing !== undefined) {
      // What has begun is seen to its end even if something else is wanted by now: two writes must not overtake each other.
      if (writing.value === this.wanted || this.effects.hasBegun(commandId(writing))) {
        if (writing.notBeforeMs <= draft.pairTimeMs) this.send(writing);
        return;
      }
      this.put(this.withoutWriting(), draft);
    }
    if (this.wanted === undefined || this.wanted === this.state.written) return;
    const next: Writing = { id: `${this.key}/${draft.epoch.number}.${draft.seq}`, value: this.wanted, attempt: 1, notBeforeMs: draft.pairTimeMs };
    this.put({ ...this.state, writing: next }, draft);
    this.send(next);
  }

  private send(writing: Writing): void {
    this.isUnderWay = true;
    const write = { id: commandId(writing), point: this.point.name, value: pointValue(this.point, writing.value), priority: this.options.target.priority, by: this.options.by, writer: this.key, ...(this.options.isRoutine === true && { isRoutine: true }) };
    // Not within the draft: the write begins with a frame of its own.
    void Promise.resolve()
      .then(async () => this.effects.write(write))
      .then(() => (this.outcome = {}), (error: unknown) => (this.outcome = { error }));
  }

  private settle({ error }: { error?: unknown }, draft: FrameDraft): void {
    const { writing } = this.state;
    if (writing === undefined) return;
    const { value, attempt, id } = writing;
    // In doubt and not repeatable: it may have arrived, so it counts as written.
    if (error === undefined || isTandemError(error, 'COMMAND_IN_DOUBT')) {
      this.put({ written: value }, draft);
      return;
    }
    if (value !== this.wanted) {
      this.put(this.withoutWriting(), draft);
      return;
    }
    this.wasAway = this.effects.answers?.(this.point.device) === false;
    const firstMs = isTandemError(error, 'FENCED') || isTandemError(error, 'COMMAND_NOT_SENT') ? FIRST_FENCED_RETRY_MS : FIRST_RETRY_MS;
    const waitMs = Math.min(firstMs * 2 ** (attempt - 1), LONGEST_RETRY_MS);
    this.put({ ...this.state, writing: { id, value, attempt: attempt + 1, notBeforeMs: draft.pairTimeMs + waitMs, error: messageOf(error) } }, draft);
  }

  private withoutWriting(): TargetState {
    return this.state.written === undefined ? {} : { written: this.state.written };
  }

  private put(state: TargetState, draft: FrameDraft): void {
    this.state = state;
    draft.put(this.key, toJson(state));
  }
}

function commandId({ id, attempt }: Writing): string {
  return `${id}/${attempt}`;
}
