import { formatEpoch, type Position, type PointDefinition, type Role, type RowFormat, type WireAlarm, type WireLog } from '../contract/index.js';
import type { Frame, LogEntry, PairState, PointTable, ValueColumns } from '../image/index.js';
import { BinaryRows } from './binary-rows.js';
import { isGlob, isTag, matchesPoint } from './glob.js';
import { JsonRows } from './json-rows.js';
import type { Reach } from './reach.js';
import { SharedMessage } from './shared-message.js';
import { addImageRow, ALARM_PREFIX, alarmsIn, alarmsOf, isClientLog, seqOfLog, wireLog, wirePoint } from './wire.js';

/** One of each for all: a message is made in one go. */
const written = { json: new JsonRows(), binary: new BinaryRows() } as const;
const NO_ROWS = Buffer.alloc(0);

/** Counts what was made, to prove that it is made once. */
export interface EncodeCounters {
  frames: number;
  snapshots: number;
  merges: number;
}

/**
 * The points that a list of patterns means, and the messages about them. Sessions that ask for the same
 * patterns in the same format share one of these, and with it every message.
 */
export class PointSet {
  /** Subscriptions that use it. */
  users = 0;
  readonly points: readonly PointDefinition[];
  private readonly member: Uint8Array;
  private readonly isBoolean: Uint8Array;
  private framed: { frame: Frame; message: SharedMessage | undefined } | undefined;
  private kept: { key: string; message: SharedMessage | undefined } | undefined;

  constructor(
    readonly key: string,
    readonly table: PointTable,
    patterns: readonly string[],
    private readonly counters: EncodeCounters,
    /** Of this node, which every message tells. */
    private readonly role: () => Role,
    readonly format: RowFormat = 'json',
    /** Of who does not see all of the site. */
    private readonly reach?: Reach,
  ) {
    this.member = new Uint8Array(table.size);
    this.isBoolean = new Uint8Array(table.size);
    const globs = patterns.filter((pattern) => isGlob(pattern) || isTag(pattern));
    for (const name of patterns) {
      const point = isGlob(name) || isTag(name) ? undefined : table.find(name);
      if (point !== undefined && this.sees(point)) this.member[point.id] = 1;
    }
    for (const point of table.all()) {
      if (point.kind === 'boolean') this.isBoolean[point.id] = 1;
      if (this.member[point.id] === 0 && globs.some((glob) => matchesPoint(glob, point)) && this.sees(point)) this.member[point.id] = 1;
    }
    this.points = table.all().filter((point) => this.member[point.id] === 1);
  }

  /** Which part of the site it shows; empty: all of it. */
  get scope(): string {
    return this.reach?.key ?? '';
  }

  /** What a frame means to this set; undefined when nothing. */
  ofFrame(frame: Frame): SharedMessage | undefined {
    if (this.framed?.frame === frame) return this.framed.message;
    this.kept = undefined;
    this.counters.frames++;
    const message = this.frameMessage(frame, 0);
    this.framed = { frame, message };
    return message;
  }

  /** The part of a merged frame that came after `seq`. For one session: it was somewhere inside the frame. */
  ofFrameAfter(frame: Frame, seq: number): SharedMessage | undefined {
    return this.frameMessage(frame, seq);
  }

  /** Everything that the set means, as of `position`, which must be the state's. */
  snapshot(state: PairState, position: Position, reset: boolean): SharedMessage {
    const key = `snapshot ${String(reset)} ${this.role()} ${keyOf(position)}`;
    if (this.kept?.key === key && this.kept.message !== undefined) return this.kept.message;
    this.counters.snapshots++;
    const at = JSON.stringify({ epoch: plainEpoch(position), seq: position.seq, revision: this.table.revision, ...(this.scope === '' ? {} : { scope: this.scope }) });
    for (const point of this.points) addImageRow(written.json, state.image, point);
    const rows = written.json.take();
    const alarms = JSON.stringify(this.seen(alarmsOf(state.keyed.entries('alarm/'))));
    const points = JSON.stringify(this.points.map(wirePoint));
    const message = new SharedMessage('snapshot', 'json', `"role":"${this.role()}","position":${at},"reset":${reset},"points":${points}`, rows, `,"alarms":${alarms}`);
    this.kept = { key, message };
    return message;
  }

