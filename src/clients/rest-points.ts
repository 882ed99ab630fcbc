import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { formatQuality, TandemError, type PointDefinition, type Position, type WirePoint, type WireValue } from '../contract/index.js';
import type { Image } from '../image/index.js';
import { prioritySchema, requestIdSchema, valueSchema } from './client-message.js';
import { matchesGlob } from './glob.js';
import type { NodeApi } from './node-api.js';
import { callerOf, countParam, parseInput, requestIds } from './rest-input.js';
import { epochNumber, requireActive } from './session-requests.js';
import { readValue } from './wire-input.js';
import { wirePoint, wireValue } from './wire.js';

/** A point with its present value, as REST tells it. */
export interface RestPoint extends WirePoint {
  readonly value: WireValue;
  /** Text of the state, for enumerations. */
  readonly state?: string;
  readonly quality: string;
  /** ISO 8601; null when never read. */
  readonly time: string | null;
  readonly seq: number;
  readonly description?: string;
}

export const listQuery = z.object({ match: z.string().max(300).default('*'), limit: countParam(1_000, 10_000), after: z.string().max(300).optional() });
const nameParams = z.object({ name: z.string() });
export const writeBody = z.strictObject({ value: valueSchema, priority: prioritySchema.optional(), id: requestIdSchema.optional(), epoch: z.number().int().min(0).optional() });

export function addPointRoutes(app: FastifyInstance, api: NodeApi): void {
  const nextId = requestIds(api);

  app.get('/api/v1/points', async (request) => {
    const { match, limit, after } = parseInput(listQuery, request.query);
    const position = api.cut();
    const { table, image } = api.state;
    const start = after === undefined ? 0 : known(api, after).id + 1;
    const matching = table.all().filter((point) => point.id >= start && matchesGlob(match, point.name));
    const points = matching.slice(0, limit).map((point) => restPoint(image, point));
    const last = points.at(-1);
    await api.whenVisible(position.seq);
    return { position: plain(position), revision: table.revision, points, ...(matching.length > limit && last !== undefined ? { next: last.name } : {}) };
  });

  app.get('/api/v1/points/:name', async (request) => {
    const point = known(api, parseInput(nameParams, request.params).name);
    const position = api.cut();
    const shown = restPoint(api.state.image, point);
    await api.whenVisible(position.seq);
    return shown;
  });

  app.get('/api/v1/points/:name/priority-array', async (request) => {
    requireActive(api);
    const point = known(api, parseInput(nameParams, request.params).name);
    const { slots, relinquishDefault } = await api.priorities(point.name);
    const active = slots.findIndex((slot) => slot !== null) + 1;
    return {
      point: point.name,
      slots: slots.map((slot) => (slot === null ? null : wireValue(point.kind, slot))),
      relinquishDefault: relinquishDefault === undefined ? null : wireValue(point.kind, relinquishDefault),
      active: active === 0 ? null : active,
    };
  });

  app.put('/api/v1/points/:name', async (request) => {
    requireActive(api);
    const point = known(api, parseInput(nameParams, request.params).name);
    const body = parseInput(writeBody, request.body);
    const id = body.id ?? nextId();
    const { held } = await api.write({
      id,
      point: point.name,
      value: readValue(point, body.value),
      by: callerOf(request),
      epoch: body.epoch ?? epochNumber(api),
      ...(body.priority === undefined ? {} : { priority: body.priority }),
    });
    return { id, point: point.name, held };
  });
}

function known(api: NodeApi, name: string): PointDefinition {
  const point = api.state.table.find(name);
  if (point === undefined) throw new TandemError('POINT_UNKNOWN', `there is no point ${name}`);
  return point;
}

function restPoint(image: Image, point: PointDefinition): RestPoint {
  const value = wireValue(point.kind, image.value(point.id));
  const state = point.kind === 'enum' && typeof value === 'number' ? point.states?.[value] : undefined;
  const timeMs = image.timeMs(point.id);
  return {
    ...wirePoint(point),
    value,
    ...(state === undefined ? {} : { state }),
    quality: formatQuality(image.quality(point.id)),
    time: timeMs === 0 ? null : new Date(timeMs).toISOString(),
    seq: image.seq(point.id),
    ...(point.description === undefined ? {} : { description: point.description }),
  };
}

function plain({ epoch, seq }: Position): Position {
  return { epoch: { number: epoch.number, node: epoch.node, nonce: epoch.nonce }, seq };
}
