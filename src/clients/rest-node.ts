import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { NodeApi } from './node-api.js';
import { parseInput } from './rest-input.js';
import { requireActive } from './session-requests.js';

const nameParams = z.object({ name: z.string() });

export function addNodeRoutes(app: FastifyInstance, api: NodeApi): void {
  app.get('/healthz', async () => ({ status: 'alive', node: api.node }));

  // For load balancers: only the active node answers 200.
  app.get('/active', async (_request, reply) => {
    const role = api.role();
    const active = role === 'active';
    void reply.code(active ? 200 : 503).header('cache-control', 'no-store');
    return { active, node: api.node, role, ...(active ? {} : { activeUrl: api.peerUrl() }) };
  });

  app.get('/api/v1/devices', async () => ({ devices: api.devices() }));

  // It asks the device, and some do not take the question well: for those who may write.
  app.get('/api/v1/devices/:name/identification', async (request) => {
    requireActive(api);
    const { name } = parseInput(nameParams, request.params);
    return { device: name, identification: await api.identify(name) };
  });
}
