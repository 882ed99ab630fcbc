import { join, type Framing, type PlcRequest } from './framing.js';

const COLON = 0x3a;
const CR = 0x0d;
const LF = 0x0a;
/** Of unit, PDU and LRC in hexadecimal, Modbus over Serial Line v1.02, clause 2.5.2. */
const MAX_LINE = 513;

/** ASCII frames: a colon, two characters for each byte, LRC, CR LF. */
export function asciiFraming(): Framing {
  let rest: Uint8Array = new Uint8Array(0);
  return {
    read: (data) => {
      rest = join(rest, data);
      const requests: PlcRequest[] = [];
      for (;;) {
        const end = rest.indexOf(LF);
        if (end < 0) {
          // What has no end by now never will: a colon may still begin a frame.
          if (rest.length > MAX_LINE) rest = rest.slice(Math.max(rest.lastIndexOf(COLON), rest.length - MAX_LINE));
          return requests;
        }
        const line = rest.slice(0, end + 1);
        rest = rest.slice(end + 1);
        const frame = line.slice(line.lastIndexOf(COLON));
        const bytes = decode(frame);
        if (bytes !== undefined) requests.push({ unit: bytes[0] ?? 0, pdu: bytes.slice(1, -1), transaction: 0, frame });
      }
    },
    encode: (unit, pdu) => {
      const bytes = [unit, ...pdu];
      const sum = -bytes.reduce((total, byte) => total + byte, 0) & 0xff;
      const digits = [...bytes, sum].map((byte) => byte.toString(16).padStart(2, '0')).join('').toUpperCase();
      return Uint8Array.from(Buffer.from(`:${digits}\r\n`, 'ascii'));
    },
    // The last digit of the LRC.
    withBadCheck: (frame) => frame.map((byte, index) => (index === frame.length - 3 ? (byte === 0x30 ? 0x31 : 0x30) : byte)),
  };
}

/** The bytes of a frame with its LRC; undefined where it is none. */
function decode(frame: Uint8Array): Uint8Array | undefined {
  if (frame[0] !== COLON || frame.at(-2) !== CR) return undefined;
  const digits = Buffer.from(frame.subarray(1, -2)).toString('ascii');
  if (digits.length < 6 || !/^(?:[0-9A-F]{2})+$/i.test(digits)) return undefined;
  const bytes = Uint8Array.from(Buffer.from(digits, 'hex'));
  return (bytes.reduce((total, byte) => total + byte, 0) & 0xff) === 0 ? bytes : undefined;
}
