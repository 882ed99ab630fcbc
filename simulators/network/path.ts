import type { SeededRandom, VirtualClock } from '../virtual-time/index.js';

/** What a kernel takes for one connection before its process has to buffer. */
export const KERNEL_BYTES = 256 << 10;

/** One direction between two hosts. Change its fields at any time; what is on its way already keeps its due time. */
export class Path {
  latencyMs = 0.5;
  /** Added to the latency, evenly up to this much. Order is kept. */
  jitterMs = 0.5;
  bytesPerMs = Infinity;
  private cutOff = false;
  private waiting = new Set<() => void>();

  constructor(private readonly random: SeededRandom) {}

  get isCut(): boolean {
    return this.cutOff;
  }

  /** Nothing arrives any more; TCP keeps what was sent and repeats it after {@link heal}. */
  cut(): void {
    this.cutOff = true;
  }

  heal(): void {
    this.cutOff = false;
    this.kick();
  }

  /** One draw of the latency. */
  delayMs(): number {
    return this.latencyMs + this.random.next() * this.jitterMs;
  }

  /** Calls `again` when something that kept messages from arriving has changed. */
  wait(again: () => void): void {
    this.waiting.add(again);
  }

  kick(): void {
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const again of waiting) again();
  }
}

/** What is known of something that arrives. */
export interface Journey {
  readonly sentMs: number;
  /** It did not get through at first, and the sender's kernel has sent it again: then it may arrive long after its process is gone. */
  readonly isRepeated: boolean;
}

export interface Parcel<T> extends Journey {
  readonly item: T;
  readonly bytes: number;
  /** Of the path, when it was sent. */
  readonly bytesPerMs: number;
  arrivalMs: number;
  isRepeated: boolean;
}

/** One direction of one connection: an ordered stream that takes its time, with what is under way in it. */
export class Pipe<T> {
  private readonly parcels: Parcel<T>[] = [];
  private busyUntilMs = 0;
  private lastArrivalMs = 0;
  private armed = false;
  private forgotten = false;
  private unread = 0;

  constructor(
    private readonly time: VirtualClock,
    private readonly path: Path,
    /** Whether the far kernel takes it now. */
    private readonly reachable: () => boolean,
    private readonly deliver: (item: T, bytes: number, journey: Journey) => void,
  ) {}

  /** What the sending process still has to hold. */
  get bufferedBytes(): number {
    return Math.max(0, this.unread - KERNEL_BYTES);
  }

  /** What the far kernel has of the message that is arriving, over a path that took its time when it was sent: it keeps its due time. */
  get bytesOfNext(): number {
    const [head] = this.parcels;
    if (head === undefined || head.bytesPerMs === Infinity || this.forgotten || this.path.isCut || !this.reachable()) return 0;
    return Math.floor(Math.min(head.bytes, Math.max(0, head.bytes - (head.arrivalMs - this.time.monotonicMs()) * head.bytesPerMs)));
  }

  send(item: T, bytes: number): void {
    const now = this.time.monotonicMs();
    this.busyUntilMs = Math.max(now, this.busyUntilMs) + bytes / this.path.bytesPerMs;
    this.lastArrivalMs = Math.max(this.lastArrivalMs, this.busyUntilMs + this.path.delayMs());
    this.unread += bytes;
    this.parcels.push({ item, bytes, bytesPerMs: this.path.bytesPerMs, sentMs: now, isRepeated: false, arrivalMs: this.lastArrivalMs });
    this.arm();
  }

  /** Nothing arrives any more, ever: a firewall or an address translation has lost its state. */
  forget(): void {
    this.forgotten = true;
  }

  /** The far process has read that much. */
  read(bytes: number): void {
    this.unread -= bytes;
  }

  /** The sender is gone: what its kernel had not taken is lost with it. */
  dropBuffered(): void {
    while (this.bufferedBytes > 0) {
      const last = this.parcels.pop();
      if (last === undefined) return;
      this.unread -= last.bytes;
    }
  }

  /** The sending kernel forgets what it holds (a reset, or no power): what was not on the wire yet never will be. */
  dropUnsent(): void {
    if (this.path.isCut) this.parcels.length = 0;
    const onTheWire = this.time.monotonicMs() + this.path.latencyMs + this.path.jitterMs;
    while ((this.parcels.at(-1)?.arrivalMs ?? 0) > onTheWire) this.parcels.pop();
  }

  private arm(): void {
    const head = this.parcels[0];
    if (this.armed || head === undefined) return;
    this.armed = true;
    this.time.after(head.arrivalMs - this.time.monotonicMs(), () => this.arrive());
  }

  private arrive(): void {
    this.armed = false;
    if (this.forgotten) return;
    if (this.path.isCut || !this.reachable()) {
      this.armed = true;
      this.path.wait(() => this.repeat());
      return;
    }
    const parcel = this.parcels.shift();
    if (parcel !== undefined) this.deliver(parcel.item, parcel.bytes, parcel);
    this.arm();
  }

  /** TCP tries again: everything that was held up arrives once more, in order. */
  private repeat(): void {
    this.armed = false;
    const atMs = this.time.monotonicMs() + this.path.delayMs();
    for (const parcel of this.parcels) {
      parcel.arrivalMs = Math.max(parcel.arrivalMs, atMs);
      parcel.isRepeated = true;
    }
    this.lastArrivalMs = Math.max(this.lastArrivalMs, atMs);
    this.arm();
  }
}
