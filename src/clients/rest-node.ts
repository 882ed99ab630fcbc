import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isInArea } from '../contract/index.js';
import { reachOf } from './guard.js';
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

  app.get('/api/v1/devices', async (request) => {
    const reach = reachOf(api, request);
    return { devices: api.devices().filter(({ name }) => reach.seesDevice(name)) };
  });

  // The tree over the points (C11). What lies above an area that is seen is named too: without it there is no way there.
  app.get('/api/v1/areas', async (request) => {
    const reach = reachOf(api, request);
    const areas = api.areas();
    const seen = areas.filter(({ name }) => reach.seesArea(name));
    return { areas: areas.filter(({ name }) => seen.some((area) => isInArea(area.name, name))) };
  });

  // It asks the device, and some do not take the question well: for those who may write.
  app.get('/api/v1/devices/:name/identification', async (request) => {
    requireActive(api);
    const { name } = parseInput(nameParams, request.params);
    reachOf(api, request).mustReachDevice('operator', name);
    return { device: name, identification: await api.identify(name) };
  });
}
