import type { Json, Put } from './frame.js';

interface Cell {
  readonly value: Json;
  readonly seq: number;
}

/**
 * Everything small that both nodes must agree on, by key: alarm states, commands, epochs, definitions. Each
 * key remembers the frame of its last change; a deletion leaves a tombstone, so that "everything after frame
 * N" includes it.
 */
export class KeyedState {
  private readonly cells = new Map<string, Cell>();
  private floor = 0;

  get(key: string): Json | undefined {
    return this.cells.get(key)?.value ?? undefined;
  }

  /** Live keys below `prefix`, in the order of their first appearance. */
  *entries(prefix: string): Generator<readonly [key: string, value: Json]> {
    for (const [key, cell] of this.cells) if (cell.value !== null && key.startsWith(prefix)) yield [key, cell.value];
  }

  apply(puts: readonly Put[], seq: number): void {
    for (const put of puts) this.cells.set(put.key, { value: put.value, seq: put.seq ?? seq });
  }

  /** What changed after frame `seq`, deletions included. */
  changedSince(seq: number): Put[] {
    const puts: Put[] = [];
    for (const [key, cell] of this.cells) if (cell.seq > seq) puts.push({ key, value: cell.value, seq: cell.seq });
    return puts;
  }

  /** Nobody can be told what happened before this frame: tombstones up to it are gone. */
  get tombstoneFloor(): number {
    return this.floor;
  }

  dropTombstones(upToSeq: number): void {
    for (const [key, cell] of this.cells) {
      if (cell.value === null && cell.seq <= upToSeq) {
        this.cells.delete(key);
        this.floor = Math.max(this.floor, cell.seq);
      }
    }
  }

  clear(floor = 0): void {
    this.cells.clear();
    this.floor = floor;
  }
}
