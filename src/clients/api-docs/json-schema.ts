import { z } from 'zod';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Collects schemas for one document: those that have an `id` stand once under components/schemas and are pointed at. */
export class SchemaBook {
  readonly shared: Record<string, JsonSchema> = {};

  /** OpenAPI 3.1 speaks 2020-12, AsyncAPI 3.0 draft 7. */
  constructor(private readonly dialect: 'draft-2020-12' | 'draft-7') {}

  /** `input`: as a client has to write it; `output`: as a node tells it, to which keys may be added later. */
  of(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const made = z.toJSONSchema(schema, {
      io,
      target: this.dialect,
      unrepresentable: 'any',
      override: ({ jsonSchema }) => {
        if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      },
    });
    const { $defs, definitions = $defs, ...own } = pointed(made) as Record<string, unknown> & { $defs?: Record<string, JsonSchema>; definitions?: Record<string, JsonSchema> };
    delete own.$schema;
    for (const [name, each] of Object.entries(definitions ?? {})) this.shared[name] = each;
    const { id, ...rest } = own;
    if (typeof id !== 'string') return own;
    this.shared[id] = rest;
    return { $ref: `#/components/schemas/${id}` };
  }
}

/** Points into the document, in place of the schema's own definitions. */
function pointed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pointed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, key === '$ref' && typeof each === 'string' ? each.replace(/^#\/(\$defs|definitions)\//, '#/components/schemas/') : pointed(each)]));
}
