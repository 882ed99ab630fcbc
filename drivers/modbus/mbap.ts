/** Framing on TCP: MODBUS Messaging on TCP/IP Implementation Guide v1.0b, clause 3.1.3 (the MBAP header). */

const HEADER = 7;
/** Length field: the unit and 1 to 253 bytes of PDU. */
const MIN_LENGTH = 2;
const MAX_LENGTH = 254;
const NOTHING = new Uint8Array(0);

/** A frame as it came; `pdu` is a view, valid until the buffer it came in is reused. */
export interface MbapFrame {
  readonly transaction: number;
  readonly unit: number;
  readonly pdu: Uint8Array;
}

export function encodeMbap(transaction: number, unit: number, pdu: Uint8Array): Uint8Array {
  const frame = new Uint8Array(HEADER + pdu.length);
  put(frame, 0, transaction, unit, pdu);
  return frame;
}

/** Of so many bytes frames are cut one after the other: a piece of memory for each would cost more than the frame. */
const SLAB_BYTES = 4096;

/** Gathers frames that are to leave together. */
export class MbapWriter {
  private slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  private from = 0;
  private end = 0;

  add(transaction: number, unit: number, pdu: Uint8Array): void {
    const bytes = HEADER + pdu.length;
    if (this.end + bytes > this.slab.length) this.renew(bytes);
    put(this.slab, this.end, transaction, unit, pdu);
    this.end += bytes;
  }

  /** What was gathered; undefined when that is nothing. It belongs to the caller: its bytes are not written again. */
  take(): Uint8Array | undefined {
    if (this.end === this.from) return undefined;
    const frames = this.slab.subarray(this.from, this.end);
    this.from = this.end;
    return frames;
  }

  private renew(bytes: number): void {
    const gathered = this.slab.subarray(this.from, this.end);
    this.slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, 2 * (gathered.length + bytes)));
    this.slab.set(gathered);
    this.from = 0;
    this.end = gathered.length;
  }
}

/**
 * Cuts a byte stream into frames. A header that cannot be (another protocol, an impossible length) breaks the
 * stream for good: there is nothing in it to find the next frame by. It breaks the frames before it in the same
 * chunk too: a frame that was cut short swallows the head of the next one, and only what follows shows it.
 */
export class MbapReader {
  private rest: Uint8Array = NOTHING;

  /** Bytes of a frame that has not come whole. */
  get pending(): number {
    return this.rest.length;
  }

  /** Returns the whole frames, or why the stream is broken. */
  push(chunk: Uint8Array): readonly MbapFrame[] | string {
    const data = this.rest.length === 0 ? chunk : join(this.rest, chunk);
    const frames: MbapFrame[] = [];
    let at = 0;
    for (;;) {
      const left = data.length - at;
      // Looked at as soon as it is there, see above.
      if ((left > 2 && data[at + 2] !== 0) || (left > 3 && data[at + 3] !== 0)) return 'another protocol than Modbus in the header';
      if (left < 6) break;
      const length = word(data, at + 4);
      if (length < MIN_LENGTH || length > MAX_LENGTH) return `length ${length} in the header`;
      if (left < 6 + length) break;
      frames.push({ transaction: word(data, at), unit: data[at + 6] ?? 0, pdu: data.subarray(at + HEADER, at + 6 + length) });
      at += 6 + length;
    }
    // Copied, because the chunk belongs to the socket.
    this.rest = at === data.length ? NOTHING : new Uint8Array(data.subarray(at));
    return frames;
  }
}

function put(into: Uint8Array, at: number, transaction: number, unit: number, pdu: Uint8Array): void {
  const length = pdu.length + 1;
  into[at] = transaction >> 8;
  into[at + 1] = transaction & 0xff;
  into[at + 2] = 0;
  into[at + 3] = 0;
  into[at + 4] = length >> 8;
  into[at + 5] = length & 0xff;
  into[at + 6] = unit;
  // Most are five bytes long, for which a call of set() costs more than this.
  for (let index = 0; index < pdu.length; index++) into[at + HEADER + index] = pdu[index] as number;
}

function word(data: Uint8Array, index: number): number {
  return ((data[index] ?? 0) << 8) | (data[index + 1] ?? 0);
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}
