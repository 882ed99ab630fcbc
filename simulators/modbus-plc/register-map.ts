import { z } from 'zod';
import type { VirtualPlc } from './plc.js';
import type { PlcArea, PlcUnit, WordOptions } from './unit.js';
import { unitsOf } from './units-spec.js';

const types = ['bool', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'float32', 'float64'] as const;
const order = z.enum(['big', 'little']).optional();

/** One row of a map: what lies at an address of some units, or that nothing does. */
const row = z.strictObject({
  units: z.union([z.number(), z.string()]),
  at: z.string().regex(/^(?:co|di|hr|ir):\d{1,5}$/, 'at is hr:100, ir:0, co:5 or di:3, an offset from zero').optional(),
  type: z.enum(types).optional(),
  value: z.union([z.number(), z.boolean(), z.string().regex(/^-?\d+$/, 'a value in quotes is a whole number, for 64 bits'), z.array(z.number())]).optional(),
  missing: z.int().min(1).max(65_536).optional(),
  wordOrder: order,
  byteOrder: order,
  identification: z.record(z.string().regex(/^\d{1,3}$/, 'objects have numbers, 0 to 255'), z.string().max(244)).optional(),
});

type Row = z.output<typeof row>;

/** Puts a row of a register map into the PLC. Returns the complaint where it is wrong. */
export function applyMapRow(plc: VirtualPlc, raw: unknown): string | undefined {
  const parsed = row.safeParse(raw);
  if (!parsed.success) return parsed.error.issues.map(({ message, path }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`)).join('; ');
  const units = unitsOf(parsed.data.units);
  if (units === undefined) return `units is a number or a range such as 1-8,12, not ${String(parsed.data.units)}`;
  for (const unit of units) {
    const complaint = apply(plc.unit(unit), parsed.data);
    if (complaint !== undefined) return complaint;
  }
  return undefined;
}

function apply(unit: PlcUnit, { at, type, value, missing, identification, wordOrder, byteOrder }: Row): string | undefined {
  if (identification !== undefined) {
    unit.identification = new Map(Object.entries(identification).map(([id, text]) => [Number(id), text]));
    return at === undefined ? undefined : 'identification stands in a row of its own';
  }
  if (at === undefined) return 'a row has `at`, or `identification`';
  const [area, text] = at.split(':') as [PlcArea, string];
  const address = Number(text);
  const length = Array.isArray(value) ? value.length : 1;
  if (address + Math.max(length, missing ?? 0) > 65_536) return `${at} ends beyond 65535`;
  if (missing !== undefined) {
    unit.forbid(area, address, missing);
    return value === undefined ? undefined : 'what is missing has no value';
  }
  if (value === undefined) return 'a row has `value`, `missing` or `identification`';
  return put(unit, area, address, type, value, { ...(wordOrder === undefined ? {} : { wordOrder }), ...(byteOrder === undefined ? {} : { byteOrder }) });
}

function put(unit: PlcUnit, area: PlcArea, address: number, type: Row['type'], value: number | string | boolean | number[], order: WordOptions): string | undefined {
  if (Array.isArray(value)) {
    unit.set(area, address, value);
    return type === undefined || type === 'uint16' || type === 'bool' ? undefined : 'a list is of registers or bits';
  }
  if (area === 'co' || area === 'di') {
    unit.setBool(area, address, Boolean(value));
    return undefined;
  }
  const number = Number(value);
  if (type?.endsWith('64') === true && type !== 'float64' && !Number.isInteger(number)) return `${type} is a whole number`;
  switch (type ?? 'uint16') {
    case 'bool':
      return 'a bool lies in co or di';
    case 'int16':
      unit.setInt16(area, address, number, order);
      return undefined;
    case 'uint16':
      unit.setUint16(area, address, number, order);
      return undefined;
    case 'int32':
      unit.setInt32(area, address, number, order);
      return undefined;
    case 'uint32':
      unit.setUint32(area, address, number, order);
      return undefined;
    case 'int64':
      unit.setInt64(area, address, BigInt(value), order);
      return undefined;
    case 'uint64':
      unit.setUint64(area, address, BigInt(value), order);
      return undefined;
    case 'float32':
      unit.setFloat32(area, address, number, order);
      return undefined;
    case 'float64':
      unit.setFloat64(area, address, number, order);
      return undefined;
  }
}
