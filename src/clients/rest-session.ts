import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { TandemError, type Clock } from '../contract/index.js';
import type { Caller, SignedIn } from './access-api.js';
import { credentialOf, isSecure } from './credential.js';
import { principalOf } from './guard.js';
import type { NodeApi } from './node-api.js';
import { RateLimit } from './rate-limit.js';
import { actorOf, parseInput } from './rest-input.js';
import { setCookie } from './session-cookie.js';

const name = z.string().min(1).max(60);
const password = z.string().min(1).max(1_000);
export const signInBody = z.strictObject({ user: name, password });
export const setUpBody = z.strictObject({ code: z.string().min(1).max(100), name, password, fullName: z.string().max(100).optional() });
export const passwordBody = z.strictObject({ old: password, new: password });

/** Attempts of one address that did not succeed. */
const TRIES = { burst: 20, perSecond: 1 / 6 };

/** Signing in and out. The key of a session is good at both nodes; the cookie keeps it for the next load of the page. */
export function addSessionRoutes(app: FastifyInstance, api: NodeApi, clock: Clock): void {
  const { access } = api;
  const tries = new RateLimit(TRIES.burst, TRIES.perSecond, () => clock.monotonicMs());
  const trying = async (request: FastifyRequest, reply: FastifyReply, attempt: () => Promise<SignedIn>): Promise<object> => {
    if (!tries.take(request.ip)) {
      void reply.header('retry-after', String(Math.ceil(tries.waitMs(request.ip) / 1_000)));
      throw new TandemError('CLIENT_LIMIT', 'too many attempts from this address: wait a moment');
    }
    const { key, principal, expiresMs } = await attempt();
    tries.giveBack(request.ip);
    keep(request, reply, key, expiresMs);
    return { user: principal, key, expiresMs };
  };
  const keep = (request: FastifyRequest, reply: FastifyReply, key: string, expiresMs: number): void => {
    void reply.header('set-cookie', setCookie(api.site, key, expiresMs - api.state.pairTimeMs, isSecure(request.raw)));
  };

  app.get('/api/v1/session', async (request) => {
    const principal = principalOf(request);
    const credential = credentialOf(api, request.raw);
    const role = api.role();
    const expiresMs = principal === undefined ? undefined : access.expiresMs(principal);
    return {
      site: api.site,
      node: api.node,
      role,
      ...(api.peerUrl() === undefined ? {} : { peerUrl: api.peerUrl() }),
      access: access.anyone === undefined ? 'login' : 'open',
      needsSetUp: access.needsSetUp,
      user: principal === undefined || principal.kind === 'anyone' ? null : principal,
      // The page asks the other node with it, where no cookie of this one goes. Only to who has it already.
      ...(principal?.session === undefined || credential === undefined ? {} : { key: credential.secret, expiresMs }),
    };
  });

  app.post('/api/v1/session', async (request, reply) => {
    const body = parseInput(signInBody, request.body);
    return trying(request, reply, async () => access.signIn(body, callerOf(request)));
  });

  app.post('/api/v1/set-up', async (request, reply) => {
    const body = parseInput(setUpBody, request.body);
    return trying(request, reply, async () => access.setUp(body, callerOf(request)));
  });

  // A person who has signed in at the other node stays signed in when this node's page is loaded again.
  app.put('/api/v1/session', async (request, reply) => {
    const { principal } = actorOf(request);
    const credential = credentialOf(api, request.raw);
    const expiresMs = access.expiresMs(principal);
    if (credential === undefined || expiresMs === undefined) throw new TandemError('USER_INVALID', 'a token has no session');
    keep(request, reply, credential.secret, expiresMs);
    return { user: principal, expiresMs };
  });

  app.delete('/api/v1/session', async (request, reply) => {
    const actor = actorOf(request);
    if (actor.principal.session !== undefined) await access.endSession(actor.principal.session, actor);
    return reply.header('set-cookie', setCookie(api.site, '', 0, isSecure(request.raw))).code(204).send();
  });

  app.put('/api/v1/session/password', async (request, reply) => {
    const { principal } = actorOf(request);
    await access.changePassword(principal, parseInput(passwordBody, request.body), callerOf(request));
    return reply.code(204).send();
  });
}

function callerOf(request: FastifyRequest): Caller {
  return { address: request.ip, agent: request.headers['user-agent'] ?? '' };
}
