/** Items by deadline, soonest first: a binary heap. An item may be in it more than once; who pops it checks. */
export class Deadlines {
  private readonly times: number[] = [];
  private readonly items: number[] = [];

  get size(): number {
    return this.times.length;
  }

  push(atMs: number, item: number): void {
    let at = this.times.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((this.times[parent] as number) <= atMs) break;
      this.set(at, this.times[parent] as number, this.items[parent] as number);
      at = parent;
    }
    this.set(at, atMs, item);
  }

  /** Takes out the soonest item if it is due by `nowMs`; undefined when none is. */
  popDue(nowMs: number): number | undefined {
    const first = this.times[0];
    if (first === undefined || first > nowMs) return undefined;
    const item = this.items[0] as number;
    const lastTime = this.times.pop() as number;
    const lastItem = this.items.pop() as number;
    const size = this.times.length;
    if (size === 0) return item;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= size) break;
      if (child + 1 < size && (this.times[child + 1] as number) < (this.times[child] as number)) child++;
      if ((this.times[child] as number) >= lastTime) break;
      this.set(at, this.times[child] as number, this.items[child] as number);
      at = child;
    }
    this.set(at, lastTime, lastItem);
    return item;
  }

  private set(at: number, timeMs: number, item: number): void {
    this.times[at] = timeMs;
    this.items[at] = item;
  }
}
