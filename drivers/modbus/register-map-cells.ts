/** What the titles and cells of a register map mean. Pure. */
import { parseAddress } from './address.js';
import type { Area } from './pdu.js';
import { formatAddress, type Order } from './types.js';

/** Titles as makers write them, in lower case and without blanks, dots and dashes; the first is ours. */
const titles = {
  name: ['name', 'point', 'tag', 'pointname', 'tagname', 'bezeichnung', 'datenpunkt'],
  at: ['at', 'address', 'register', 'registeraddress', 'modbusaddress', 'adresse', 'registeradresse'],
  table: ['table', 'function', 'functioncode', 'fc', 'registertype', 'registerart', 'funktion', 'funktionscode'],
  bit: ['bit', 'bitnumber'],
  type: ['type', 'datatype', 'format', 'datentyp', 'typ'],
  length: ['length', 'characters', 'länge'],
  scale: ['scale', 'factor', 'multiplier', 'gain', 'faktor', 'skalierung'],
  offset: ['offset', 'shift', 'versatz'],
  order: ['order', 'wordorder', 'byteorder', 'endianness', 'reihenfolge'],
  unit: ['unit', 'units', 'einheit'],
  description: ['description', 'comment', 'remark', 'beschreibung', 'kommentar', 'bemerkung'],
  area: ['area', 'zone', 'location', 'bereich'],
  poll: ['poll', 'pollclass'],
  cov: ['cov', 'deadband'],
  states: ['states', 'enumeration', 'zustände'],
  access: ['access', 'write', 'readwrite', 'rw', 'r/w', 'zugriff'],
  min: ['min', 'minimum', 'low'],
  max: ['max', 'maximum', 'high'],
} as const;

export type Column = keyof typeof titles;

export function columnOf(title: string): Column | undefined {
  const plain = title.toLowerCase().replaceAll(/[\s._-]/g, '');
  return (Object.keys(titles) as Column[]).find((column) => (titles[column] as readonly string[]).includes(plain));
}

const tables: Readonly<Record<Area, readonly string[]>> = {
  co: ['co', 'coil', 'coils', '0x', '1', '01', 'fc1', 'fc01', '5', '05', '15'],
  di: ['di', 'discreteinput', 'discreteinputs', '1x', '2', '02', 'fc2', 'fc02'],
  hr: ['hr', 'holding', 'holdingregister', 'holdingregisters', '4x', '3', '03', 'fc3', 'fc03', '6', '06', '16'],
  ir: ['ir', 'input', 'inputregister', 'inputregisters', '3x', '4', '04', 'fc4', 'fc04'],
};

export type FoundPlace = { readonly at: string; readonly problem?: undefined } | { readonly problem: string };

/** `base`: what the first register is called, where numbers are plain. Without it a number says its table itself, or is refused. */
export function placeOf(row: { readonly at?: string; readonly table?: string; readonly bit?: string }, base: 0 | 1 | undefined): FoundPlace {
  const { at, table, bit } = row;
  if (at === undefined) return { problem: 'has no address' };
  const area = table === undefined ? undefined : areaOf(table);
  if (table !== undefined && area === undefined) return { problem: `table: ${table} is none of the four (co, di, hr, ir, or functions 1 to 4)` };
  const tail = bit === undefined ? '' : `.${bit}`;
  const number = /^(?:\d{1,6}|0x[0-9a-f]{1,4}|[0-9a-f]{1,4}h)$/i.test(at) ? plainNumber(at) : undefined;
  if (number !== undefined && base !== undefined) {
    if (area === undefined) return { problem: `${at} is a plain number, and no column says which table it is in` };
    if (number < base) return { problem: `${at} comes before the first register, which is called ${base}` };
    return checked(`${area}:${number - base}${tail}`, area);
  }
  if (number !== undefined && area !== undefined && typeof parseAddress(at) === 'string') {
    return { problem: `${at} is a plain number: say with --base 0 or --base 1 what the first register is called` };
  }
  return checked(`${at}${tail}`, area);
}

function checked(at: string, area: Area | undefined): FoundPlace {
  const place = parseAddress(at);
  if (typeof place === 'string') return { problem: place };
  if (area !== undefined && place.area !== area) return { problem: `${at} is ${formatAddress(place)}, and the table says ${area}` };
  return { at: formatAddress(place) };
}

