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
  /** Keys by what stands before their first `/`: whoever asks for a family must not pay for all the others. */
  private readonly families = new Map<string, Set<string>>();
  private floor = 0;

  get(key: string): Json | undefined {
    return this.cells.get(key)?.value ?? undefined;
  }

  /** Live keys below `prefix`, in the order of their first appearance. */
  *entries(prefix: string): Generator<readonly [key: string, value: Json]> {
    const keys = prefix.includes('/') ? this.families.get(familyOf(prefix)) : this.cells.keys();
    for (const key of keys ?? []) {
      const value = this.cells.get(key)?.value ?? null;
      if (value !== null && key.startsWith(prefix)) yield [key, value];
    }
  }

  apply(puts: readonly Put[], seq: number): void {
    for (const put of puts) {
      if (!this.cells.has(put.key)) this.join(put.key);
      this.cells.set(put.key, { value: put.value, seq: put.seq ?? seq });
    }
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
        this.families.get(familyOf(key))?.delete(key);
        this.floor = Math.max(this.floor, cell.seq);
      }
    }
  }

  clear(floor = 0): void {
    this.cells.clear();
    this.families.clear();
    this.floor = floor;
  }

  private join(key: string): void {
    const name = familyOf(key);
    const family = this.families.get(name);
    if (family === undefined) this.families.set(name, new Set([key]));
    else family.add(key);
  }
}

function familyOf(key: string): string {
  const slash = key.indexOf('/');
  return slash < 0 ? '' : key.slice(0, slash);
}
