import type { FastifyInstance } from 'fastify';
import { TandemError } from '../contract/index.js';
import { routeDocs } from './api-docs/open-api.js';

/** Of an answer that names what was not understood. */
const NAMED = { names: 5, characters: 60 };

/**
 * Refuses what a route would pass over: with `?limt=5` the answer would be right for another question. The names are those that the OpenAPI
 * document has, because both are read from the schema that the route parses with. Files of the console have no parameters of ours. Behind
 * the guard: who may not ask is told that, and nothing else.
 */
export function refuseUnknownParameters(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    done(problemWith(request.method, request.routeOptions.url, Object.keys(request.query as object)));
  });
}

function problemWith(method: string, route: string | undefined, asked: readonly string[]): TandemError | undefined {
  const doc = asked.length === 0 ? undefined : routeDocs[`${method === 'HEAD' ? 'GET' : method} ${route ?? ''}`];
  if (doc === undefined) return undefined;
  const known = Object.keys(doc.query?.shape ?? {});
  const unknown = asked.filter((name) => !known.includes(name)).map((name) => name.slice(0, NAMED.characters));
  if (unknown.length === 0) return undefined;
  const named = unknown.slice(0, NAMED.names);
  const what = `${named.map((name) => `"${name}"`).join(', ')}${unknown.length > named.length ? ` and ${String(unknown.length - named.length)} more` : ''}`;
  const takes = known.length === 0 ? 'no parameters' : known.join(', ');
  return new TandemError('CLIENT_PARAMETER', `unknown query parameter ${what}: this address takes ${takes}`, { details: { unknown: named, known } });
}
