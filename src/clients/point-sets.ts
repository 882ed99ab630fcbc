import type { Role, RowFormat } from '../contract/index.js';
import type { PointTable } from '../image/index.js';
import { PointSet, type EncodeCounters } from './point-set.js';
import type { Reach } from './reach.js';

/** The sets in use, by what was asked for. */
export class PointSets {
  readonly counters: EncodeCounters = { frames: 0, snapshots: 0, merges: 0 };
  private readonly sets = new Map<string, PointSet>();

  constructor(private readonly role: () => Role) {}

  /** Who sees the same part of the site shares its sets. */
  take(table: PointTable, patterns: readonly string[], format: RowFormat = 'json', reach?: Reach): PointSet {
    const wanted = [...new Set(patterns)].sort();
    const key = JSON.stringify([table.revision, format, wanted, reach?.key ?? '']);
    let set = this.sets.get(key);
    // A table may be rebuilt under its old revision (a node that starts over); its sets are not to be mixed.
    if (set?.table !== table) {
      set = new PointSet(key, table, wanted, this.counters, this.role, format, reach?.seesAll === true ? undefined : reach);
      this.sets.set(key, set);
    }
    set.users++;
    return set;
  }

  release(set: PointSet): void {
    set.users--;
    if (set.users === 0 && this.sets.get(set.key) === set) this.sets.delete(set.key);
  }
}
