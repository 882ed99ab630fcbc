import { Subject, type Observable } from 'rxjs';
import { TandemError, type EpochEntry, type Position } from '../contract/index.js';
import { epochFromJson, NO_POSITION } from './epoch-list.js';
import type { Frame } from './frame.js';
import { Image } from './image.js';
import { KeyedState } from './keyed-state.js';
import type { PointTable } from './point-table.js';

/** Everything that the two nodes hold in common: image, keyed state, and how far it has got. */
export class PairState {
  private values: Image;
  private readonly tables = new Subject<PointTable>();
  readonly keyed = new KeyedState();
  private at: Position = NO_POSITION;
  private time = 0;
  /** Of the keyed state, which is asked with every command; forgotten when an activation is added. */
  private activations: readonly EpochEntry[] | undefined;

  /** `tableOf` tells the table of a frame that is of another configuration than this state; undefined where it is not known here. */
  constructor(
    table: PointTable,
    private readonly tableOf: (frame: Frame) => PointTable | undefined = () => undefined,
  ) {
    this.values = new Image(table);
  }

  /** Of the configuration in force. */
  get table(): PointTable {
    return this.values.table;
  }

  get image(): Image {
    return this.values;
  }

  /** Each table that comes into force, at once: before the frame that brought it is seen anywhere. */
  get tables$(): Observable<PointTable> {
    return this.tables;
  }

  /** Puts another configuration into force (rule 12). What points have in common goes by name. */
  retable(table: PointTable): void {
    this.values = this.values.under(table);
    this.tables.next(table);
  }

  get position(): Position {
    return this.at;
  }

  /** Pair time of the last frame, milliseconds since 1970. */
  get pairTimeMs(): number {
    return this.time;
  }

  /** Activations, oldest first. */
  epochs(): readonly EpochEntry[] {
    return (this.activations ??= [...this.keyed.entries('epoch/')].map(([, value]) => epochFromJson(value)).sort((a, b) => a.number - b.number));
  }

  /** Notes a frame that this node has cut from its own image. */
  sealed(frame: Frame): void {
    this.keyed.apply(frame.puts, frame.seq);
    if (frame.snapshot === true || frame.puts.some((put) => put.key.startsWith('epoch/'))) this.activations = undefined;
    this.at = { epoch: frame.epoch, seq: frame.seq };
    this.time = frame.pairTimeMs;
  }

  /**
   * Takes over a frame from the active node or the journal.
   * @throws LINK_MALFORMED for a gap, LINK_REVISION for another configuration.
   */
  apply(frame: Frame): void {
    const isOther = frame.revision !== this.table.revision;
    const table = isOther ? this.tableOf(frame) : undefined;
    if (isOther && table === undefined) {
      throw new TandemError('LINK_REVISION', `frame ${frame.seq} is of configuration ${frame.revision}, this node runs ${this.table.revision}`);
    }
    if (frame.snapshot !== true) {
      if (frame.fromSeq > this.at.seq + 1) throw new TandemError('LINK_MALFORMED', `frames ${this.at.seq + 1} to ${frame.fromSeq - 1} are missing`);
      if (frame.seq <= this.at.seq) return;
    }
    if (table !== undefined) this.retable(table);
    if (frame.snapshot === true) {
      this.image.clear();
      this.keyed.clear(frame.seq);
    }
    this.image.apply(frame.values, frame.seq);
    this.keyed.apply(frame.puts, frame.seq);
    if (frame.snapshot === true || frame.puts.some((put) => put.key.startsWith('epoch/'))) this.activations = undefined;
    this.at = { epoch: frame.epoch, seq: frame.seq };
    this.time = frame.pairTimeMs;
  }
}
