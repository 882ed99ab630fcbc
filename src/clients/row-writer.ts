/** Writes the rows of a `changes` or `snapshot` message. */
export interface RowWriter {
  /** `text` in place of `value` where the point has one. */
  add(id: number, isBoolean: boolean, value: number, text: string | bigint | undefined, quality: number, timeMs: number, seq: number): void;
  /** All rows so far, and begins anew. */
  take(): Buffer;
}
