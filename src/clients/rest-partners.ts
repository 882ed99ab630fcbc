import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { TandemError } from '../contract/index.js';
import type { NodeApi, PartnerControl } from './node-api.js';
import { callerOf, parseInput } from './rest-input.js';

const symbolParams = z.object({ symbol: z.string() });
export const rowBody = z.strictObject({ active: z.boolean().optional(), dbSync: z.boolean().optional(), comment: z.string().max(300).optional() });

/** R14, R15: the rows of this node and its partners, with their live settings; each node has a table of its own. */
export function addPartnerRoutes(app: FastifyInstance, api: NodeApi): void {
  app.get('/api/v1/redundancy/partners', async () => partnersOf(api).table());

  app.put('/api/v1/redundancy/partners/:symbol', async (request) => {
    const { symbol } = parseInput(symbolParams, request.params);
    const partners = partnersOf(api);
    await partners.change(symbol, parseInput(rowBody, request.body), callerOf(request));
    return partners.table();
  });

  app.post('/api/v1/redundancy/partners/:symbol/try-to-connect', async (request) => {
    const { symbol } = parseInput(symbolParams, request.params);
    return partnersOf(api).tryToConnect(symbol);
  });
}

function partnersOf({ partners }: NodeApi): PartnerControl {
  if (partners === undefined) throw new TandemError('PARTNER_UNKNOWN', 'this node has no partner table');
  return partners;
}
