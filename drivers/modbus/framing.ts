/** How a PDU travels on a bus: RTU or ASCII. */
export interface Framing {
  encode(unit: number, pdu: Uint8Array): Uint8Array;
  /** Bytes on the wire for a PDU of that length. */
  wireLength(pduLength: number): number;
  /** The answer to a request anywhere in what was received; undefined while it is not there whole. */
  find(data: Uint8Array, unit: number, request: Uint8Array): FoundFrame | undefined;
  /** What `data` is when it is exactly one frame, whoever sent it. */
  whole(data: Uint8Array): { readonly unit: number; readonly pdu: Uint8Array } | undefined;
}

export interface FoundFrame {
  readonly start: number;
  readonly end: number;
  /** A copy. */
  readonly pdu: Uint8Array;
}
