import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { deviceScheduleEdit, type DeviceScheduleEdit } from '../contract/index.js';
import type { NodeApi } from './node-api.js';
import { callerOf, parseInput } from './rest-input.js';
import { requireActive } from './session-requests.js';

const deviceParams = z.object({ device: z.string() });
const objectParams = z.object({ device: z.string(), object: z.string() });

/** Schedules and calendars that devices run themselves. */
export function addDeviceScheduleRoutes(app: FastifyInstance, api: NodeApi): void {
  app.get('/api/v1/devices/:device/schedules', async (request) => {
    requireActive(api);
    return { schedules: await api.deviceSchedules.list(parseInput(deviceParams, request.params).device) };
  });

  app.get('/api/v1/devices/:device/schedules/:object', async (request) => {
    requireActive(api);
    const { device, object } = parseInput(objectParams, request.params);
    return api.deviceSchedules.read(device, object);
  });

  app.put('/api/v1/devices/:device/schedules/:object', async (request) => {
    requireActive(api);
    const { device, object } = parseInput(objectParams, request.params);
    // What is left out is left out, not undefined: that is what the schema gives.
    const { held } = await api.deviceSchedules.write({ device, object, edit: parseInput(deviceScheduleEdit, request.body) as DeviceScheduleEdit, by: callerOf(request) });
    return { device, object, held };
  });
}
