import { z } from 'zod';
import { errorCodes, VERSION } from '../../contract/index.js';
import { SchemaBook, type JsonSchema } from './json-schema.js';
import { ruleOf } from '../route-roles.js';
import { accessRoutes } from './access-routes.js';
import { pairRoutes } from './pair-routes.js';
import { plantRoutes } from './plant-routes.js';
import type { RouteDoc, RouteDocs } from './route-doc.js';

/** Every route, but the files of the console. A test holds it against route-roles.ts. */
export const routeDocs: RouteDocs = { ...plantRoutes, ...pairRoutes, ...accessRoutes };

const problem = z
  .looseObject({ type: z.string(), title: z.string(), status: z.int(), detail: z.string(), code: z.enum(Object.keys(errorCodes) as [string, ...string[]]) })
  .meta({ id: 'Problem', description: 'RFC 9457; docs/errors.md tells what each code means' });

const REFUSED = { $ref: '#/components/responses/Problem' };

/** The REST interface as OpenAPI 3.1. Parameters and bodies are the very schemas that the routes parse with. */
export function openApi(): JsonSchema {
  const book = new SchemaBook('draft-2020-12');
  const refused = book.of(problem, 'output');
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const [route, doc] of Object.entries(routeDocs)) {
    const [method = '', url = ''] = route.split(' ');
    (paths[url.replace(/:(\w+)/g, '{$1}')] ??= {})[method.toLowerCase()] = operation(book, method, url, doc);
  }
  return {
    openapi: '3.1.0',
    // The node that serves it.
    servers: [{ url: '/' }],
    info: { title: 'Tandem REST interface', version: VERSION, description: 'Both nodes answer reads; what changes something goes to the active one. docs/rest-api.md tells more. The WebSocket beside it: `/api/docs/asyncapi.json`.', license: { name: 'MIT', identifier: 'MIT' } },
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'A token, or the key of a session (docs/users.md)' }, session: { type: 'apiKey', in: 'cookie', name: 'tandem_<site>' } },
      responses: { Problem: { description: 'Refused, or failed: `code` says why', content: { 'application/problem+json': { schema: refused } } } },
      schemas: book.shared,
    },
  };
}

function operation(book: SchemaBook, method: string, url: string, doc: RouteDoc): JsonSchema {
  const { role, where } = ruleOf(method, url) ?? { role: 'administrator' as const };
  const { query, body } = doc;
  const named = [...url.matchAll(/:(\w+)/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  return {
    summary: doc.summary,
    description: role === 'anybody' ? 'Needs no credential.' : where === 'area' ? `Needs the role ${role} in the area of what it is about.` : `Needs the role ${role} for the whole site.`,
    tags: [tagOf(url)],
    operationId: `${method.toLowerCase()}${url.replace(/[^A-Za-z0-9]+(\w)/g, (_all, letter: string) => letter.toUpperCase())}`,
    'x-role': role,
    ...(where === undefined ? {} : { 'x-where': where }),
    ...(role === 'anybody' ? { security: [] } : {}),
    parameters: [...named, ...(query === undefined ? [] : parametersOf(book, query))],
    ...(body === undefined ? {} : { requestBody: { required: !body.safeParse(undefined).success, content: { 'application/json': { schema: book.of(body, 'input') } } } }),
    responses: { ...success(book, doc), ...(role === 'anybody' ? {} : { 401: REFUSED, 403: REFUSED }), ...(body === undefined && query === undefined ? {} : { 400: REFUSED }), default: REFUSED },
  };
}

function parametersOf(book: SchemaBook, query: z.ZodObject): JsonSchema[] {
  const { properties = {}, required = [] } = book.of(query, 'input') as { properties?: Record<string, JsonSchema>; required?: readonly string[] };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: required.includes(name), schema }));
}

function success(book: SchemaBook, { answer, status = 200, alsoAs = [] }: RouteDoc): JsonSchema {
  if (answer === undefined && alsoAs.length === 0) return { 204: { description: 'Done' } };
  const json = answer === undefined ? {} : { 'application/json': { schema: book.of(answer, 'output') } };
  return { [status]: { description: status === 202 ? 'Begun' : 'Done', content: { ...json, ...Object.fromEntries(alsoAs.map((type) => [type, { schema: { type: 'string' } }])) } } };
}

function tagOf(url: string): string {
  const [, first = '', , third = ''] = url.split('/');
  return first === 'api' && third !== '' ? third.split('.')[0] ?? third : 'node';
}
