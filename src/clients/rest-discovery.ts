import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { TandemError } from '../contract/index.js';
import type { DiscoveryView, NodeApi } from './node-api.js';
import { parseInput } from './rest-input.js';
import { requireActive } from './session-requests.js';

export const startBody = z.strictObject({
  driver: z.string().min(1).max(60),
  line: z.string().min(1).max(200).optional(),
  plug: z.record(z.string(), z.unknown()).optional(),
  options: z.record(z.string(), z.unknown()).default({}),
});
const idParams = z.object({ id: z.string().max(20) });

/** Looking for devices, for the console's wizard: it is traffic in the field, so it needs a token, and the active node. */
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

  app.delete('/api/v1/discovery/:id', async (request) => {
    return known(api.discovery.cancel(parseInput(idParams, request.params).id));
  });
}

function known(view: DiscoveryView | undefined): DiscoveryView {
  if (view === undefined) throw new TandemError('DISCOVERY_UNKNOWN', 'there is no such discovery here: it ended long ago, or ran on the other node');
  return view;
}
