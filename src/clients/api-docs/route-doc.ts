import { z } from 'zod';

/** What the OpenAPI document says of one route. Path parameters are read from the route itself, the role from route-roles.ts. */
export interface RouteDoc {
  readonly summary: string;
  /** The schemas that the route itself parses with. */
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** JSON of a success; left out: 204 without a body. */
  readonly answer?: z.ZodType;
  readonly status?: 200 | 201 | 202;
  /** The same in other forms, or another form altogether: media types. */
  readonly alsoAs?: readonly string[];
}

export type RouteDocs = Readonly<Record<string, RouteDoc>>;

export const ms = z.number().describe('milliseconds since 1970');
export const iso = z.string().describe('ISO 8601');
export const count = z.number().int().min(0);
export const record = (values: z.ZodType = z.unknown()): z.ZodType => z.record(z.string(), values);
export const next = z.string().optional().describe('what the next page is asked with; absent on the last one');
/** R10: a device as a `hot` standby finds it. */
export const comparedShape = { state: z.enum(['equal', 'differs', 'unreachable', 'waiting']), differing: count, sinceMs: ms.optional() };
/** What a check of a document found. */
export const problem = z.object({ code: z.string(), message: z.string(), file: z.string(), line: z.number(), column: z.number(), path: z.string(), severity: z.enum(['error', 'warning']) });
export const nothing = z.object({});
export const accepted = z.object({ accepted: z.literal(true) });
export const CSV = 'text/csv';
export const JSONL = 'application/x-ndjson';
