import { z } from 'zod';
import { areaRoles, siteRoles } from '../../contract/index.js';
import { auditQuery } from '../rest-audit.js';
import { passwordBody, setUpBody, signInBody } from '../rest-session.js';
import { changeBody, tokenBody, userBody } from '../rest-users.js';
import { count, CSV, JSONL, ms, next, type RouteDocs } from './route-doc.js';

const roles = { role: z.enum(siteRoles), areas: z.record(z.string(), z.enum(areaRoles)).optional() };
const principal = z.object({ kind: z.enum(['user', 'token', 'machine', 'anyone']), name: z.string(), ...roles, session: z.string().optional() }).meta({ id: 'Principal' });
const signedIn = z.object({ user: principal, key: z.string(), expiresMs: ms });
const user = z.object({ name: z.string(), ...roles, fullName: z.string(), disabled: z.boolean(), createdMs: ms, passwordMs: ms, lockedUntilMs: ms.optional(), sessions: count }).meta({ id: 'User' });
const session = z.object({ id: z.string(), user: z.string(), createdMs: ms, seenMs: ms, expiresMs: ms, from: z.string(), agent: z.string() });
const tokenShape = { id: z.string(), name: z.string(), ...roles, by: z.string(), createdMs: ms, expiresMs: ms.nullable() };
const entry = z
  .object({ id: z.string(), timeMs: ms, who: z.string(), from: z.string(), action: z.string(), target: z.string(), old: z.unknown().optional(), new: z.unknown().optional(), outcome: z.enum(['done', 'refused', 'failed']), code: z.string().optional(), message: z.string().optional() })
  .meta({ id: 'AuditEntry' });

export const accessRoutes: RouteDocs = {
  'GET /api/v1/session': {
    summary: 'Who asks; without a credential too',
    answer: z.object({ site: z.string(), node: z.string(), role: z.string(), peerUrl: z.string().optional(), access: z.enum(['login', 'open']), needsSetUp: z.boolean(), user: principal.nullable(), key: z.string().optional(), expiresMs: ms.optional() }),
  },
  'POST /api/v1/session': { summary: 'Signs in, and sets a cookie; active node only', body: signInBody, answer: signedIn },
  'PUT /api/v1/session': { summary: 'Sets the cookie of this node for a session that began at the other one', answer: z.object({ user: principal, expiresMs: ms }) },
  'DELETE /api/v1/session': { summary: 'Signs out' },
  'PUT /api/v1/session/password': { summary: 'Changes the own password', body: passwordBody },
  'POST /api/v1/set-up': { summary: 'Makes the first administrator with the set-up code', body: setUpBody, answer: signedIn },
  'GET /api/v1/users': { summary: 'Users', answer: z.object({ users: z.array(user) }) },
  'POST /api/v1/users': { summary: 'Adds a user', body: userBody, answer: user, status: 201 },
  'PUT /api/v1/users/:name': { summary: 'Changes a user; what is left out stays', body: changeBody, answer: user },
  'DELETE /api/v1/users/:name': { summary: 'Removes a user' },
  'GET /api/v1/sessions': { summary: 'Who is signed in, and from where', answer: z.object({ sessions: z.array(session) }) },
  'DELETE /api/v1/sessions/:id': { summary: 'Ends a session' },
  'GET /api/v1/tokens': { summary: 'Tokens of programs', answer: z.object({ tokens: z.array(z.object(tokenShape)) }) },
  'POST /api/v1/tokens': { summary: 'Makes a token; told this once', body: tokenBody, answer: z.object({ ...tokenShape, token: z.string() }), status: 201 },
  'DELETE /api/v1/tokens/:id': { summary: 'Revokes a token' },
  'GET /api/v1/audit': { summary: 'Who did what, newest first', query: auditQuery, answer: z.object({ entries: z.array(entry), next }), alsoAs: [CSV, JSONL] },
};
