import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { durationMs, formatQuality, TandemError, type Clock, type PointDefinition } from '../contract/index.js';
import { reachOf } from './guard.js';
import { historyCsv } from './history-csv.js';
import type { NodeApi } from './node-api.js';
import { countParam, parseInput, readerOf, timeParam } from './rest-input.js';
import { wireValue } from './wire.js';

const HOUR_MS = 3_600_000;
const MOST_BUCKETS = 20_000;
const MOST_COLUMNS = 50;

const range = { from: timeParam.optional(), to: timeParam.optional() };
const name = z.string().max(300);
const every = durationMs.optional();
export const historyQuery = z.object({ point: name, ...range, limit: countParam(10_000, 200_000) });
export const aggregateQuery = z.object({ point: name, ...range, every, buckets: countParam(500, MOST_BUCKETS) });
export const csvQuery = z.object({
  point: z.union([name, z.array(name).min(1).max(MOST_COLUMNS)]).transform((points) => (typeof points === 'string' ? [points] : points)),
  ...range,
  every,
  separator: z.enum([',', ';']).default(','),
});

export function addHistoryRoutes(app: FastifyInstance, api: NodeApi, clock: Clock): void {
  const rangeOf = ({ from, to }: { from?: number | undefined; to?: number | undefined }): { fromMs: number; toMs: number } => {
    const toMs = to ?? clock.wallMs();
    const fromMs = from ?? toMs - HOUR_MS;
    if (fromMs > toMs) throw new TandemError('CLIENT_MALFORMED', '`from` lies after `to`');
    return { fromMs, toMs };
  };
  app.get('/api/v1/history', async (request) => {
    const { point: asked, limit, ...times } = parseInput(historyQuery, request.query);
    const { fromMs, toMs } = rangeOf(times);
    const point = reachOf(api, request).point(asked);
    const samples = await api.history({ point: point.name, fromMs, toMs, limit: limit + 1 });
    const page = samples.slice(0, limit);
    return {
      point: point.name,
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      samples: page.map((sample) => ({ timeMs: sample.timeMs, value: wireValue(point.kind, sample.value), quality: formatQuality(sample.quality) })),
      // Where the next page begins; absent on the last one.
      ...(samples.length > limit ? { next: samples[limit]?.timeMs } : {}),
    };
  });

  app.get('/api/v1/history/aggregate', async (request) => {
    const { point: asked, every: everyMs, buckets, ...times } = parseInput(aggregateQuery, request.query);
    const { fromMs, toMs } = rangeOf(times);
    const point = reachOf(api, request).point(asked);
    const stretchMs = everyMs ?? Math.max(1, Math.ceil((toMs - fromMs) / buckets));
    if (!numeric(point)) throw new TandemError('CLIENT_MALFORMED', `${point.name} has no numbers to sum up: it is ${point.kind}`);
    checkBuckets(fromMs, toMs, stretchMs);
    return {
      point: point.name,
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      everyMs: stretchMs,
      buckets: await api.aggregates({ point: point.name, fromMs, toMs, everyMs: stretchMs }),
    };
  });

  app.get('/api/v1/history.csv', async (request, reply) => {
    const { point: asked, every: everyMs, separator, ...times } = parseInput(csvQuery, request.query);
    const { fromMs, toMs } = rangeOf(times);
    const reach = reachOf(api, request);
    const points = asked.map((each) => reach.point(each));
    if (everyMs !== undefined) {
      checkBuckets(fromMs, toMs, everyMs);
      const text = points.find((point) => !numeric(point));
      if (text !== undefined) throw new TandemError('CLIENT_MALFORMED', `${text.name} has no numbers to sum up: leave \`every\` out`);
    }
    await reply
      .header('content-type', 'text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename="history-${new Date(fromMs).toISOString().slice(0, 10)}.csv"`)
      .send(historyCsv(api, points, { fromMs, toMs, everyMs, separator }, readerOf(request)));
    return reply;
  });
}

function numeric({ kind }: PointDefinition): boolean {
  return kind !== 'text' && kind !== 'integer64';
}

function checkBuckets(fromMs: number, toMs: number, everyMs: number): void {
  if (everyMs <= 0) throw new TandemError('CLIENT_MALFORMED', '`every` must be longer than nothing');
  if ((toMs - fromMs) / everyMs > MOST_BUCKETS) throw new TandemError('CLIENT_LIMIT', `at most ${MOST_BUCKETS} stretches in one answer: ask for longer ones or for less time`);
}
