import { EMPTY_TABLE, type Frame, type PointTable } from '../image/index.js';
import type { Database, Operation } from './database.js';
import { below, namesKey } from './keys.js';
import { remapFrame } from './remap.js';
import { decodeTable, encodeTable } from './table-row.js';

/** Points of the configuration in force, and of those that frames in the store are still of. */
export class Revisions {
  private readonly tables = new Map<string, PointTable>();
  private unwritten: Operation[] = [];

  constructor(
    private readonly db: Database,
    /** In force. */
    public table: PointTable,
  ) {}

  /** Frames that are appended from now on are of this table. */
  enter(table: PointTable): void {
    this.table = table;
    if (table === EMPTY_TABLE) return;
    this.tables.set(table.revision, table);
    this.unwritten.push({ type: 'put', key: namesKey(table.revision), value: encodeTable(table) });
  }

  /** What it says goes to disk together with the first frame that needs it. */
  takeRows(): Operation[] {
    return this.unwritten.splice(0);
  }

  /** What is known of the points of a revision, in id order. */
  async of(revision: string): Promise<PointTable> {
    const known = this.tables.get(revision);
    if (known !== undefined) return known;
    const table = decodeTable(revision, await this.db.get(namesKey(revision)));
    this.tables.set(revision, table);
    return table;
  }

  async inPresentTerms(frame: Frame): Promise<Frame> {
    return frame.revision === this.table.revision ? frame : remapFrame(frame, await this.of(frame.revision), this.table);
  }

  async keys(): Promise<string[]> {
    return this.db.keys(below(namesKey(''))).all();
  }

  /** Deletes the tables at `keys` that no frame in the store is of any more. */
  forget(keys: readonly string[], ofFrames: ReadonlySet<string>): Operation[] {
    const isNeeded = (revision: string): boolean => revision === this.table.revision || ofFrames.has(revision);
    for (const revision of this.tables.keys()) if (!isNeeded(revision)) this.tables.delete(revision);
    return keys.filter((key) => !isNeeded(key.slice(namesKey('').length))).map((key) => ({ type: 'del', key }));
  }
}
