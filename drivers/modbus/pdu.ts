/** The protocol data unit, the same on every transport. Modbus Application Protocol v1.1b3, clause 6. */

/** Data areas: coils, discrete inputs, holding registers, input registers (clause 4.3). */
export type Area = 'co' | 'di' | 'hr' | 'ir';

export const functionCode = {
  readCoils: 1,
  readDiscreteInputs: 2,
  readHoldingRegisters: 3,
  readInputRegisters: 4,
  writeSingleCoil: 5,
  writeSingleRegister: 6,
  writeMultipleCoils: 15,
  writeMultipleRegisters: 16,
  maskWriteRegister: 22,
  readWriteRegisters: 23,
  encapsulated: 43,
} as const;

/** MODBUS encapsulated interface type of Read Device Identification, clause 6.21. */
export const MEI_IDENTIFICATION = 14;

/** Exception codes, clause 7. */
export const exceptionCode = {
  illegalFunction: 1,
  illegalAddress: 2,
  illegalValue: 3,
  deviceFailure: 4,
  acknowledge: 5,
  busy: 6,
  gatewayPathUnavailable: 0x0a,
  gatewayTargetSilent: 0x0b,
} as const;

const exceptionNames: Readonly<Record<number, string>> = {
  1: 'illegal function',
  2: 'illegal data address',
  3: 'illegal data value',
  4: 'device failure',
  5: 'acknowledged, still working',
  6: 'device busy',
  8: 'memory parity error',
  0x0a: 'gateway path unavailable',
  0x0b: 'gateway target does not respond',
};

export function exceptionName(code: number): string {
  return `exception ${code} (${exceptionNames[code] ?? 'not in the specification'})`;
}

const readFunctions = { co: 1, di: 2, hr: 3, ir: 4 } as const satisfies Record<Area, number>;
const EXCEPTION_BIT = 0x80;
const COIL_ON = 0xff;

export function isBitArea(area: Area): boolean {
  return area === 'co' || area === 'di';
}

/** Clauses 6.1 to 6.4: read `count` bits or registers from offset `start`. */
export function readRequest(area: Area, start: number, count: number): Uint8Array {
  return fiveBytes(readFunctions[area], start, count);
}

/** Clause 6.5. */
export function writeCoilRequest(offset: number, on: boolean): Uint8Array {
  return fiveBytes(functionCode.writeSingleCoil, offset, on ? COIL_ON << 8 : 0);
}

/** Clause 6.6; `word` 0…65535. */
export function writeRegisterRequest(offset: number, word: number): Uint8Array {
  return fiveBytes(functionCode.writeSingleRegister, offset, word);
}

/** Clause 6.11: bits packed from the least significant bit of the first byte. */
export function writeCoilsRequest(start: number, bits: readonly boolean[]): Uint8Array {
  const bytes = Math.ceil(bits.length / 8);
  const pdu = new Uint8Array(6 + bytes);
  pdu.set(fiveBytes(functionCode.writeMultipleCoils, start, bits.length));
  pdu[5] = bytes;
  bits.forEach((bit, index) => {
    if (bit) pdu[6 + (index >> 3)] = (pdu[6 + (index >> 3)] ?? 0) | (1 << (index & 7));
  });
  return pdu;
}

/** Clause 6.12; `data` holds the registers as they travel, two bytes each. */
export function writeRegistersRequest(start: number, data: Uint8Array): Uint8Array {
  const pdu = new Uint8Array(6 + data.length);
  pdu.set(fiveBytes(functionCode.writeMultipleRegisters, start, data.length / 2));
  pdu[5] = data.length;
  pdu.set(data, 6);
  return pdu;
}

/** Clause 6.16: register = (register AND and) OR (or AND NOT and). */
export function maskWriteRequest(offset: number, and: number, or: number): Uint8Array {
  return Uint8Array.of(functionCode.maskWriteRegister, offset >> 8, offset & 0xff, and >> 8, and & 0xff, or >> 8, or & 0xff);
}

/** Clause 6.17: writes first, then reads, in one go. */
export function readWriteRequest(read: { readonly start: number; readonly count: number }, start: number, data: Uint8Array): Uint8Array {
  const pdu = new Uint8Array(10 + data.length);
  pdu.set(fiveBytes(functionCode.readWriteRegisters, read.start, read.count));
  pdu.set(fiveBytes(0, start, data.length / 2).subarray(1), 5);
  pdu[9] = data.length;
  pdu.set(data, 10);
  return pdu;
}

