import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { FINGERPRINT, TandemError } from '../contract/index.js';
import type { NodeApi, TrustControl } from './node-api.js';
import { callerOf, parseInput } from './rest-input.js';

export const decisionBody = z.strictObject({
  action: z.enum(['approve', 'approve-connection', 'revoke', 'forget']),
  fingerprint: z.string().regex(FINGERPRINT, { error: 'must be `sha256:` and 64 hexadecimal digits' }),
});

/** R12: certificates and connections, approved and revoked on each node by itself, whichever is active. */
export function addTrustRoutes(app: FastifyInstance, api: NodeApi): void {
  app.get('/api/v1/redundancy/trust', async () => trustOf(api).status());

  app.post('/api/v1/redundancy/trust', async (request) => {
    const { action, fingerprint } = parseInput(decisionBody, request.body);
    const trust = trustOf(api);
    trust.act(action, fingerprint, callerOf(request));
    return trust.status();
  });

  app.post('/api/v1/redundancy/trust/renew', async (request) => {
    return trustOf(api).renew(callerOf(request));
  });
}

function trustOf(api: NodeApi): TrustControl {
  if (api.trust === undefined) throw new TandemError('TRUST_REFUSED', 'an independent node has no partner to trust');
  return api.trust;
}
