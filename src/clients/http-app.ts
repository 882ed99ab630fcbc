import { createServer } from 'node:https';
import fastifyStatic from '@fastify/static';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest, type FastifyServerFactory } from 'fastify';
import { isTandemError, TandemError, type Clock, type HttpsIdentity, type Log, type Timers } from '../contract/index.js';
import { isSecure } from './credential.js';
import { addGuard, methodsOf, type RequestLimit } from './guard.js';
import { refuseLateRequests } from './late-requests.js';
import { refuseUnknownParameters } from './known-parameters.js';
import { limits } from './limits.js';
import type { NodeApi } from './node-api.js';
import { consoleOrigins, otherOrigins } from './origins.js';
import type { Presence } from './presence.js';
import { fromFramework, problemOf, sendProblem } from './problem.js';
import { addAlarmRoutes } from './rest-alarms.js';
import { addAuditRoutes } from './rest-audit.js';
import { addDocsRoutes } from './rest-docs.js';
import { addDiscoveryRoutes } from './rest-discovery.js';
import { addDeviceScheduleRoutes } from './rest-device-schedules.js';
import { addConfigurationRoutes } from './rest-configuration.js';
import { addHistoryRoutes } from './rest-history.js';
import { addLogicRoutes } from './rest-logic.js';
import { addNodeRoutes } from './rest-node.js';
import { addMetricRoutes } from './rest-metrics.js';
import { addPartnerRoutes } from './rest-partners.js';
import { addRedundancyRoutes } from './rest-redundancy.js';
import { addPointRoutes } from './rest-points.js';
import { addRecordRoutes } from './rest-record.js';
import { addSessionRoutes } from './rest-session.js';
import { addGraphicRoutes } from './rest-graphics.js';
import { addScheduleRoutes } from './rest-schedules.js';
import { addSheetRoutes } from './rest-sheets.js';
import { addTrustRoutes } from './rest-trust.js';
import { addUserRoutes } from './rest-users.js';

const REQUEST_TIMEOUT_MS = 30_000;
const HSTS_SECONDS = 365 * 86_400;

export interface HttpOptions {
  readonly api: NodeApi;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly presence: Presence;
  readonly log: Log;
  readonly consoleFolder?: string;
  readonly requests?: RequestLimit;
  /** Speaks https with it. */
  readonly https?: HttpsIdentity;
}

/** REST and the console, without the WebSocket. */
export function createHttpApp(options: HttpOptions): FastifyInstance {
  const { api, clock, timers, presence, log, consoleFolder, https } = options;
  const app = fastify({
    bodyLimit: limits.messageBytes,
    ...(https === undefined ? {} : { serverFactory: secureServer(https) }),
    forceCloseConnections: true,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: 300 },
    // A path that cannot be decoded never gets as far as the error handler below.
    frameworkErrors: (error, _request, reply) => void sendProblem(reply, fromFramework(error) ?? problemOf(new TandemError('INTERNAL', 'internal error'))),
  });
  app.addHook('onRequest', async (request, reply) => secure(api, request, reply));
  addGuard(app, api, clock, options.requests);
  refuseUnknownParameters(app);
  refuseLateRequests(app, presence, timers);
  app.setErrorHandler((error, request, reply) => {
    if (isTandemError(error)) {
      const away = error.code === 'NOT_ACTIVE' || error.code === 'FENCED' ? { active: api.peerUrl() } : {};
      return sendProblem(reply, problemOf(error, error.status, away));
    }
    const refused = fromFramework(error);
    if (refused !== undefined) return sendProblem(reply, refused);
    log.error(`${request.method} ${request.url} failed`, error);
    return sendProblem(reply, problemOf(new TandemError('INTERNAL', 'internal error')));
  });
  app.setNotFoundHandler((request, reply) => {
    const taken = methodsOf(app, request.url);
    if (taken.length === 0) return sendProblem(reply, problemOf(new TandemError('CLIENT_MALFORMED', `there is no ${request.method} ${request.url}`), 404));
    void reply.header('allow', taken.join(', '));
    return sendProblem(reply, problemOf(new TandemError('CLIENT_MALFORMED', `${request.url} takes ${taken.join(', ')}, not ${request.method}`), 405));
  });
  // A hook holds for the routes that come after it.
  app.addHook('preHandler', (request, _reply, done) => {
    const isPlant = request.method === 'GET' && PLANT.some((path) => request.url.startsWith(path));
    done(isPlant && !api.servesReaders() ? new TandemError('NOT_ACTIVE', 'this node is not active, and the standby serves no readers here (loadSharing): ask the other one') : undefined);
  });
  addDocsRoutes(app);
  addNodeRoutes(app, api);
  addMetricRoutes(app, api);
  addSessionRoutes(app, api, clock);
  addUserRoutes(app, api);
  addAuditRoutes(app, api);
  addRedundancyRoutes(app, api);
  addPointRoutes(app, api);
  addAlarmRoutes(app, api, clock);
  addScheduleRoutes(app, api);
  addGraphicRoutes(app, api);
  addLogicRoutes(app, api);
  addDeviceScheduleRoutes(app, api);
  addPartnerRoutes(app, api);
  addTrustRoutes(app, api);
  addDiscoveryRoutes(app, api);
  addHistoryRoutes(app, api, clock);
  addConfigurationRoutes(app, api);
  addSheetRoutes(app, api);
  addRecordRoutes(app, api);
  if (consoleFolder !== undefined) addConsole(app, consoleFolder);
  return app;
}

/** What is read of the plant itself; a standby that does not share the load sends who asks to the active node. */
const PLANT = ['points', 'history', 'alarms', 'schedules'].map((name) => `/api/v1/${name}`);

export function tlsOptions({ key, certificate }: HttpsIdentity): { key: string; cert: string; minVersion: 'TLSv1.2' } {
  return { key, cert: certificate, minVersion: 'TLSv1.2' };
}

/** Fastify sets no times for a server that it has not made. */
function secureServer(identity: HttpsIdentity): FastifyServerFactory {
  return (handler) => createServer({ ...tlsOptions(identity), requestTimeout: REQUEST_TIMEOUT_MS }, handler);
}

function addConsole(app: FastifyInstance, folder: string): void {
  void app.register(fastifyStatic, {
    root: folder,
    cacheControl: false,
    // The bundler puts a hash into the names below assets/: they never change. Everything else is asked for again.
    setHeaders: (reply, path) => {
      void reply.header('cache-control', /[\\/]assets[\\/]/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}

/** Headers of every answer. Other origins get none of what lets a browser read it, but those that are named. */
function secure(api: NodeApi, request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  const connect = ["'self'", ...consoleOrigins(api).flatMap((origin) => [origin, origin.replace(/^http/, 'ws')])].join(' ');
  void reply.headers({
    'content-security-policy': `default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src ${connect}; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  });
  // A browser that has once come over https does not come in the clear any more; over http the header means nothing.
  if (isSecure(request.raw)) void reply.header('strict-transport-security', `max-age=${HSTS_SECONDS}`);
  if (request.url.startsWith('/api/')) void reply.header('cache-control', 'no-store');
  const { origin } = request.headers;
  if (origin === undefined || !otherOrigins(api).includes(origin)) return undefined;
  void reply.headers({ 'access-control-allow-origin': origin, vary: 'origin' });
  if (request.method !== 'OPTIONS') return undefined;
  return reply.headers({ 'access-control-allow-methods': 'GET, PUT, POST, DELETE', 'access-control-allow-headers': 'authorization, content-type' }).code(204).send();
}
