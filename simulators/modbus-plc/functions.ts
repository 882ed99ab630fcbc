import { exceptions } from './exceptions.js';
import { readIdentification } from './identification.js';
import type { PlcArea, PlcUnit } from './unit.js';

/** The functions of a server, Modbus Application Protocol v1.1b3, clause 6, apart from any transport. */

/** What a write is to become; the caller adds who and when. */
export interface WriteIntent {
  readonly area: 'co' | 'hr';
  readonly address: number;
  readonly values: readonly number[];
}

export interface Handled {
  readonly answer: Uint8Array;
  readonly write?: WriteIntent;
}

/** Answers one request. Does not carry out the write that it may find: {@link PlcUnit.written} does. */
export function handle(pdu: Uint8Array, unit: PlcUnit): Handled {
  switch (pdu[0] ?? 0) {
    case 1:
      return readBits(pdu, unit, 'co');
    case 2:
      return readBits(pdu, unit, 'di');
    case 3:
      return readRegisters(pdu, unit, 'hr');
    case 4:
      return readRegisters(pdu, unit, 'ir');
    case 5:
      return writeCoil(pdu, unit);
    case 6:
      return writeRegister(pdu, unit);
    case 15:
      return writeCoils(pdu, unit);
    case 16:
      return writeRegisters(pdu, unit);
    case 22:
      return maskWrite(pdu, unit);
    case 23:
      return readWrite(pdu, unit);
    case 43:
      return { answer: readIdentification(pdu, unit.identification) };
    default:
      return exception(pdu, exceptions.illegalFunction);
  }
}

export function exception(pdu: Uint8Array, code: number): Handled {
  return { answer: Uint8Array.of((pdu[0] ?? 0) | 0x80, code) };
}

function readBits(pdu: Uint8Array, unit: PlcUnit, area: PlcArea): Handled {
  const [start, count] = [word(pdu, 1), word(pdu, 3)];
  if (pdu.length !== 5 || count < 1 || count > 2000) return exception(pdu, exceptions.illegalValue);
  if (!unit.exists(area, start, count)) return exception(pdu, exceptions.illegalAddress);
  const bytes = Math.ceil(count / 8);
  const answer = new Uint8Array(2 + bytes);
  answer[0] = pdu[0] ?? 0;
  answer[1] = bytes;
  unit.get(area, start, count).forEach((bit, index) => {
    if (bit !== 0) answer[2 + (index >> 3)] = (answer[2 + (index >> 3)] ?? 0) | (1 << (index & 7));
  });
  return { answer };
}

function readRegisters(pdu: Uint8Array, unit: PlcUnit, area: PlcArea): Handled {
  const [start, count] = [word(pdu, 1), word(pdu, 3)];
  if (pdu.length !== 5 || count < 1 || count > 125) return exception(pdu, exceptions.illegalValue);
  if (!unit.exists(area, start, count)) return exception(pdu, exceptions.illegalAddress);
  const answer = new Uint8Array(2 + 2 * count);
  answer[0] = pdu[0] ?? 0;
  answer[1] = 2 * count;
  unit.get(area, start, count).forEach((value, index) => {
    answer[2 + 2 * index] = value >> 8;
    answer[3 + 2 * index] = value & 0xff;
  });
  return { answer };
}

function writeCoil(pdu: Uint8Array, unit: PlcUnit): Handled {
  const [address, value] = [word(pdu, 1), word(pdu, 3)];
  if (pdu.length !== 5 || (value !== 0 && value !== 0xff00)) return exception(pdu, exceptions.illegalValue);
  if (!unit.exists('co', address, 1)) return exception(pdu, exceptions.illegalAddress);
  return { answer: pdu.slice(), write: { area: 'co', address, values: [value === 0 ? 0 : 1] } };
}

function writeRegister(pdu: Uint8Array, unit: PlcUnit): Handled {
  const address = word(pdu, 1);
  if (pdu.length !== 5) return exception(pdu, exceptions.illegalValue);
  if (!unit.exists('hr', address, 1)) return exception(pdu, exceptions.illegalAddress);
  return { answer: pdu.slice(), write: { area: 'hr', address, values: [word(pdu, 3)] } };
}

function writeCoils(pdu: Uint8Array, unit: PlcUnit): Handled {
  const [address, count] = [word(pdu, 1), word(pdu, 3)];
  const bytes = Math.ceil(count / 8);
  if (count < 1 || count > 1968 || pdu[5] !== bytes || pdu.length !== 6 + bytes) return exception(pdu, exceptions.illegalValue);
  if (!unit.exists('co', address, count)) return exception(pdu, exceptions.illegalAddress);
  const values = Array.from({ length: count }, (_, index) => ((pdu[6 + (index >> 3)] ?? 0) >> (index & 7)) & 1);
  return { answer: pdu.slice(0, 5), write: { area: 'co', address, values } };
}

function writeRegisters(pdu: Uint8Array, unit: PlcUnit): Handled {
  const [address, count] = [word(pdu, 1), word(pdu, 3)];
  if (count < 1 || count > 123 || pdu[5] !== 2 * count || pdu.length !== 6 + 2 * count) return exception(pdu, exceptions.illegalValue);
  if (!unit.exists('hr', address, count)) return exception(pdu, exceptions.illegalAddress);
  const values = Array.from({ length: count }, (_, index) => word(pdu, 6 + 2 * index));
  return { answer: pdu.slice(0, 5), write: { area: 'hr', address, values } };
}

function maskWrite(pdu: Uint8Array, unit: PlcUnit): Handled {
  const address = word(pdu, 1);
  if (pdu.length !== 7) return exception(pdu, exceptions.illegalValue);
  if (!unit.exists('hr', address, 1)) return exception(pdu, exceptions.illegalAddress);
  const [now = 0] = unit.get('hr', address);
  const and = word(pdu, 3);
  return { answer: pdu.slice(), write: { area: 'hr', address, values: [(now & and) | (word(pdu, 5) & ~and & 0xffff)] } };
}

/** Writes first, so that what is read may be what was written. */
function readWrite(pdu: Uint8Array, unit: PlcUnit): Handled {
  const write = writeRegisters(Uint8Array.of(pdu[0] ?? 0, ...pdu.subarray(5)), unit);
  if (write.write === undefined) return write;
  const { address, values } = write.write;
  const [start, count] = [word(pdu, 1), word(pdu, 3)];
  const read = readRegisters(pdu.slice(0, 5), unit, 'hr');
  values.forEach((value, index) => {
    const at = 2 + 2 * (address + index - start);
    if (address + index < start || address + index >= start + count || read.answer.length !== 2 + 2 * count) return;
    read.answer[at] = value >> 8;
    read.answer[at + 1] = value & 0xff;
  });
  return read.answer.length === 2 && count > 0 ? read : { ...read, write: write.write };
}

function word(data: Uint8Array, index: number): number {
  return ((data[index] ?? 0) << 8) | (data[index + 1] ?? 0);
}
