import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { formatQuality, TandemError, type Clock } from '../contract/index.js';
import type { NodeApi } from './node-api.js';
import { countParam, parseInput } from './rest-input.js';
import { wireValue } from './wire.js';

const HOUR_MS = 3_600_000;

/** ISO 8601, or milliseconds since 1970. */
const time = z.string().max(40).transform((text, context) => {
  const ms = /^-?\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isFinite(ms)) return ms;
  context.addIssue({ code: 'custom', message: 'a time as ISO 8601 or milliseconds since 1970' });
  return z.NEVER;
});

const query = z.object({ point: z.string().max(300), from: time.optional(), to: time.optional(), limit: countParam(10_000, 200_000) });

export function addHistoryRoutes(app: FastifyInstance, api: NodeApi, clock: Clock): void {
  app.get('/api/v1/history', async (request) => {
    const { point: name, from, to, limit } = parseInput(query, request.query);
    const point = api.state.table.find(name);
    if (point === undefined) throw new TandemError('POINT_UNKNOWN', `there is no point ${name}`);
    const toMs = to ?? clock.wallMs();
    const fromMs = from ?? toMs - HOUR_MS;
    if (fromMs > toMs) throw new TandemError('CLIENT_MALFORMED', '`from` lies after `to`');
    const samples = await api.history({ point: name, fromMs, toMs, limit });
    return {
      point: name,
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      samples: samples.map((sample) => ({ timeMs: sample.timeMs, value: wireValue(point.kind, sample.value), quality: formatQuality(sample.quality) })),
    };
  });
}
