import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { TandemError, type ScheduleView } from '../contract/index.js';
import { reachOf } from './guard.js';
import type { NodeApi } from './node-api.js';
import { parseInput } from './rest-input.js';

export const schedulesQuery = z.object({ days: z.coerce.number().int().min(0).max(31).default(7) });
const nameParams = z.object({ name: z.string() });

export function addScheduleRoutes(app: FastifyInstance, api: NodeApi): void {
  /** Those that write to something that may be seen; what else they write to is left out. */
  const seen = (request: FastifyRequest): readonly ScheduleView[] => {
    const reach = reachOf(api, request);
    const schedules = api.schedules(parseInput(schedulesQuery, request.query).days);
    if (reach.seesAll) return schedules;
    return schedules.flatMap((schedule) => {
      const targets = schedule.targets.filter(({ point }) => reach.sees(api.state.table.find(point) ?? {}));
      return targets.length === 0 ? [] : [{ ...schedule, targets }];
    });
  };

  app.get('/api/v1/schedules', async (request) => ({ schedules: seen(request) }));

  app.get('/api/v1/schedules/:name', async (request) => {
    const { name } = parseInput(nameParams, request.params);
    const schedule = seen(request).find((candidate) => candidate.name === name);
    if (schedule === undefined) throw new TandemError('SCHEDULE_UNKNOWN', `there is no schedule ${name}`);
    return schedule;
  });
}
