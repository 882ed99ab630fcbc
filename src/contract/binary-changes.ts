/**
 * `changes` as bytes, for clients that subscribe with `rows: "binary"`; little endian. A third of the JSON for a plant's
 * numbers, and nothing to parse (docs/client-protocol.md has the same table).
 *
 *     0  u8   form of the message, 1       1  u8 ×3  0
 *     4  u32  bytes of the head            8  head: the message as JSON, without `values`
 *     then rows, each
 *        u8   bits 0–2 what the value is (BinaryValue); 8 quality follows, else 0; 16 source time follows, else that of the
 *             row before (0 in the first); 32 seq follows, else that of the row before (the head's in the first)
 *        u32  index of the point
 *        u8   quality, f64 source time, f64 seq: as far as the bits say
 *        value: nothing, i32, f32, f64, or u32 and so many bytes of UTF-8
 */
export const BINARY_CHANGES = 1;

export const BinaryValue = { none: 0, no: 1, yes: 2, int32: 3, float32: 4, float64: 5, text: 6 } as const;
export const BinaryFlag = { quality: 8, time: 16, seq: 32 } as const;
/** Bits of a row's first byte that say what the value is. */
export const BINARY_VALUE_BITS = 7;
export const BINARY_HEAD_AT = 8;