  /** What changed after frame `seq` up to `position`, which must be the state's. Log entries are not in it. */
  since(state: PairState, seq: number, position: Position): SharedMessage | undefined {
    const key = `since ${seq} ${this.role()} ${keyOf(position)}`;
    if (this.kept?.key === key) return this.kept.message;
    this.counters.merges++;
    const rows = this.rows(state.image.changedSince(seq), position.seq, 0);
    const alarms = this.seen(alarmsIn(state.keyed.changedSince(seq, ALARM_PREFIX), state.pairTimeMs));
    const message = rows.length === 0 && alarms.length === 0 ? undefined : this.changes(position, rows, alarms.length === 0 ? '' : `,"alarms":${JSON.stringify(alarms)}`);
    this.kept = { key, message };
    return message;
  }

  /** A `changes` message without values, to carry what else is to be said. */
  empty(position: Position): SharedMessage {
    return this.changes(position, NO_ROWS, '');
  }

  /** Of log entries those that this set tells. */
  logs(entries: readonly LogEntry[]): WireLog[] {
    return entries.filter((entry) => isClientLog(entry) && this.reach?.seesLog(entry) !== false).map(wireLog);
  }

  private sees(point: PointDefinition): boolean {
    return this.reach?.sees(point) !== false;
  }

  private seen(alarms: readonly WireAlarm[]): readonly WireAlarm[] {
    const { reach } = this;
    return reach === undefined ? alarms : alarms.filter((alarm) => reach.seesAlarm(alarm));
  }

  /** Alarms and log entries of a frame, `,"alarms":…,"logs":…`. The same whatever the points: each screen shows the alarms of the plant. */
  private recordsOf(frame: Frame, afterSeq: number): string {
    if (frame.puts.length === 0 && frame.logs.length === 0) return '';
    const puts = afterSeq === 0 ? frame.puts : frame.puts.filter((put) => (put.seq ?? frame.seq) > afterSeq);
    const alarms = this.seen(alarmsIn(puts, frame.pairTimeMs));
    const logs = this.logs(afterSeq === 0 ? frame.logs : frame.logs.filter((entry) => seqOfLog(entry) > afterSeq));
    return (alarms.length === 0 ? '' : `,"alarms":${JSON.stringify(alarms)}`) + (logs.length === 0 ? '' : `,"logs":${JSON.stringify(logs)}`);
  }

  private frameMessage(frame: Frame, afterSeq: number): SharedMessage | undefined {
    const rows = this.rows(frame.values, frame.seq, afterSeq);
    const records = this.recordsOf(frame, afterSeq);
    return rows.length === 0 && records === '' ? undefined : this.changes(frame, rows, records);
  }

  private changes(position: Position, rows: Buffer, records: string): SharedMessage {
    return new SharedMessage('changes', this.format, `"role":"${this.role()}","epoch":${JSON.stringify(plainEpoch(position))},"seq":${position.seq}`, rows, records);
  }

  private rows(columns: ValueColumns, frameSeq: number, afterSeq: number): Buffer {
    const { points, values, qualities, times, texts, seqs, length } = columns;
    const into = written[this.format];
    for (let row = 0; row < length; row++) {
      const id = points[row] as number;
      if (this.member[id] !== 1) continue;
      const seq = seqs === undefined ? frameSeq : (seqs[row] as number);
      if (seq <= afterSeq) continue;
      into.add(id, this.isBoolean[id] === 1, values[row] as number, texts?.get(row), qualities[row] as number, times[row] as number, seq);
    }
    return into.take();
  }
}

function plainEpoch({ epoch }: Position): Position['epoch'] {
  return { number: epoch.number, node: epoch.node, nonce: epoch.nonce };
}

function keyOf(position: Position): string {
  return `${formatEpoch(position.epoch)} ${position.seq}`;
}
