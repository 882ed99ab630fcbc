import { join, type Framing, type PlcRequest } from './framing.js';

const HEADER = 7;

/** Modbus TCP: the MBAP header of the Messaging Implementation Guide v1.0b, clause 3.1.3. */
export function tcpFraming(): Framing {
  let rest: Uint8Array = new Uint8Array(0);
  return {
    read: (data) => {
      rest = join(rest, data);
      const requests: PlcRequest[] = [];
      while (rest.length >= HEADER) {
        const length = word(rest, 4);
        if (word(rest, 2) !== 0 || length < 2 || length > 254) return undefined;
        if (rest.length < 6 + length) break;
        const frame = rest.slice(0, 6 + length);
        rest = rest.slice(6 + length);
        requests.push({ unit: frame[6] ?? 0, pdu: frame.slice(HEADER), transaction: word(frame, 0), frame });
      }
      return requests;
    },
    encode: (unit, pdu, transaction) => {
      const frame = new Uint8Array(HEADER + pdu.length);
      frame[0] = transaction >> 8;
      frame[1] = transaction & 0xff;
      frame[4] = (pdu.length + 1) >> 8;
      frame[5] = (pdu.length + 1) & 0xff;
      frame[6] = unit;
      frame.set(pdu, HEADER);
      return frame;
    },
    withBadCheck: (frame) => frame,
  };
}

function word(data: Uint8Array, index: number): number {
  return ((data[index] ?? 0) << 8) | (data[index + 1] ?? 0);
}
