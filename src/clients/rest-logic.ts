import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { TandemError, type LogicView } from '../contract/index.js';
import { reachOf } from './guard.js';
import type { NodeApi } from './node-api.js';
import { callerOf, parseInput, timeParam } from './rest-input.js';
import { requireActive } from './session-requests.js';

const nameParams = z.object({ name: z.string() });
export const trialBody = z.strictObject({ from: timeParam, to: timeParam, program: z.string().min(1).max(100_000).optional() });

/** Control programs. They are edited as part of the configuration; here they are seen, let go on, and tried. */
export function addLogicRoutes(app: FastifyInstance, api: NodeApi): void {
  const { logic } = api;

  /** A program tells of all its points in its text: it is seen by who sees them all. */
  const seen = (request: FastifyRequest): readonly LogicView[] => {
    const reach = reachOf(api, request);
    if (reach.seesAll) return logic.views();
    return logic.views().filter(({ inputs, outputs }) => inputs.length + outputs.length > 0 && [...inputs, ...outputs].every(({ point }) => reach.sees(api.state.table.find(point) ?? {})));
  };

  app.get('/api/v1/logic', (request) => ({ logic: seen(request) }));

  app.get('/api/v1/logic/:name', (request) => {
    const { name } = parseInput(nameParams, request.params);
    const found = seen(request).find((candidate) => candidate.name === name);
    if (found === undefined) throw new TandemError('LOGIC_UNKNOWN', `there is no control program ${name}`);
    return found;
  });

  app.post('/api/v1/logic/:name/restart', async (request) => {
    requireActive(api);
    const { name } = parseInput(nameParams, request.params);
    return { name, ...(await logic.restart(name, callerOf(request))) };
  });

  app.post('/api/v1/logic/:name/dry-run', async (request) => {
    // It changes nothing, but takes as much of the processor as it is given history.
    const { name } = parseInput(nameParams, request.params);
    const { from, to, program } = parseInput(trialBody, request.body);
    if (from > to) throw new TandemError('CLIENT_MALFORMED', '`from` lies after `to`');
    return logic.dryRun({ name, fromMs: from, toMs: to, ...(program === undefined ? {} : { program }) });
  });
}
