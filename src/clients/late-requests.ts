import type { FastifyInstance, FastifyRequest } from 'fastify';
import { TandemError, type Timers } from '../contract/index.js';
import { limits } from './limits.js';
import type { Arrival, Presence } from './presence.js';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Requests that change something and have waited while this node did not run are not carried out where nobody waits for the answer any
 * more: what their clients have asked for since, here or at the other node, would be undone. After a short absence it is looked whether the
 * client is still connected; after a long one that says nothing (a cable that was cut in between tells of nobody's leaving), and all are refused.
 */
export function refuseLateRequests(app: FastifyInstance, presence: Presence, timers: Timers): void {
  const arrivals = new WeakMap<FastifyRequest, Arrival>();
  app.addHook('onRequest', (request, _reply, done) => {
    if (!SAFE.has(request.method)) arrivals.set(request, presence.arrival());
    done();
  });
  // Behind the body, which may have taken a while.
  app.addHook('preHandler', async (request) => {
    const arrival = arrivals.get(request);
    if (arrival === undefined) return;
    if (presence.waited(arrival) === 'perhaps') {
      // That it has closed is read from the socket after what it sent before.
      await new Promise<void>((resolve) => timers.afterIo(resolve));
      if (hasLeft(request)) throw new TandemError('CLIENT_LATE', 'this node did not run for a moment, and whoever asked has left meanwhile: nothing was done');
    }
    if (presence.waited(arrival) !== 'long') return;
    throw new TandemError('CLIENT_LATE', `this node did not run for ${limits.awayBeats} s or longer, and the request may have waited meanwhile: nothing was done, send it again`);
  });
}

/** Nothing can be answered any more. */
function hasLeft({ raw: { socket } }: FastifyRequest): boolean {
  return socket.destroyed || !socket.writable;
}
