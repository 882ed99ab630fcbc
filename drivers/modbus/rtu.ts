import type { Framing, FoundFrame } from './framing.js';
import { answerLength, encapsulatedLength } from './pdu.js';

/** Framing on a serial line: MODBUS over Serial Line v1.02, clause 2.5.1 (RTU): unit, PDU, CRC, least byte first. */

const CRC_BYTES = 2;
const EXCEPTION_BIT = 0x80;
const EXCEPTION_PDU = 2;

const crcTable = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >> 1 : (crc >> 1) ^ 0xa001;
  return crc;
});

/** Clause 6.2.2 of the serial line specification. */
export function crc16(data: Uint8Array, from = 0, to = data.length): number {
  let crc = 0xffff;
  for (let index = from; index < to; index++) crc = (crc >> 8) ^ (crcTable[(crc ^ (data[index] ?? 0)) & 0xff] ?? 0);
  return crc;
}

export const rtuFraming: Framing = {
  encode: (unit, pdu) => {
    const frame = new Uint8Array(1 + pdu.length + CRC_BYTES);
    frame[0] = unit;
    frame.set(pdu, 1);
    const crc = crc16(frame, 0, 1 + pdu.length);
    frame[1 + pdu.length] = crc & 0xff;
    frame[2 + pdu.length] = crc >> 8;
    return frame;
  },
  wireLength: (pduLength) => 1 + pduLength + CRC_BYTES,
  find,
  whole: (data) => (isFrame(data, 0, data.length) ? { unit: data[0] ?? 0, pdu: data.subarray(1, data.length - CRC_BYTES) } : undefined),
};

/**
 * RTU has no start mark, and silence between frames does not survive a USB adapter or TCP: the answer is looked
 * for by what it must begin with, the length that the request implies, and its CRC.
 */
function find(data: Uint8Array, unit: number, request: Uint8Array): FoundFrame | undefined {
  const code = request[0] ?? 0;
  const expected = answerLength(request);
  for (let at = 0; at + 1 + EXCEPTION_PDU + CRC_BYTES <= data.length; at++) {
    if (data[at] !== unit) continue;
    const found = data[at + 1];
    let end: number;
    if (found === (code | EXCEPTION_BIT)) end = at + 1 + EXCEPTION_PDU + CRC_BYTES;
    else if (found === code) {
      const length = expected ?? encapsulatedLength(data, at + 1);
      if (length === undefined) continue;
      end = at + 1 + length + CRC_BYTES;
    } else continue;
    if (end <= data.length && isFrame(data, at, end)) return { start: at, end, pdu: new Uint8Array(data.subarray(at + 1, end - CRC_BYTES)) };
  }
  return undefined;
}

function isFrame(data: Uint8Array, from: number, to: number): boolean {
  // Unit, function and CRC are the least; 256 bytes the most (clause 2.5.1).
  if (to - from < 4 || to - from > 256) return false;
  return crc16(data, from, to - CRC_BYTES) === ((data[to - 2] ?? 0) | ((data[to - 1] ?? 0) << 8));
}
