import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { durationMs, TandemError, type Activity, type RedundancyStatus } from '../contract/index.js';
import { reachOf } from './guard.js';
import type { NodeApi, VerificationControl } from './node-api.js';
import type { Reach } from './reach.js';
import { callerOf, parseInput } from './rest-input.js';

const reason = z.string().min(1).max(300);
export const reasonBody = z.strictObject({ reason });
const WEEK_MS = 7 * 86_400_000;
export const holdBody = z.strictObject({ reason, for: durationMs.refine((ms) => ms > 0 && ms <= WEEK_MS, { error: 'must be more than nothing and at most 7 days' }) });

const DECADE_MS = 3_653 * 86_400_000;
export const verifyBody = z.strictObject({ history: durationMs.refine((ms) => ms <= DECADE_MS, { error: 'must be at most ten years' }).default(7 * 86_400_000) });

export function addRedundancyRoutes(app: FastifyInstance, api: NodeApi): void {
  app.get('/api/v1/activities', async (request) => ({ activities: seenActivities(reachOf(api, request), api.activities.list()) }));

  app.get('/api/v1/redundancy', async (request) => asSeenBy(reachOf(api, request), api));

  app.get('/api/v1/redundancy/settings', async () => ({ settings: api.settings() }));

  app.post('/api/v1/redundancy/switch', async (request, reply) => {
    await api.switchOver(callerOf(request), parseInput(reasonBody, request.body).reason);
    return reply.code(202).send({ accepted: true });
  });

  app.post('/api/v1/redundancy/force', async (request, reply) => {
    await api.control.force(callerOf(request), parseInput(reasonBody, request.body).reason);
    return reply.code(202).send({ accepted: true });
  });

  app.post('/api/v1/redundancy/hold', async (request) => {
    const body = parseInput(holdBody, request.body);
    await api.control.hold(callerOf(request), body.reason, body.for);
    return { hold: api.status().hold ?? null };
  });

  app.post('/api/v1/redundancy/drill', async (request, reply) => {
    await api.control.drill(callerOf(request));
    return reply.code(202).send({ accepted: true });
  });

  app.get('/api/v1/redundancy/drill', async () => ({ drill: api.status().drill ?? null }));

  app.post('/api/v1/redundancy/verify', async (request, reply) => {
    verificationOf(api).start(callerOf(request), parseInput(verifyBody, request.body ?? {}).history);
    return reply.code(202).send({ accepted: true });
  });

  app.get('/api/v1/redundancy/verify', async () => verificationOf(api).report());

  app.post('/api/v1/redundancy/release', async (request) => {
    await api.control.release(callerOf(request));
    return { hold: null };
  });
}

/** Who has roles for some areas only is told of those which devices differ or are reached by the standby alone; the pair itself is everybody's. */
function asSeenBy(reach: Reach, api: NodeApi): RedundancyStatus {
  const status = api.status();
  if (reach.seesAll) return status;
  const { activities, comparison, fieldSwitch } = status;
  const seesPoint = (name: string): boolean => {
    const point = api.state.table.find(name);
    return point !== undefined && reach.sees(point);
  };
  return {
    ...status,
    ...(activities === undefined ? {} : { activities: seenActivities(reach, activities) }),
    ...(comparison === undefined ? {} : { comparison: { ...comparison, devices: comparison.devices.filter(({ name }) => reach.seesDevice(name)), differences: comparison.differences.filter(({ point }) => seesPoint(point)) } }),
    ...(fieldSwitch?.onlyStandby === undefined ? {} : { fieldSwitch: { ...fieldSwitch, onlyStandby: fieldSwitch.onlyStandby.filter((device) => reach.seesDevice(device)) } }),
  };
}

/** A device is named to who sees it only; what a person is at, to who sees the whole site. */
function seenActivities(reach: Reach, activities: readonly Activity[]): readonly Activity[] {
  if (reach.seesAll) return activities;
  return activities.filter(({ kind, subject, by }) => (kind === 'windback' ? reach.seesDevice(subject) : by === undefined && kind !== 'discovery'));
}

function verificationOf({ verification }: NodeApi): VerificationControl {
  if (verification === undefined) throw new TandemError('VERIFY_REFUSED', 'this node has no partner to be compared with');
  return verification;
}