/** What an answer is to its request. `mismatch`: the echo of a write names another address, count or value. */
export type Verdict =
  | { readonly kind: 'good' }
  | { readonly kind: 'exception'; readonly code: number }
  | { readonly kind: 'mismatch'; readonly reason: string }
  | { readonly kind: 'malformed'; readonly reason: string };

const GOOD_ANSWER: Verdict = { kind: 'good' };

/** Offset of the data in the answer to a read: function code and byte count stand before it. */
export const READ_DATA_OFFSET = 2;

/** Length of the good answer to a request, function code included; undefined where the answer itself says it. */
export function answerLength(request: Uint8Array): number | undefined {
  switch (byte(request, 0)) {
    case functionCode.readCoils:
    case functionCode.readDiscreteInputs:
      return READ_DATA_OFFSET + Math.ceil(word(request, 3) / 8);
    case functionCode.readHoldingRegisters:
    case functionCode.readInputRegisters:
    case functionCode.readWriteRegisters:
      return READ_DATA_OFFSET + 2 * word(request, 3);
    case functionCode.maskWriteRegister:
      return request.length;
    case functionCode.writeSingleCoil:
    case functionCode.writeSingleRegister:
    case functionCode.writeMultipleCoils:
    case functionCode.writeMultipleRegisters:
      return 5;
    default:
      return undefined;
  }
}

/**
 * Length of the answer to a device identification that begins at `at` of `data`, told by its own list of objects; undefined
 * while that is not there whole.
 */
export function encapsulatedLength(data: Uint8Array, at: number): number | undefined {
  const objects = data[at + 6];
  if (objects === undefined) return undefined;
  let end = at + 7;
  for (let index = 0; index < objects; index++) {
    const length = data[end + 1];
    if (length === undefined) return undefined;
    end += 2 + length;
  }
  return end - at;
}

/** Whether the good answer is the request itself, so that an echo on the line looks like success. */
export function isEchoed(request: Uint8Array): boolean {
  const code = byte(request, 0);
  return code === functionCode.writeSingleCoil || code === functionCode.writeSingleRegister || code === functionCode.maskWriteRegister;
}

/** Judges an answer by its request: function, length, byte count and echo (clause 6, each function's response). */
export function judge(request: Uint8Array, answer: Uint8Array): Verdict {
  const asked = byte(request, 0);
  const answered = byte(answer, 0);
  if (answered === (asked | EXCEPTION_BIT)) {
    return answer.length === 2 ? { kind: 'exception', code: byte(answer, 1) } : malformed(`exception of ${answer.length} bytes`);
  }
  if (answered !== asked) return malformed(`function ${answered} in answer to ${asked}`);
  switch (asked) {
    case functionCode.readCoils:
    case functionCode.readDiscreteInputs:
      return judgeRead(answer, Math.ceil(word(request, 3) / 8));
    case functionCode.readHoldingRegisters:
    case functionCode.readInputRegisters:
    case functionCode.readWriteRegisters:
      return judgeRead(answer, word(request, 3) * 2);
    case functionCode.encapsulated:
      return encapsulatedLength(answer, 0) === answer.length && answer[1] === request[1] ? GOOD_ANSWER : malformed('no device identification');
    default:
      return judgeEcho(request, answer);
  }
}

function judgeRead(answer: Uint8Array, expected: number): Verdict {
  if (answer.length !== READ_DATA_OFFSET + expected) return malformed(`${answer.length} bytes instead of ${READ_DATA_OFFSET + expected}`);
  if (byte(answer, 1) !== expected) return malformed(`byte count ${byte(answer, 1)} instead of ${expected}`);
  return GOOD_ANSWER;
}

/** Single writes and mask writes echo the whole request, multiple writes its address and count: the first five bytes either way. */
function judgeEcho(request: Uint8Array, answer: Uint8Array): Verdict {
  const length = byte(request, 0) === functionCode.maskWriteRegister ? request.length : 5;
  if (answer.length !== length) return malformed(`${answer.length} bytes instead of ${length}`);
  for (let index = 1; index < length; index++) {
    if (answer[index] !== request[index]) return { kind: 'mismatch', reason: 'the echo differs from what was written' };
  }
  return GOOD_ANSWER;
}

function malformed(reason: string): Verdict {
  return { kind: 'malformed', reason };
}

function fiveBytes(code: number, first: number, second: number): Uint8Array {
  return Uint8Array.of(code, first >> 8, first & 0xff, second >> 8, second & 0xff);
}

function byte(data: Uint8Array, index: number): number {
  return data[index] ?? 0;
}

function word(data: Uint8Array, index: number): number {
  return (byte(data, index) << 8) | byte(data, index + 1);
}
