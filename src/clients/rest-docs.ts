import type { FastifyInstance } from 'fastify';
import { asyncApi } from './api-docs/async-api.js';
import { docsPage } from './api-docs/docs-page.js';
import { openApi } from './api-docs/open-api.js';

/** The interface described by itself: a page, OpenAPI and AsyncAPI. Made when they are first asked for. */
export function addDocsRoutes(app: FastifyInstance): void {
  const once = (make: () => string): (() => string) => {
    let made: string | undefined;
    return () => (made ??= make());
  };
  const page = once(() => docsPage(openApi()));
  const rest = once(() => JSON.stringify(openApi()));
  const socket = once(() => JSON.stringify(asyncApi()));
  app.get('/api/docs', async (_request, reply) => reply.type('text/html; charset=utf-8').send(page()));
  app.get('/api/docs/openapi.json', async (_request, reply) => reply.type('application/json; charset=utf-8').send(rest()));
  app.get('/api/docs/asyncapi.json', async (_request, reply) => reply.type('application/json; charset=utf-8').send(socket()));
}
