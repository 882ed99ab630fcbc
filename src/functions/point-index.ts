/** From a point to the items that depend on it, as two arrays: no lookup by name or object on the way of a value. */
export class PointIndex {
  private readonly starts: Uint32Array;
  private readonly items: Uint32Array;

  /** `pointOf[item]` is the point that item depends on. */
  constructor(size: number, pointOf: readonly number[]) {
    this.starts = new Uint32Array(size + 1);
    this.items = new Uint32Array(pointOf.length);
    for (const point of pointOf) this.starts[point + 1] = (this.starts[point + 1] as number) + 1;
    for (let point = 0; point < size; point++) this.starts[point + 1] = (this.starts[point + 1] as number) + (this.starts[point] as number);
    const next = this.starts.slice();
    pointOf.forEach((point, item) => {
      const at = next[point] as number;
      this.items[at] = item;
      next[point] = at + 1;
    });
  }

  /**
   * Where the items of `point` begin, and where they end; {@link item} has each. This is asked for every change of a value:
   * a view of the array for each would cost more than everything else that is done with most of them.
   */
  first(point: number): number {
    return this.starts[point] as number;
  }

  end(point: number): number {
    return this.starts[point + 1] as number;
  }

  item(at: number): number {
    return this.items[at] as number;
  }
}
