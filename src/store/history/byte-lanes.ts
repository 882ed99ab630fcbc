const CELL_BYTES = 64;
/** Cells of one slab: 256 KB, which the system gives out page by page as they are used. */
const SLAB_CELLS = 4_096;
const NONE = 0xffff_ffff;

/**
 * Bytes that grow at the end, for tens of thousands of lanes at once: a lane is a chain of small cells in large slabs, so
 * that it costs what it holds and nothing that the garbage collector has to look at. Cells of a cleared lane are used again.
 */
export class ByteLanes {
  private readonly slabs: Uint8Array[] = [];
  /** By cell: the one that goes on, or that is free next. */
  private next = new Uint32Array(0);
  private free = NONE;
  private first = new Uint32Array(0);
  private last = new Uint32Array(0);
  private lengths = new Uint32Array(0);

  /** Bytes that the lane holds. */
  length(lane: number): number {
    return this.lengths[lane] ?? 0;
  }

  append(lane: number, bytes: Uint8Array): void {
    if (lane >= this.lengths.length) this.widen(lane);
    let length = this.lengths[lane] as number;
    for (let from = 0; from < bytes.length; ) {
      const at = length % CELL_BYTES;
      if (at === 0) this.extend(lane, length === 0);
      const cell = this.last[lane] as number;
      const count = Math.min(CELL_BYTES - at, bytes.length - from);
      const slab = this.slabs[Math.floor(cell / SLAB_CELLS)] as Uint8Array;
      const to = (cell % SLAB_CELLS) * CELL_BYTES + at;
      for (let index = 0; index < count; index++) slab[to + index] = bytes[from + index] as number;
      from += count;
      length += count;
    }
    this.lengths[lane] = length;
  }

  /** Writes what the lane holds into `into` from `at` on. */
  copy(lane: number, into: Uint8Array, at: number): void {
    let left = this.length(lane);
    for (let cell = this.first[lane] as number, to = at; left > 0; cell = this.next[cell] as number, to += CELL_BYTES, left -= CELL_BYTES) {
      const slab = this.slabs[Math.floor(cell / SLAB_CELLS)] as Uint8Array;
      const from = (cell % SLAB_CELLS) * CELL_BYTES;
      into.set(slab.subarray(from, from + Math.min(left, CELL_BYTES)), to);
    }
  }

  clear(lane: number): void {
    if (this.length(lane) === 0) return;
    this.next[this.last[lane] as number] = this.free;
    this.free = this.first[lane] as number;
    this.lengths[lane] = 0;
  }

  private extend(lane: number, isFirst: boolean): void {
    if (this.free === NONE) this.addSlab();
    const cell = this.free;
    this.free = this.next[cell] as number;
    if (isFirst) this.first[lane] = cell;
    else this.next[this.last[lane] as number] = cell;
    this.last[lane] = cell;
  }

  private addSlab(): void {
    const base = this.slabs.length * SLAB_CELLS;
    this.slabs.push(new Uint8Array(SLAB_CELLS * CELL_BYTES));
    if (base + SLAB_CELLS > this.next.length) this.next = widened(this.next, Math.max(base + SLAB_CELLS, this.next.length * 2));
    for (let cell = base + SLAB_CELLS - 1; cell >= base; cell--) {
      this.next[cell] = this.free;
      this.free = cell;
    }
  }

  private widen(lane: number): void {
    const size = Math.max(64, lane + 1, this.lengths.length * 2);
    this.first = widened(this.first, size);
    this.last = widened(this.last, size);
    this.lengths = widened(this.lengths, size);
  }
}

function widened(from: Uint32Array<ArrayBuffer>, size: number): Uint32Array<ArrayBuffer> {
  const wide = new Uint32Array(size);
  wide.set(from);
  return wide;
}
