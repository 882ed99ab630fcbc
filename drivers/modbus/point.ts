import { z } from 'zod';
import type { ParseContext, ParsedPoint } from '../../src/contract/driver.js';
import type { ValueKind } from '../../src/contract/point.js';
import { parseAddress, type Place } from './address.js';
import { isScaled } from './codec.js';
import { orderKeys, pathPart } from './device.js';
import { isBitArea } from './pdu.js';
import { formatAddress, valueTypes, widthOf, type ModbusAddress, type FixedType, type ModbusUnit, type ValueType } from './types.js';

/** A write carries 123 registers (clause 6.12). */
const MAX_TEXT = 246;

const typeMessage = `must be one of ${valueTypes.join(', ')} and string(n), n characters up to ${MAX_TEXT}`;

/** Keys of a point of a Modbus device. */
export const pointShape = {
  at: z.union([z.string(), z.number()]),
  type: z.union([z.enum(valueTypes), z.string().regex(/^string\((?:[1-9]|[1-9]\d|1\d\d|2[0-3]\d|24[0-6])\)$/, typeMessage)], { error: typeMessage }).optional(),
  scale: z.number().refine((scale) => scale !== 0, 'a scale of 0 loses the value').optional(),
  offset: z.number().optional(),
  ...orderKeys,
} satisfies z.ZodRawShape;

/** Made once: compiling a schema costs more than a hundred points read with it. */
const pointSchema = z.object(pointShape);

export function parsePoint(raw: Readonly<Record<string, unknown>>, device: ModbusUnit, context: ParseContext): ParsedPoint<ModbusAddress> | undefined {
  const { problems } = context;
  const parsed = pointSchema.safeParse(raw);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.error('CONFIG_INVALID', issue.message, issue.path.map(pathPart));
    return undefined;
  }
  const keys = parsed.data;
  const place = parseAddress(keys.at);
  if (typeof place === 'string') {
    problems.error('CONFIG_ADDRESS', place, ['at']);
    return undefined;
  }
  const { type, count } = typeOf(keys.type ?? (isBitArea(place.area) || place.bit !== undefined ? 'bool' : 'uint16'));
  const misfit = typeMisfit(place, type);
  if (misfit !== undefined) {
    problems.error('CONFIG_INVALID', misfit, ['type']);
    return undefined;
  }
  if ((type === 'bool' || type === 'string') && (keys.scale !== undefined || keys.offset !== undefined)) {
    problems.error('CONFIG_INVALID', `a ${type} has no scale or offset`, [keys.scale === undefined ? 'offset' : 'scale']);
    return undefined;
  }
  if (place.offset + count > 65_536) {
    problems.error('CONFIG_ADDRESS', `${type} at ${formatAddress(place)} takes ${count} registers and would end beyond offset 65535`, ['at']);
    return undefined;
  }
  if (type === 'string' && count > device.maxRegisters) {
    problems.error('CONFIG_INVALID', `${count} registers are more than the device's maxRegisters of ${device.maxRegisters}`, ['type']);
    return undefined;
  }
  // Spelled out: V8 gives each object that begins with a spread a shape of its own, and decoding is 20 times slower then.
  const whole: ModbusAddress = {
    area: place.area,
    offset: place.offset,
    type,
    count,
    scale: keys.scale ?? 1,
    shift: keys.offset ?? 0,
    wordOrder: keys.wordOrder ?? device.wordOrder,
    byteOrder: keys.byteOrder ?? device.byteOrder,
  };
  const address: ModbusAddress = place.bit === undefined ? whole : { ...whole, bit: place.bit };
  return { address, kind: kindOf(address), ...(place.area === 'ir' || place.area === 'di' ? { readOnly: true } : {}) };
}

function typeOf(text: string): { type: ValueType; count: number } {
  const characters = /^string\((\d+)\)$/.exec(text)?.[1];
  if (characters !== undefined) return { type: 'string', count: Math.ceil(Number(characters) / 2) };
  const type = text as FixedType;
  return { type, count: widthOf(type) };
}

function typeMisfit(place: Place, type: ValueType): string | undefined {
  if (isBitArea(place.area)) {
    return type === 'bool' ? undefined : `${formatAddress(place)} is a single bit, which cannot hold ${type}`;
  }
  if (place.bit !== undefined && type !== 'bool') return `${formatAddress(place)} is one bit, which cannot hold ${type}: leave out the bit or the type`;
  if (place.bit === undefined && type === 'bool') return `a bool in a register names its bit, 0 to 15: ${formatAddress({ ...place, bit: 0 })}`;
  return undefined;
}

function kindOf(address: ModbusAddress): ValueKind {
  if (address.type === 'bool') return 'boolean';
  if (address.type === 'string') return 'text';
  const wide = address.type === 'int64' || address.type === 'uint64';
  return wide && !isScaled(address) ? 'integer64' : 'number';
}
