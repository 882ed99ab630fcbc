import type { CloseReason } from '../../src/contract/index.js';
import type { VirtualClock } from '../virtual-time/index.js';
import { Pipe, type Journey, type Path } from './path.js';
import type { SimulatedHost } from './host.js';

export type Payload = string | Uint8Array;

interface EndEvents {
  onOpen?(): void;
  onPayload(payload: Payload): void;
  onClose(reason: CloseReason): void;
}

type Item = { readonly kind: 'open' } | { readonly kind: 'data'; readonly payload: Payload } | { readonly kind: 'close'; readonly reason: CloseReason };

/** One end of a connection, in the kernel of its host; what arrives is read when the host's process runs. */
export class End {
  events: EndEvents | undefined;
  private out: Pipe<Item> | undefined;
  private readonly inbox: { item: Item; bytes: number; journey: Journey }[] = [];
  private other: End | undefined;
  private over = false;
  private readBytes = 0;
  private seenBytes = 0;

  constructor(
    private readonly time: VirtualClock,
    readonly host: SimulatedHost,
    /** What the process itself is told when it destroys the connection. */
    private readonly ownReason: CloseReason,
  ) {
    host.ends.add(this);
  }

  /** Joins two ends; the paths lead to the other one and back. */
  static join(time: VirtualClock, a: End, b: End, there: Path, back: Path): void {
    a.other = b;
    b.other = a;
    a.out = new Pipe(time, there, () => b.host.kernelIsUp(), (item, bytes, journey) => b.arrive(item, bytes, journey));
    b.out = new Pipe(time, back, () => a.host.kernelIsUp(), (item, bytes, journey) => a.arrive(item, bytes, journey));
  }

  get peer(): End | undefined {
    return this.other;
  }

  get isOver(): boolean {
    return this.over;
  }

  /** Address of the other end; empty before the connection stands. */
  get remoteAddress(): string {
    return this.other?.host.address ?? '';
  }

  /** Something on the way has forgotten this connection: nothing of it arrives any more, and neither end is told. */
  forget(): void {
    this.out?.forget();
    this.other?.out?.forget();
  }

  get bufferedBytes(): number {
    return this.over ? 0 : (this.out?.bufferedBytes ?? 0);
  }

  /** As the process has read them: after a freeze what waits in the kernel does not count yet. */
  get bytesReceived(): number {
    return (this.seenBytes = Math.max(this.seenBytes, this.readBytes + (this.inbox.length === 0 ? (this.other?.out?.bytesOfNext ?? 0) : 0)));
  }

  send(payload: Payload): void {
    if (this.over) return;
    // Copied, as a socket would: the sender may use its memory again.
    const copy = typeof payload === 'string' ? payload : Uint8Array.from(payload);
    this.out?.send({ kind: 'data', payload: copy }, typeof copy === 'string' ? Buffer.byteLength(copy) : copy.length);
  }

  /** Tells the other end that the connection stands. */
  opened(): void {
    this.out?.send({ kind: 'open' }, 0);
  }

  /** By its own process. */
  destroy(toPeer: CloseReason = 'ended'): void {
    if (this.over) return;
    if (toPeer === 'reset') this.out?.dropUnsent();
    this.finish(toPeer);
    this.time.after(0, () => this.host.machine.enter(() => this.events?.onClose(this.ownReason)));
  }

  /** By the kernel, whose process is gone. */
  finish(toPeer: CloseReason): void {
    if (this.over) return;
    this.vanish();
    this.out?.dropBuffered();
    this.out?.send({ kind: 'close', reason: toPeer }, 0);
  }

  /** Without power: what its kernel had not sent yet is gone, and nobody is told. */
  lose(): void {
    this.vanish();
    this.out?.dropUnsent();
  }

  /** The connection is over on this side, and nobody is told. */
  vanish(): void {
    this.over = true;
    this.host.ends.delete(this);
  }

  /** Over, as its process is told. */
  close(reason: CloseReason): void {
    if (this.over) return;
    this.vanish();
    this.events?.onClose(reason);
  }

  /** Given up by its own kernel before it stood. */
  giveUp(reason: CloseReason): void {
    if (this.over) return;
    this.finish('ended');
    this.events?.onClose(reason);
  }

  private arrive(item: Item, bytes: number, journey: Journey): void {
    if (this.over) {
      this.other?.out?.read(bytes);
      // A kernel that knows nothing of the connection (it has started again) answers with a reset.
      if (item.kind === 'data') this.out?.send({ kind: 'close', reason: 'reset' }, 0);
      return;
    }
    this.inbox.push({ item, bytes, journey });
    // One message per turn of the process, in the order of arrival, whatever waited through a freeze.
    this.host.machine.enter(() => this.readOne());
  }

  private readOne(): void {
    const first = this.inbox.shift();
    if (first === undefined || this.over) return;
    const { item, bytes, journey } = first;
    this.other?.out?.read(bytes);
    this.readBytes += bytes;
    if (item.kind === 'open') this.events?.onOpen?.();
    else if (item.kind === 'data') {
      this.host.reading = journey;
      this.events?.onPayload(item.payload);
      this.host.reading = undefined;
    } else this.close(item.reason);
  }
}
