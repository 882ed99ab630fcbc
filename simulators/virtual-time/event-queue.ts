import type { Timer } from '../../src/contract/index.js';

export interface QueuedEvent extends Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly run: () => void;
  readonly cancelled: boolean;
}

class Event implements QueuedEvent {
  cancelled = false;

  constructor(
    readonly dueMs: number,
    readonly order: number,
    readonly run: () => void,
    private readonly onCancel: () => void,
  ) {}

  cancel(): void {
    if (this.cancelled) return;
    this.cancelled = true;
    this.onCancel();
  }
}

/** A binary heap by (due, order of asking). Cancelled events are passed over when they come up. */
export class EventQueue {
  private readonly heap: Event[] = [];
  private asked = 0;
  private live = 0;

  get size(): number {
    return this.live;
  }

  add(dueMs: number, run: () => void): QueuedEvent {
    let taken = false;
    const event: Event = new Event(
      dueMs,
      this.asked++,
      () => {
        taken = true;
        run();
      },
      () => {
        if (!taken) this.live--;
      },
    );
    this.live++;
    this.push(event);
    return event;
  }

  /** An event that is kept elsewhere, in the same order of asking. */
  detached(dueMs: number, run: () => void): QueuedEvent {
    return new Event(dueMs, this.asked++, run, () => undefined);
  }

  peek(): QueuedEvent | undefined {
    while (this.heap[0]?.cancelled === true) this.pop();
    return this.heap[0];
  }

  take(): QueuedEvent | undefined {
    if (this.peek() === undefined) return undefined;
    this.live--;
    return this.pop();
  }

  private push(event: Event): void {
    const heap = this.heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(event, heap[parent] as Event)) break;
      heap[at] = heap[parent] as Event;
      at = parent;
    }
    heap[at] = event;
  }

  private pop(): Event | undefined {
    const heap = this.heap;
    const top = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Event, heap[child] as Event)) child++;
      if (!before(heap[child] as Event, last)) break;
      heap[at] = heap[child] as Event;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

function before(a: Event, b: Event): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}
