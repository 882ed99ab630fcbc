import type { JsonSchema } from './json-schema.js';

/** A JSON schema as people read types: `{ value: Value, priority?: integer 1 … 16 }`. */
export function schemaText(schema: JsonSchema, depth = 0): string {
  const { $ref, anyOf, oneOf, enum: choices, const: only, type } = schema;
  if (typeof $ref === 'string') return $ref.replace('#/components/schemas/', '');
  const union = (anyOf ?? oneOf) as readonly JsonSchema[] | undefined;
  if (union !== undefined) return [...new Set(union.map((each) => schemaText(each, depth)))].join(' | ');
  if (Array.isArray(choices)) return choices.map((choice) => JSON.stringify(choice)).join(' | ');
  if (only !== undefined) return JSON.stringify(only);
  if (type === 'object') return objectText(schema, depth);
  if (type === 'array') return arrayText(schema, depth);
  return typeof type === 'string' ? `${type}${boundsOf(schema)}` : 'anything';
}

function objectText(schema: JsonSchema, depth: number): string {
  const { properties, required = [], additionalProperties } = schema as { properties?: Record<string, JsonSchema>; required?: readonly string[]; additionalProperties?: JsonSchema | boolean };
  if (properties === undefined) return `{ [name]: ${typeof additionalProperties === 'object' ? schemaText(additionalProperties, depth) : 'anything'} }`;
  const indent = '  '.repeat(depth + 1);
  const lines = Object.entries(properties).map(([name, each]) => `${indent}${name}${required.includes(name) ? '' : '?'}: ${schemaText(each, depth + 1)}`);
  return lines.length === 0 ? '{}' : `{\n${lines.join('\n')}\n${'  '.repeat(depth)}}`;
}

function arrayText(schema: JsonSchema, depth: number): string {
  const { items, prefixItems } = schema as { items?: JsonSchema; prefixItems?: readonly JsonSchema[] };
  if (prefixItems !== undefined) return `[${prefixItems.map((each) => schemaText(each, depth)).join(', ')}]`;
  const one = items === undefined ? 'anything' : schemaText(items, depth);
  return one.includes(' | ') ? `(${one})[]` : `${one}[]`;
}

function boundsOf({ minimum, maximum, maxLength, description }: JsonSchema): string {
  const hasMost = typeof maximum === 'number' && maximum < Number.MAX_SAFE_INTEGER;
  const bounds = typeof minimum === 'number' && minimum > Number.MIN_SAFE_INTEGER ? (hasMost ? ` ${minimum} … ${maximum}` : ` from ${minimum}`) : hasMost ? ` up to ${maximum}` : '';
  const length = typeof maxLength === 'number' ? `, at most ${maxLength} characters` : '';
  return `${bounds}${length}${typeof description === 'string' ? ` (${description})` : ''}`;
}
