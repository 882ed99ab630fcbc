import { z } from 'zod';
import { durationText, parseDuration } from '../../src/contract/duration.js';
import type { ParseContext } from '../../src/contract/driver.js';
import { addressesOf, addressShape } from './addresses.js';
import type { ModbusDevice, ModbusUnit } from './types.js';

/** Orders are keys of a device and of a point. */
export const orderKeys = {
  wordOrder: z.enum(['big', 'little']).optional(),
  byteOrder: z.enum(['big', 'little']).optional(),
};

/** Keys of every Modbus device block. docs/modbus.md lists them with their defaults. */
export const unitShape = {
  timeout: durationText.optional(),
  maxGap: z.int().min(0).max(124).optional(),
  // 125 registers and 2000 bits are the most that an answer can carry (clauses 6.1 and 6.3); 4 is the widest value.
  maxRegisters: z.int().min(4).max(125).optional(),
  maxCoils: z.int().min(1).max(2000).optional(),
  writeMultiple: z.boolean().optional(),
  maskWrite: z.boolean().optional(),
  readWrite: z.boolean().optional(),
  ...orderKeys,
} satisfies z.ZodRawShape;

/** Keys of a device block with `driver: modbus-tcp`. */
export const deviceShape = {
  ...addressShape,
  unit: z.int().min(0).max(255).optional(),
  maxInFlight: z.int().min(1).max(64).optional(),
  gateway: z.literal('serial').optional(),
  ...unitShape,
} satisfies z.ZodRawShape;

const MIN_TIMEOUT_MS = 10;
const DEFAULT_PORT = 502;

export function parseDevice(raw: Readonly<Record<string, unknown>>, context: ParseContext): ModbusDevice | undefined {
  const keys = readKeys(z.object(deviceShape), raw, context);
  const unit = keys === undefined ? undefined : unitOf(keys, context);
  if (keys === undefined || unit === undefined) return undefined;
  if (keys.gateway === 'serial' && (keys.maxInFlight ?? 1) > 1) {
    context.problems.error('CONFIG_CLASH', 'a gateway to a serial line takes one request at a time: leave out `maxInFlight`', ['maxInFlight']);
    return undefined;
  }
  return {
    ...unit,
    addresses: addressesOf(keys, keys.port ?? DEFAULT_PORT, unit.timeoutMs, context),
    maxInFlight: keys.maxInFlight ?? 1,
    ...(keys.gateway === undefined ? { isDirect: true } : {}),
  };
}

/** What `schema` reads from a block, or undefined with its problems reported below `at`. */
export function readKeys<Schema extends z.ZodType>(schema: Schema, raw: unknown, context: ParseContext, at: readonly string[] = []): z.infer<Schema> | undefined {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) context.problems.error('CONFIG_INVALID', issue.message, at.length > 0 ? at : issue.path.map(pathPart));
  return undefined;
}

type UnitKeys = z.infer<z.ZodObject<typeof unitShape>> & { readonly unit?: number | undefined };

/** The unit's own settings, one request in flight. */
export function unitOf(keys: UnitKeys, context: ParseContext, timeout = '1s'): ModbusUnit | undefined {
  const text = keys.timeout ?? timeout;
  const timeoutMs = parseDuration(text) ?? 0;
  if (timeoutMs < MIN_TIMEOUT_MS) {
    context.problems.error('CONFIG_INVALID', `no device answers within ${text}: the least is ${MIN_TIMEOUT_MS}ms`, ['timeout']);
    return undefined;
  }
  return {
    unit: keys.unit ?? 1,
    timeoutMs,
    maxInFlight: 1,
    maxGap: keys.maxGap ?? 8,
    maxRegisters: keys.maxRegisters ?? 125,
    maxCoils: keys.maxCoils ?? 2000,
    wordOrder: keys.wordOrder ?? 'big',
    byteOrder: keys.byteOrder ?? 'big',
    writeMultiple: keys.writeMultiple ?? false,
    maskWrite: keys.maskWrite ?? false,
    readWrite: keys.readWrite ?? false,
  };
}

export function pathPart(part: PropertyKey): string | number {
  return typeof part === 'number' ? part : String(part);
}
