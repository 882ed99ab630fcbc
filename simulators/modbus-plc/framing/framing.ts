/** A request as it arrived. */
export interface PlcRequest {
  readonly unit: number;
  readonly pdu: Uint8Array;
  /** Transaction id; 0 where the framing has none. */
  readonly transaction: number;
  /** The bytes on the wire. */
  readonly frame: Uint8Array;
}

/** How requests and answers look on one connection. Keeps what has arrived of the next frame. */
export interface Framing {
  /** Whole requests among what has arrived; undefined when this cannot be the protocol. */
  read(data: Uint8Array): readonly PlcRequest[] | undefined;
  /** The line has been silent: what has come of a frame so far is nothing. Absent where frames do not end by silence. */
  forget?(): void;
  encode(unit: number, pdu: Uint8Array, transaction: number): Uint8Array;
  /** The frame with a wrong check sum; unchanged where there is none. */
  withBadCheck(frame: Uint8Array): Uint8Array;
}

export function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}
