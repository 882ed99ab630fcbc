import type { Area } from './pdu.js';

export interface Place {
  readonly area: Area;
  readonly offset: number;
  readonly bit?: number;
}

const offsetNotation = /^(co|di|hr|ir):(\d{1,5})(?:\.(\d{1,2}))?$/;
const modiconNotation = /^([0134])(\d{4,5})(?:\.(\d{1,2}))?$/;
const modiconAreas: Readonly<Record<string, Area>> = { 0: 'co', 1: 'di', 3: 'ir', 4: 'hr' };

/**
 * Reads an address: `hr:100` (zero-based offset), or Modicon with five or six digits (`40101`, `400101`; the
 * first is number 1), either with `.3` for a bit of a register. A string is what is wrong with it.
 *
 * A bare number such as 100 could mean either notation, and the two differ by one register and by area: refused.
 */
export function parseAddress(at: string | number): Place | string {
  // A whole number of five digits that begins with 1, 3 or 4 is Modicon whether or not YAML was given quotes.
  // One with a fraction is not: YAML has already turned bit 10 of 40101.10 into bit 1.
  const text = typeof at === 'number' && Number.isInteger(at) && at >= 10_000 ? String(at) : at;
  if (typeof text === 'number') return ambiguous(text);
  const byOffset = offsetNotation.exec(text);
  if (byOffset !== null) {
    const [, area = '', offset = '', bit] = byOffset;
    return place(area as Area, Number(offset), bit, text);
  }
  const byNumber = modiconNotation.exec(text);
  if (byNumber !== null) {
    const [, digit = '', number = '', bit] = byNumber;
    if (Number(number) === 0) return `"${text}": Modicon numbers begin at ${digit}${'1'.padStart(number.length, '0')}`;
    return place(modiconAreas[digit] ?? 'hr', Number(number) - 1, bit, text);
  }
  return ambiguous(text);
}

function place(area: Area, offset: number, bitText: string | undefined, text: string): Place | string {
  if (offset > 0xffff) return `"${text}": there is no address beyond offset 65535`;
  if (bitText === undefined) return { area, offset };
  const bit = Number(bitText);
  if (area === 'co' || area === 'di') return `"${text}": a coil or discrete input is one bit already`;
  if (bit > 15) return `"${text}": a register has the bits 0 to 15`;
  return { area, offset, bit };
}

function ambiguous(at: string | number): string {
  return `"${at}" does not say which register: write a zero-based offset with its area (hr:100, ir:0, co:5, di:3) `
    + 'or a quoted Modicon number with five or six digits ("40101" is hr:100, "30001" is ir:0, "00006" is co:5)';
}
