import { join, type Framing, type PlcRequest } from './framing.js';
import { requestLength } from './request-length.js';

/** RTU frames, Modbus over Serial Line v1.02, clause 2.5.1; found by their length and check sum, for TCP keeps no silences. */
export function rtuFraming(): Framing {
  let rest: Uint8Array = new Uint8Array(0);
  return {
    read: (data) => {
      rest = join(rest, data);
      const requests: PlcRequest[] = [];
      for (;;) {
        const length = requestLength(rest);
        if (length === undefined || rest.length < length + 2) return requests;
        const frame = rest.slice(0, length + 2);
        const whole = checkSum(frame.subarray(0, -2)) === ((frame[length] ?? 0) | ((frame[length + 1] ?? 0) << 8));
        // Without a start mark the next byte is tried.
        rest = rest.slice(whole ? length + 2 : 1);
        if (whole) requests.push({ unit: frame[0] ?? 0, pdu: frame.slice(1, -2), transaction: 0, frame });
      }
    },
    forget: () => {
      rest = new Uint8Array(0);
    },
    encode: (unit, pdu) => {
      const frame = new Uint8Array(pdu.length + 3);
      frame[0] = unit;
      frame.set(pdu, 1);
      const crc = checkSum(frame.subarray(0, -2));
      frame[frame.length - 2] = crc & 0xff;
      frame[frame.length - 1] = crc >> 8;
      return frame;
    },
    withBadCheck: (frame) => frame.map((byte, index) => (index === frame.length - 1 ? byte ^ 0xff : byte)),
  };
}

/** CRC-16/MODBUS, bit by bit as the specification tells it. */
function checkSum(data: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >> 1 : (crc >> 1) ^ 0xa001;
  }
  return crc;
}