function areaOf(text: string): Area | undefined {
  const plain = text.toLowerCase().replaceAll(/[\s._-]/g, '');
  return (Object.keys(tables) as Area[]).find((area) => tables[area].includes(plain));
}

function plainNumber(text: string): number {
  if (/h$/i.test(text)) return Number.parseInt(text, 16);
  return Number(text);
}

/** IEC 61131-3 names and what else is common. */
const types: Readonly<Record<string, string>> = {
  bool: 'bool', boolean: 'bool', bit: 'bool', flag: 'bool',
  int: 'int16', int16: 'int16', s16: 'int16', sint16: 'int16', short: 'int16',
  uint: 'uint16', uint16: 'uint16', u16: 'uint16', word: 'uint16', enum: 'uint16', ushort: 'uint16',
  dint: 'int32', int32: 'int32', s32: 'int32', sint32: 'int32', long: 'int32',
  udint: 'uint32', uint32: 'uint32', u32: 'uint32', dword: 'uint32', ulong: 'uint32',
  lint: 'int64', int64: 'int64', s64: 'int64', sint64: 'int64',
  ulint: 'uint64', uint64: 'uint64', u64: 'uint64', lword: 'uint64', qword: 'uint64',
  real: 'float32', float: 'float32', float32: 'float32', single: 'float32', f32: 'float32',
  lreal: 'float64', double: 'float64', float64: 'float64', f64: 'float64',
  bcd: 'bcd16', bcd16: 'bcd16', bcd32: 'bcd32',
};

/** `length` is in characters, for texts. */
export function typeOf(text: string, length: string | undefined): string | undefined {
  const plain = text.toLowerCase().replaceAll(/[\s_-]/g, '');
  const inside = /^(?:string|str|char|ascii)\(?\[?(\d*)\]?\)?$/.exec(plain);
  if (inside === null) return types[plain];
  const characters = inside[1] === '' ? length : inside[1];
  return characters === undefined || !/^\d+$/.test(characters) ? undefined : `string(${Number(characters)})`;
}

const orders: Readonly<Record<string, { readonly wordOrder?: Order; readonly byteOrder?: Order }>> = {
  abcd: {}, ab: {}, big: {}, bigendian: {}, msb: {},
  cdab: { wordOrder: 'little' }, wordswap: { wordOrder: 'little' }, swapped: { wordOrder: 'little' },
  badc: { byteOrder: 'little' }, ba: { byteOrder: 'little' }, byteswap: { byteOrder: 'little' },
  dcba: { wordOrder: 'little', byteOrder: 'little' }, little: { wordOrder: 'little', byteOrder: 'little' }, littleendian: { wordOrder: 'little', byteOrder: 'little' },
};

export function orderOf(text: string): { readonly wordOrder?: Order; readonly byteOrder?: Order } | undefined {
  return orders[text.toLowerCase().replaceAll(/[\s_-]/g, '')];
}

/** With a decimal point or comma. What could be thousands (1.234,5) is no number here. */
export function numberOf(text: string): number | undefined {
  return /^[+-]?\d+(?:[.,]\d+)?(?:e[+-]?\d+)?$/i.test(text) ? Number(text.replace(',', '.')) : undefined;
}

/** undefined where it says neither. */
/** `W` alone is what some makers write for RW. */
export function isWriteOnly(text: string): boolean {
  return ['wo', 'writeonly'].includes(plain(text));
}

function plain(text: string): string {
  return text.toLowerCase().replaceAll(/[\s/._-]/g, '');
}

export function isWritable(text: string): boolean | undefined {
  switch (plain(text)) {
    case 'rw':
    case 'w':
    case 'wo':
    case 'writeonly':
    case 'readwrite':
    case 'write':
    case 'yes':
    case 'y':
    case 'true':
    case 'ja':
    case 'x':
      return true;
    case 'r':
    case 'ro':
    case 'read':
    case 'readonly':
    case 'no':
    case 'n':
    case 'false':
    case 'nein':
      return false;
    default:
      return undefined;
  }
}
