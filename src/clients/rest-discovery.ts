import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { TandemError } from '../contract/index.js';
import type { NodeApi } from './node-api.js';
import { parseInput } from './rest-input.js';
import { requireActive } from './session-requests.js';

export const startBody = z.strictObject({
  driver: z.string().min(1).max(60),
  line: z.string().min(1).max(200).optional(),
  plug: z.record(z.string(), z.unknown()).optional(),
  options: z.record(z.string(), z.unknown()).default({}),
});
/** A large building's EDE file has tens of thousands of rows. */
const BODY_BYTES = 16 << 20;
const fileShape = z.strictObject({ name: z.string().max(300), text: z.string() });
export const importBody = z.strictObject({ driver: z.string().min(1).max(60), line: z.string().min(1).max(200).optional(), files: z.array(fileShape).min(1).max(4), options: z.record(z.string(), z.unknown()).default({}) });
export const documentBody = z.strictObject({ text: z.string().optional(), devices: z.array(z.string().max(60)).max(10_000).optional() });
export const filesQuery = z.object({ driver: z.string().min(1).max(60) });
const idParams = z.object({ id: z.string().max(20) });

/** Looking for devices, for the console's wizard: it is traffic in the field, so it needs a token, and the active node. Files need no field. */
export function addDiscoveryRoutes(app: FastifyInstance, api: NodeApi): void {
  app.post('/api/v1/discovery', async (request, reply) => {
    requireActive(api);
    const { driver, line, plug, options } = parseInput(startBody, request.body);
    const view = api.discovery.start({ driver, options, ...(line !== undefined && { line }), ...(plug !== undefined && { plug }) });
    return reply.code(202).header('location', `/api/v1/discovery/${view.id}`).send(view);
  });

  app.get('/api/v1/discovery/:id', async (request) => {
    return known(api.discovery.get(parseInput(idParams, request.params).id));
  });

  app.post('/api/v1/discovery/import', { bodyLimit: BODY_BYTES }, async (request) => {
    const { driver, line, files, options } = parseInput(importBody, request.body);
    return api.discovery.import({ driver, files, options, ...(line !== undefined && { line }) });
  });

  app.get('/api/v1/discovery/files', async (request) => api.discovery.siteFiles(parseInput(filesQuery, request.query).driver));

  app.get('/api/v1/discovery/:id/files', async (request) => {
    return known(api.discovery.files(parseInput(idParams, request.params).id));
  });

  app.post('/api/v1/discovery/:id/document', { bodyLimit: BODY_BYTES }, async (request) => {
    const { text, devices } = parseInput(documentBody, request.body);
    const present = text ?? api.configuration?.current()?.text;
    if (present === undefined) throw new TandemError('CONFIG_UNKNOWN', 'there is no site document to add to: give one as text');
    return { text: known(await api.discovery.document(parseInput(idParams, request.params).id, present, devices)) };
  });

  app.delete('/api/v1/discovery/:id', async (request) => {
    return known(api.discovery.cancel(parseInput(idParams, request.params).id));
  });
}

function known<T>(view: T | undefined): T {
  if (view === undefined) throw new TandemError('DISCOVERY_UNKNOWN', 'there is no such discovery here: it ended long ago, or ran on the other node');
  return view;
}
