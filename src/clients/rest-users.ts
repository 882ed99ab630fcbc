import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { areaRoles, durationMs, siteRoles } from '../contract/index.js';
import type { NodeApi } from './node-api.js';
import { actorOf, parseInput } from './rest-input.js';

const role = z.enum(siteRoles);
/** By name of the area. */
const areas = z.record(z.string().min(1).max(300), z.enum(areaRoles)).optional();
const name = z.string().min(1).max(60);
const fullName = z.string().max(100);
const password = z.string().min(1).max(1_000);
export const userBody = z.strictObject({ name, role, areas, password, fullName: fullName.optional() });
export const changeBody = z.strictObject({ role: role.optional(), areas, fullName: fullName.optional(), password: password.optional(), disabled: z.boolean().optional(), locked: z.literal(false).optional() });
const YEAR_MS = 365 * 86_400_000;
export const tokenBody = z.strictObject({ name, role, areas, for: durationMs.refine((ms) => ms > 0 && ms <= 10 * YEAR_MS, { error: 'must be more than nothing and at most ten years' }).nullable().default(YEAR_MS) });
const nameParams = z.object({ name: z.string() });
const idParams = z.object({ id: z.string().max(60) });

/** C5: who may sign in, who has, and what programs may do. */
export function addUserRoutes(app: FastifyInstance, api: NodeApi): void {
  const { access } = api;
  app.get('/api/v1/users', async () => ({ users: access.users() }));
  app.post('/api/v1/users', async (request, reply) => {
    const user = await access.addUser(parseInput(userBody, request.body), actorOf(request));
    return reply.code(201).send(user);
  });
  app.put('/api/v1/users/:name', async (request) => access.changeUser(parseInput(nameParams, request.params).name, parseInput(changeBody, request.body), actorOf(request)));
  app.delete('/api/v1/users/:name', async (request, reply) => {
    await access.removeUser(parseInput(nameParams, request.params).name, actorOf(request));
    return reply.code(204).send();
  });

  app.get('/api/v1/sessions', async () => ({ sessions: access.sessions() }));
  app.delete('/api/v1/sessions/:id', async (request, reply) => {
    await access.endSession(parseInput(idParams, request.params).id, actorOf(request));
    return reply.code(204).send();
  });

  app.get('/api/v1/tokens', async () => ({ tokens: access.tokens() }));
  app.post('/api/v1/tokens', async (request, reply) => {
    const { for: forMs, ...token } = parseInput(tokenBody, request.body);
    const made = await access.addToken({ ...token, expiresMs: forMs === null ? null : api.state.pairTimeMs + forMs }, actorOf(request));
    return reply.code(201).send(made);
  });
  app.delete('/api/v1/tokens/:id', async (request, reply) => {
    await access.removeToken(parseInput(idParams, request.params).id, actorOf(request));
    return reply.code(204).send();
  });
}
