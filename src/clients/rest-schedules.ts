import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { TandemError } from '../contract/index.js';
import type { NodeApi } from './node-api.js';
import { parseInput } from './rest-input.js';

export const schedulesQuery = z.object({ days: z.coerce.number().int().min(0).max(31).default(7) });
const nameParams = z.object({ name: z.string() });

export function addScheduleRoutes(app: FastifyInstance, api: NodeApi): void {
  app.get('/api/v1/schedules', async (request) => ({ schedules: api.schedules(parseInput(schedulesQuery, request.query).days) }));

  app.get('/api/v1/schedules/:name', async (request) => {
    const { name } = parseInput(nameParams, request.params);
    const schedule = api.schedules(parseInput(schedulesQuery, request.query).days).find((candidate) => candidate.name === name);
    if (schedule === undefined) throw new TandemError('SCHEDULE_UNKNOWN', `there is no schedule ${name}`);
    return schedule;
  });
}
