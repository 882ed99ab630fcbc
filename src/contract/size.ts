import { z } from 'zod';

const units: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };
const hint = 'a size with its unit: 500MB, 10GB or 1.5TB';

/** Reads an amount of storage as people write it, `500MB`, `1.5GB`. Bytes (a kB is 1,000); undefined where it is none. */
export function parseSize(text: string): number | undefined {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([kMGT]?B)$/.exec(text) ?? [];
  const scale = units[unit];
  return scale === undefined ? undefined : Math.round(Number(digits) * scale);
}

/** A size, turned into bytes. */
export const sizeBytes = z
  .string({ error: hint })
  .refine((text) => parseSize(text) !== undefined, { error: hint })
  .transform((text) => parseSize(text) ?? 0);
