import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isLimited, reaches, roleSomewhere, TandemError, type Clock, type Principal, type UserRole } from '../contract/index.js';
import { credentialOf } from './credential.js';
import { limits } from './limits.js';
import type { NodeApi } from './node-api.js';
import { isWelcome } from './origins.js';
import { RateLimit } from './rate-limit.js';
import { holds, Reach } from './reach.js';
import { ruleOf, type RouteRule } from './route-roles.js';

/** Wrong credentials of one address. */
const GUESSES = { burst: 100, perSecond: 1 };
/** So many at once, then so many a second. */
export interface RequestLimit {
  readonly burst: number;
  readonly perSecond: number;
}

const UNLISTED: RouteRule = { role: 'administrator' };
/** Of what was asked, as the audit keeps it. */
const AUDITED_BYTES = 2_000;
const SECRET = /password|token|secret|code|^text$|^old$|^new$/i;

const principals = new WeakMap<FastifyRequest, Principal>();

/** Who asks, once {@link addGuard} has let the request pass. */
export function principalOf(request: FastifyRequest): Principal | undefined {
  return principals.get(request);
}

export interface RouteName {
  readonly method: string;
  readonly url: string;
}

const routes = new WeakMap<FastifyInstance, readonly RouteName[]>();

/** Every route of an interface, for the tests that hold tables and documents against them. */
export function routesOf(app: FastifyInstance): readonly RouteName[] {
  return routes.get(app) ?? [];
}

/** What the routes at this address may be asked with; none where there is no route. Files of the console do not count. */
export function methodsOf(app: FastifyInstance, address: string): string[] {
  const [path = ''] = address.split('?');
  const parts = path.split('/');
  const isIt = (url: string): boolean => {
    const wanted = url.split('/');
    return wanted.length === parts.length && wanted.every((part, index) => part === parts[index] || (part.startsWith(':') && parts[index] !== ''));
  };
  return [...new Set(routesOf(app).filter(({ url }) => isIt(url)).map(({ method }) => method))].sort();
}

/** Lets through who may use a route, by the table of route-roles.ts, and audits what changes something. */
export function addGuard(app: FastifyInstance, api: NodeApi, clock: Clock, { burst, perSecond }: RequestLimit = limits.requests): void {
  const requests = new RateLimit(burst, perSecond, () => clock.monotonicMs());
  const guesses = new RateLimit(GUESSES.burst, GUESSES.perSecond, () => clock.monotonicMs());

  const listed: RouteName[] = [];
  routes.set(app, listed);
  app.addHook('onRoute', ({ method, url }) => void listed.push(...[method].flat().map((each) => ({ method: each, url }))));

  app.addHook('onRequest', async (request, reply) => {
    if (!requests.take(request.ip)) throw limited(reply, requests.waitMs(request.ip), 'too many requests from this address');
    const { url } = request.routeOptions;
    // What no route takes is answered 404, whoever asks.
    if (url === undefined) return;
    const rule = ruleOf(request.method, url) ?? UNLISTED;
    const credential = credentialOf(api, request.raw);
    const changes = request.method !== 'GET' && request.method !== 'HEAD';
    // A cookie comes along with whatever a page of somebody else makes the browser send: look whose page it is.
    if (changes && (credential?.from === 'cookie' ? request.headers.origin === undefined || !isWelcome(api, request.headers) : !isWelcome(api, request.headers))) {
      throw new TandemError('CLIENT_ORIGIN', `a page of ${request.headers.origin ?? 'nowhere'} may not change anything here`);
    }
    if (credential?.from === 'header' && guesses.waitMs(request.ip) > 0) throw limited(reply, guesses.waitMs(request.ip), 'too many wrong tokens from this address');
    const known = credential === undefined ? undefined : api.access.who(credential.secret);
    if (known === undefined && credential?.from === 'header') guesses.take(request.ip);
    const principal = known ?? (credential?.from === 'header' ? undefined : api.access.anyone);
    if (principal !== undefined) principals.set(request, principal);
    if (rule.role === 'anybody') return;
    if (rule.where === 'area') mustReachSomewhere(principal, rule.role);
    else mustReachSite(principal, rule.role);
  });

  app.addHook('onResponse', async (request, reply) => {
    const { url } = request.routeOptions;
    const action = url === undefined ? undefined : ruleOf(request.method, url)?.audit;
    const principal = principalOf(request);
    if (action === undefined || action === 'itself' || principal === undefined || principal.kind === 'anyone') return;
    const asked = askedOf(request.body);
    api.access.note({
      who: principal.name,
      from: request.ip,
      action,
      target: Object.values(request.params as Record<string, string>).join('/'),
      ...(asked === undefined ? {} : { new: asked }),
      outcome: reply.statusCode < 400 ? 'done' : reply.statusCode < 500 ? 'refused' : 'failed',
      ...(reply.statusCode < 400 ? {} : { code: String(reply.statusCode) }),
    });
  });
}

/** What is of the whole site: the site's role reaches that far, and nothing of the site is hidden. @throws CLIENT_UNAUTHORIZED, CLIENT_FORBIDDEN */
function mustReachSite(principal: Principal | undefined, needed: UserRole): void {
  if (principal === undefined || !reaches(principal.role, needed) || isLimited(principal)) refuse(principal, `this needs the role ${needed}${principal?.areas === undefined ? '' : ' for the whole site'}`);
}

/**
 * What is of one part of the site: here only whether there is a part at all where the role reaches that far. Which part it is knows
 * whoever looks it up, by {@link reachOf}. @throws CLIENT_UNAUTHORIZED, CLIENT_FORBIDDEN
 */
export function mustReachSomewhere(principal: Principal | undefined, needed: UserRole): asserts principal is Principal {
  if (principal === undefined || !reaches(roleSomewhere(principal), needed)) refuse(principal, `this needs the role ${needed}`);
}

/** What the one who asks may see and do, place by place. */
export function reachOf(api: NodeApi, request: FastifyRequest): Reach {
  const principal = principalOf(request);
  mustReachSomewhere(principal, 'viewer');
  return new Reach(api, principal);
}

function refuse(principal: Principal | undefined, why: string): never {
  if (principal === undefined) throw new TandemError('CLIENT_UNAUTHORIZED', 'sign in, or send a token: Authorization: Bearer <token>');
  if (principal.kind === 'anyone') throw new TandemError('CLIENT_UNAUTHORIZED', 'reading is open here, this is not: sign in, or send a token: Authorization: Bearer <token>');
  throw new TandemError('CLIENT_FORBIDDEN', `${why}, and ${holds(principal)}`);
}

function limited(reply: FastifyReply, waitMs: number, message: string): TandemError {
  void reply.header('retry-after', String(Math.ceil(waitMs / 1_000)));
  return new TandemError('CLIENT_LIMIT', message);
}

/** What was asked, without secrets and without whole documents. */
function askedOf(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return undefined;
  const kept = Object.fromEntries(Object.entries(body).filter(([key]) => !SECRET.test(key)));
  let text: string;
  try {
    text = JSON.stringify(kept);
  } catch {
    // It was refused for that; that somebody tried is kept all the same.
    return { nested: 'too deeply' };
  }
  if (text === '{}') return undefined;
  return text.length <= AUDITED_BYTES ? kept : { length: text.length };
}
