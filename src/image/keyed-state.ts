import type { Json, Put } from './frame.js';
import { KeyedIndex } from './keyed-index.js';

interface Cell {
  readonly value: Json;
  readonly seq: number;
}

/** More are dropped, oldest first: each walk over all that has changed pays for them, and whoever was away for longer takes a snapshot. */
const MOST_TOMBSTONES = 10_000;

interface Family {
  readonly live: Map<string, Cell>;
  readonly gone: Map<string, Cell>;
  /** By field: made when it is first asked for. */
  readonly indexes: Map<string, KeyedIndex>;
}

/**
 * Everything small that both nodes must agree on, by key: alarm states, commands, epochs, definitions. Each
 * key remembers the frame of its last change; a deletion leaves a tombstone, so that "everything after frame
 * N" includes it.
 */
export class KeyedState {
  private readonly cells = new Map<string, Cell>();
  /**
   * By what stands before the first `/` of a key: whoever asks for a family must not pay for all the others, nor for what
   * is gone. A busy pair has many tombstones of forgotten commands.
   */
  private readonly families = new Map<string, Family>();
  private floor = 0;

  get(key: string): Json | undefined {
    return this.cells.get(key)?.value ?? undefined;
  }

  /** Live keys below `prefix`, in the order in which they came to live. */
  *entries(prefix: string): Generator<readonly [key: string, value: Json]> {
    for (const [key, { value }] of prefix.includes('/') ? this.family(prefix).live : this.cells) {
      if (value !== null && key.startsWith(prefix)) yield [key, value];
    }
  }

  /** Live keys of one family (`command/`) whose values have `name` in `field`: the first question makes an index, the others cost what they find. */
  *entriesWith(family: string, field: string, name: string): Generator<readonly [key: string, value: Json]> {
    for (const key of this.index(family, field).with(name)) {
      const value = this.get(key);
      if (value !== undefined) yield [key, value];
    }
  }

  apply(puts: readonly Put[], seq: number): void {
    for (const put of puts) {
      const cell = { value: put.value, seq: put.seq ?? seq };
      const { live, gone, indexes } = this.family(put.key);
      for (const index of indexes.values()) index.change(put.key, this.cells.get(put.key)?.value ?? null, put.value);
      // The order of the cells, which a snapshot has, is that of the families.
      if (put.value !== null && gone.delete(put.key)) this.cells.delete(put.key);
      this.cells.set(put.key, cell);
      if (put.value === null) {
        live.delete(put.key);
        gone.set(put.key, cell);
      } else {
        live.set(put.key, cell);
      }
    }
  }

  /** What changed after frame `seq`, deletions included: of everything, or of one family (`alarm/`). */
  changedSince(seq: number, family?: string): Put[] {
    const puts: Put[] = [];
    const look = (cells: ReadonlyMap<string, Cell>): void => {
      for (const [key, cell] of cells) if (cell.seq > seq) puts.push({ key, value: cell.value, seq: cell.seq });
    };
    if (family === undefined) {
      look(this.cells);
    } else {
      const { live, gone } = this.family(family);
      look(live);
      look(gone);
    }
    return puts;
  }

  /** Nobody can be told what happened before this frame: tombstones up to it are gone. */
  get tombstoneFloor(): number {
    return this.floor;
  }

  dropTombstones(upToSeq: number): void {
    const upTo = Math.max(upToSeq, this.seqOfTooMany());
    for (const { gone } of this.families.values()) {
      for (const [key, { seq }] of gone) {
        if (seq > upTo) continue;
        gone.delete(key);
        this.cells.delete(key);
        this.floor = Math.max(this.floor, seq);
      }
    }
  }

  clear(floor = 0): void {
    this.cells.clear();
    this.families.clear();
    this.floor = floor;
  }

  private seqOfTooMany(): number {
    const seqs = [...this.families.values()].flatMap(({ gone }) => [...gone.values()].map(({ seq }) => seq));
    if (seqs.length <= MOST_TOMBSTONES) return 0;
    return seqs.sort((a, b) => b - a)[MOST_TOMBSTONES] ?? 0;
  }

  private index(family: string, field: string): KeyedIndex {
    const { live, indexes } = this.family(family);
    let index = indexes.get(field);
    if (index !== undefined) return index;
    indexes.set(field, (index = new KeyedIndex(field)));
    for (const [key, { value }] of live) index.change(key, null, value);
    return index;
  }

  private family(key: string): Family {
    const name = familyOf(key);
    let family = this.families.get(name);
    if (family === undefined) this.families.set(name, (family = { live: new Map(), gone: new Map(), indexes: new Map() }));
    return family;
  }
}

function familyOf(key: string): string {
  const slash = key.indexOf('/');
  return slash < 0 ? '' : key.slice(0, slash);
}
