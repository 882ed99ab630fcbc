import { z } from 'zod';
import { plain } from './behaviours/index.js';
import type { FaultKind, Faults, FaultScope } from './faults.js';
import { unitsOf } from './units-spec.js';

export interface FaultSpec {
  readonly fault: FaultKind;
  readonly scope: FaultScope;
}

const plainKinds = Object.keys(plain) as readonly (keyof typeof plain)[];
const kinds = ['exception', 'delay', 'slow-start', ...plainKinds];

const units = z.union([z.number(), z.string()]).transform((text, context) => {
  const found = unitsOf(text);
  if (found === undefined) context.addIssue(`unit is a number or a range such as 1-8,12, not ${String(text)}`);
  return found ?? [];
});

const shape = z.strictObject({
  kind: z.string().refine((kind) => kinds.includes(kind), { error: ({ input }) => `there is no fault ${String(input)}; there are ${kinds.join(', ')}` }),
  code: z.int().min(1).max(255).optional(),
  delayMs: z.number().min(0).max(3_600_000).optional(),
  forMs: z.number().min(0).max(3_600_000).optional(),
  unit: units.optional(),
  function: z.int().min(1).max(127).optional(),
  times: z.int().min(1).optional(),
  rate: z.number().min(0).max(1).optional(),
});

/** Parameters that a kind takes, with what they are when left out. */
const parameters: Readonly<Record<string, { readonly name: 'code' | 'delayMs' | 'forMs'; readonly usual: number }>> = {
  exception: { name: 'code', usual: 4 },
  delay: { name: 'delayMs', usual: 1_000 },
  'slow-start': { name: 'forMs', usual: 10_000 },
};

/** Reads one fault as a map of keys (a row of a faults file). Returns the complaint where it is wrong. */
export function readFault(raw: unknown): FaultSpec | string {
  const parsed = shape.safeParse(raw);
  if (!parsed.success) return parsed.error.issues.map(({ message, path }) => (path.length > 0 && path[0] !== 'kind' && !message.includes(String(path[0])) ? `${path.join('.')}: ${message}` : message)).join('; ');
  const { kind, code, delayMs, forMs, unit, function: functionCode, times, rate } = parsed.data;
  const given = { code, delayMs, forMs };
  const parameter = parameters[kind];
  const stray = (['code', 'delayMs', 'forMs'] as const).find((name) => given[name] !== undefined && name !== parameter?.name);
  if (stray !== undefined) return `${kind} has no ${stray}`;
  const scope = {
    ...(unit === undefined ? {} : { unit }),
    ...(functionCode === undefined ? {} : { function: functionCode }),
    ...(times === undefined ? {} : { times }),
    ...(rate === undefined ? {} : { rate }),
  };
  const fault = (parameter === undefined ? { kind } : { kind, [parameter.name]: given[parameter.name] ?? parameter.usual }) as FaultKind;
  return { fault, scope };
}

/** Reads `kind:unit=3,rate=0.1`, the form of the command line. A range of units has its commas as `+`: `unit=1-8+12`. */
export function readFaultText(text: string): FaultSpec | string {
  const [kind = '', rest = ''] = text.split(/:(.*)/s);
  const raw: Record<string, string | number> = { kind };
  for (const pair of rest === '' ? [] : rest.split(',')) {
    const [key = '', value] = pair.split('=');
    if (value === undefined || value === '') return `${pair} is not key=value`;
    const plus = value.replaceAll('+', ',');
    raw[key.trim()] = key.trim() === 'unit' ? plus : Number.isNaN(Number(value)) ? value : Number(value);
  }
  return readFault(raw);
}

/** Puts exactly these in force. */
export function replaceFaults(faults: Faults, specs: readonly FaultSpec[]): void {
  faults.clear();
  for (const { fault, scope } of specs) faults.inject(fault, scope);
}
