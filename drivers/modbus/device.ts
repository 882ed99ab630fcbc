import { z } from 'zod';
import { durationText, parseDuration } from '../../src/contract/duration.js';
import type { ParseContext } from '../../src/contract/driver.js';
import type { ModbusDevice } from './types.js';

/** Orders are keys of a device and of a point. */
export const orderKeys = {
  wordOrder: z.enum(['big', 'little']).optional(),
  byteOrder: z.enum(['big', 'little']).optional(),
};

/** Keys of a device block with `driver: modbus-tcp`. docs/modbus.md lists them with their defaults. */
export const deviceShape = {
  host: z.string().min(1),
  port: z.int().min(1).max(65_535).optional(),
  unit: z.int().min(0).max(255).optional(),
  timeout: durationText.optional(),
  maxInFlight: z.int().min(1).max(64).optional(),
  maxGap: z.int().min(0).max(124).optional(),
  // 125 registers and 2000 bits are the most that an answer can carry (clauses 6.1 and 6.3); 4 is the widest value.
  maxRegisters: z.int().min(4).max(125).optional(),
  maxCoils: z.int().min(1).max(2000).optional(),
  writeMultiple: z.boolean().optional(),
  ...orderKeys,
} satisfies z.ZodRawShape;

const MIN_TIMEOUT_MS = 10;

export function parseDevice(raw: Readonly<Record<string, unknown>>, context: ParseContext): ModbusDevice | undefined {
  const parsed = z.object(deviceShape).safeParse(raw);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) context.problems.error('CONFIG_INVALID', issue.message, issue.path.map(pathPart));
    return undefined;
  }
  const keys = parsed.data;
  const timeoutMs = parseDuration(keys.timeout ?? '1s') ?? 0;
  if (timeoutMs < MIN_TIMEOUT_MS) {
    context.problems.error('CONFIG_INVALID', `no device answers within ${keys.timeout ?? ''}: the least is ${MIN_TIMEOUT_MS}ms`, ['timeout']);
    return undefined;
  }
  const address = context.plug?.address;
  return {
    host: keys.host,
    port: keys.port ?? 502,
    ...(typeof address === 'string' ? { localAddress: address } : {}),
    unit: keys.unit ?? 1,
    timeoutMs,
    maxInFlight: keys.maxInFlight ?? 1,
    maxGap: keys.maxGap ?? 8,
    maxRegisters: keys.maxRegisters ?? 125,
    maxCoils: keys.maxCoils ?? 2000,
    wordOrder: keys.wordOrder ?? 'big',
    byteOrder: keys.byteOrder ?? 'big',
    writeMultiple: keys.writeMultiple ?? false,
  };
}

export function pathPart(part: PropertyKey): string | number {
  return typeof part === 'number' ? part : String(part);
}
