import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { durationMs, formatQuality, TandemError, type CommandSlot, type PointDefinition, type PointHold, type PointValue, type Position, type WirePoint, type WireValue } from '../contract/index.js';
import { noteSchema, prioritySchema, requestIdSchema, valueSchema } from './client-message.js';
import { matchesPoint } from './glob.js';
import { reachOf } from './guard.js';
import type { Confirmation, NodeApi } from './node-api.js';
import { writablePoint } from './point-permission.js';
import { actorOf, callerOf, countParam, parseInput, requestIds } from './rest-input.js';
import { epochNumber, requireActive } from './session-requests.js';
import { readShown, readValue } from './wire-input.js';
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
  /** A person has cut it off from its device. */
  readonly hold?: PointHold;
  /** Whose priority array it has; absent where it cannot be written. */
  readonly priorities?: 'gateway' | 'device';
}

export const listQuery = z.object({ match: z.string().max(300).default('*'), limit: countParam(1_000, 10_000), after: z.string().max(300).optional() });
const nameParams = z.object({ name: z.string() });
/** Manual operator (ANSI/ASHRAE 135, table 19-1). */
const OVERRIDE_PRIORITY = 8;
const reasonSchema = noteSchema.min(1);
export const overrideBody = z.strictObject({ value: valueSchema, priority: prioritySchema.default(OVERRIDE_PRIORITY), for: durationMs.optional(), reason: reasonSchema, id: requestIdSchema.optional(), epoch: z.number().int().min(0).optional() });
export const outOfServiceBody = z.strictObject({ for: durationMs.optional(), reason: reasonSchema });
export const releaseQuery = z.object({ priority: z.coerce.number().int().min(1).max(16).default(OVERRIDE_PRIORITY) });
export const writeBody = z.strictObject({ value: valueSchema, priority: prioritySchema.optional(), id: requestIdSchema.optional(), epoch: z.number().int().min(0).optional(), for: durationMs.optional(), reason: reasonSchema.optional() });

