import type { Framing, FoundFrame } from './framing.js';

/** Framing as text: MODBUS over Serial Line v1.02, clause 2.5.2 (ASCII): a colon, hexadecimal digits, LRC, CR LF. */

const COLON = 0x3a;
const CR = 0x0d;
const LF = 0x0a;
const DIGITS = '0123456789ABCDEF';

export const asciiFraming: Framing = {
  encode: (unit, pdu) => {
    const bytes = [unit, ...pdu];
    const text = [...bytes, lrc(bytes)].map((byte) => `${DIGITS[byte >> 4] ?? ''}${DIGITS[byte & 15] ?? ''}`).join('');
    return Uint8Array.from([COLON, ...Array.from(text, (digit) => digit.charCodeAt(0)), CR, LF]);
  },
  wireLength: (pduLength) => 1 + 2 * (pduLength + 2) + 2,
  find: (data, unit, request) => {
    const code = request[0] ?? 0;
    for (let start = data.indexOf(COLON); start >= 0; start = data.indexOf(COLON, start + 1)) {
      const frame = frameAt(data, start);
      if (frame?.unit !== unit || ((frame.pdu[0] ?? 0) & 0x7f) !== code) continue;
      return { start, end: frame.end, pdu: frame.pdu } satisfies FoundFrame;
    }
    return undefined;
  },
  whole: (data) => {
    const frame = frameAt(data, 0);
    return frame?.end === data.length ? { unit: frame.unit, pdu: frame.pdu } : undefined;
  },
};

/** The two's complement of the sum (clause 6.2.1 of the serial line specification). */
export function lrc(bytes: readonly number[]): number {
  return -bytes.reduce((sum, byte) => sum + byte, 0) & 0xff;
}

function frameAt(data: Uint8Array, start: number): { unit: number; pdu: Uint8Array; end: number } | undefined {
  if (data[start] !== COLON) return undefined;
  const bytes: number[] = [];
  for (let at = start + 1; at + 1 < data.length; at += 2) {
    if (data[at] === CR) {
      if (data[at + 1] !== LF || bytes.length < 3 || bytes.reduce((sum, byte) => sum + byte, 0) % 256 !== 0) return undefined;
      return { unit: bytes[0] ?? 0, pdu: Uint8Array.from(bytes.slice(1, -1)), end: at + 2 };
    }
    const [high, low] = [digit(data[at]), digit(data[at + 1])];
    if (high === undefined || low === undefined) return undefined;
    bytes.push(16 * high + low);
  }
  return undefined;
}

function digit(code: number | undefined): number | undefined {
  const value = DIGITS.indexOf(String.fromCharCode(code ?? 0));
  return value < 0 ? undefined : value;
}
