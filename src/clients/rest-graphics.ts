import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { pointsOfBinding, TandemError, type GraphicDefinition, type GraphicInfo, type KpiDefinition } from '../contract/index.js';
import { reachOf } from './guard.js';
import type { NodeApi } from './node-api.js';
import { parseInput } from './rest-input.js';

/** A drawing of the largest size, escaped as JSON. */
const BODY_BYTES = 4 << 20;

const nameParams = z.object({ name: z.string() });
export const graphicBody = z.strictObject({ value: z.record(z.string(), z.unknown()), section: z.enum(['graphics', 'drawings']).default('graphics') });

/** Pages of the plant and figures of the overview: read on either node; they are changed as part of the configuration. */
export function addGraphicRoutes(app: FastifyInstance, api: NodeApi): void {
  /** Whether a point may be seen by who asks; undefined where everything may. */
  const limitOf = (request: FastifyRequest): ((point: string) => boolean) | undefined => {
    const reach = reachOf(api, request);
    return reach.seesAll ? undefined : (point) => reach.sees(api.state.table.find(point) ?? {});
  };

  /** Pages that show something that may be seen. */
  const seen = (request: FastifyRequest): readonly GraphicInfo[] => {
    const limit = limitOf(request);
    const graphics = api.graphics.list();
    return limit === undefined ? graphics : graphics.map((info) => ({ ...info, points: info.points.filter(limit) })).filter(({ points }) => points.length > 0);
  };

  app.get('/api/v1/graphics', async (request) => ({ graphics: seen(request) }));

  app.get('/api/v1/graphics/:name', async (request) => {
    const { name } = parseInput(nameParams, request.params);
    const graphic = seen(request).some((info) => info.name === name) ? api.graphics.get(name) : undefined;
    if (graphic === undefined) throw new TandemError('GRAPHIC_UNKNOWN', `there is no graphic ${name}`);
    return limited(graphic, limitOf(request));
  });

  app.post('/api/v1/graphics/:name/check', { bodyLimit: BODY_BYTES }, async (request) => {
    const { name } = parseInput(nameParams, request.params);
    const { value, section } = parseInput(graphicBody, request.body);
    return api.graphics.check(name, value, section);
  });

  app.get('/api/v1/kpis', async (request) => {
    const limit = limitOf(request);
    const kpis = api.graphics.kpis();
    return { kpis: limit === undefined ? kpis : (kpis?.flatMap((kpi) => limitedKpi(kpi, limit)) ?? null), timezone: api.graphics.timezone() };
  });
}

/** Without the elements that name a point which may not be seen: they stay as they are drawn. */
function limited(graphic: GraphicDefinition, limit: ((point: string) => boolean) | undefined): GraphicDefinition {
  if (limit === undefined) return graphic;
  return { ...graphic, elements: Object.fromEntries(Object.entries(graphic.elements).filter(([, binding]) => pointsOfBinding(binding).every(limit))) };
}

function limitedKpi(kpi: KpiDefinition, limit: (point: string) => boolean): KpiDefinition[] {
  if (kpi.show === 'count') {
    const points = kpi.points.filter(limit);
    return points.length === 0 ? [] : [{ ...kpi, points }];
  }
  return 'point' in kpi && !limit(kpi.point) ? [] : [kpi];
}