export function addPointRoutes(app: FastifyInstance, api: NodeApi): void {
  const nextId = requestIds(api);
  const write = async (request: FastifyRequest, point: PointDefinition, { value, priority, forMs, reason, ...given }: PointWrite): Promise<Confirmation & { id: string; point: string }> => {
    const id = given.id ?? nextId();
    const { held } = await api.write({
      id,
      point: point.name,
      value,
      by: callerOf(request),
      epoch: given.epoch ?? epochNumber(api),
      ...(priority === undefined ? {} : { priority }),
      ...(forMs === undefined ? {} : { untilMs: api.pairTime() + forMs }),
      ...(reason === undefined ? {} : { reason }),
    });
    return { id, point: point.name, held };
  };

  const seen = (request: FastifyRequest): PointDefinition => reachOf(api, request).point(parseInput(nameParams, request.params).name);
  const writable = (request: FastifyRequest, action: string): PointDefinition => {
    requireActive(api);
    return writablePoint(api, parseInput(nameParams, request.params).name, actorOf(request), action);
  };

  app.get('/api/v1/points', async (request) => {
    const reach = reachOf(api, request);
    const { match, limit, after } = parseInput(listQuery, request.query);
    const position = api.cut();
    const { table } = api.state;
    const start = after === undefined ? 0 : reach.point(after).id + 1;
    const matching = table.all().filter((point) => point.id >= start && matchesPoint(match, point) && reach.sees(point));
    const points = matching.slice(0, limit).map((point) => restPoint(api, point));
    const last = points.at(-1);
    await api.whenVisible(position.seq);
    return { position: plain(position), revision: table.revision, points, ...(matching.length > limit && last !== undefined ? { next: last.name } : {}) };
  });

  app.get('/api/v1/points/:name', async (request) => {
    const point = seen(request);
    const position = api.cut();
    const shown = restPoint(api, point);
    await api.whenVisible(position.seq);
    return shown;
  });

  app.get('/api/v1/points/:name/priority-array', async (request) => {
    const point = seen(request);
    const { slots, relinquishDefault, commands } = await api.priorities(point.name);
    const active = slots.findIndex((slot) => slot !== null) + 1;
    return {
      point: point.name,
      slots: slots.map((slot) => (slot === null ? null : wireValue(point.kind, slot))),
      relinquishDefault: relinquishDefault === undefined ? null : wireValue(point.kind, relinquishDefault),
      active: active === 0 ? null : active,
      commands: Object.fromEntries([...(commands ?? [])].map(([priority, slot]) => [priority, slotView(point, slot)])),
    };
  });

  app.get('/api/v1/overrides', async (request) => {
    const reach = reachOf(api, request);
    const position = api.cut();
    const overrides = api.overrides().flatMap(({ point: name, value, sinceMs, untilMs, ...rest }) => {
      const point = api.state.table.find(name);
      if (!reach.sees(point ?? {})) return [];
      return [{ point: name, ...rest, ...(value === undefined ? {} : { value: wireValue(point?.kind ?? 'number', value) }), ...times(sinceMs, untilMs) }];
    });
    await api.whenVisible(position.seq);
    return { overrides };
  });

  app.post('/api/v1/points/:name/override', async (request) => {
    const point = writable(request, 'point-override');
    const { value, for: forMs, reason, id, epoch, priority } = parseInput(overrideBody, request.body);
    if (value === null) throw new TandemError('VALUE_INVALID', `an override of ${point.name} needs a value: to end one, DELETE it`);
    if (point.write !== undefined) return write(request, point, { id, epoch, priority, forMs, reason, value: readShown(point, value) });
    const ends = forMs === undefined ? {} : { forMs };
    return { point: point.name, ...(await api.point({ kind: 'override', point: point.name, value: readShown(point, value), reason, ...ends }, callerOf(request))) };
  });

  app.delete('/api/v1/points/:name/override', async (request) => {
    const point = writable(request, 'relinquish');
    const { priority } = parseInput(releaseQuery, request.query);
    if (point.write !== undefined) return write(request, point, { priority, value: null });
    return { point: point.name, ...(await api.point({ kind: 'release', point: point.name }, callerOf(request))) };
  });

  app.post('/api/v1/points/:name/take-out-of-service', async (request) => {
    const point = writable(request, 'point-out-of-service');
    const { for: forMs, reason } = parseInput(outOfServiceBody, request.body);
    const ends = forMs === undefined ? {} : { forMs };
    return { point: point.name, ...(await api.point({ kind: 'take-out-of-service', point: point.name, reason, ...ends }, callerOf(request))) };
  });

  app.post('/api/v1/points/:name/return-to-service', async (request) => {
    const point = writable(request, 'point-in-service');
    return { point: point.name, ...(await api.point({ kind: 'return-to-service', point: point.name }, callerOf(request))) };
  });

  app.put('/api/v1/points/:name', async (request) => {
    const point = writable(request, 'write');
    const { for: forMs, value, ...body } = parseInput(writeBody, request.body);
    return write(request, point, { ...body, forMs, value: readValue(point, value) });
  });
}

interface PointWrite {
  readonly value: PointValue | null;
  readonly priority?: number | undefined;
  readonly forMs?: number | undefined;
  readonly reason?: string | undefined;
  readonly id?: string | undefined;
  readonly epoch?: number | undefined;
}

function slotView(point: PointDefinition, { value, sinceMs, untilMs, ...rest }: CommandSlot): object {
  return { value: wireValue(point.kind, value), ...rest, ...times(sinceMs, untilMs) };
}

function times(sinceMs: number, untilMs: number | undefined): { since: string; until?: string } {
  return { since: new Date(sinceMs).toISOString(), ...(untilMs === undefined ? {} : { until: new Date(untilMs).toISOString() }) };
}

function restPoint(api: NodeApi, point: PointDefinition): RestPoint {
  const { image, keyed } = api.state;
  const hold = keyed.get(`point-hold/${point.name}`) as unknown as PointHold | undefined;
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
    ...(hold === undefined ? {} : { hold }),
    ...(point.write === undefined ? {} : { priorities: api.keepsPriorities(point) ? ('gateway' as const) : ('device' as const) }),
  };
}

function plain({ epoch, seq }: Position): Position {
  return { epoch: { number: epoch.number, node: epoch.node, nonce: epoch.nonce }, seq };
}
