import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { deviceScheduleEdit, isTandemError, type DeviceScheduleEdit } from '../contract/index.js';
import { reachOf } from './guard.js';
import type { NodeApi } from './node-api.js';
import { actorOf, callerOf, parseInput } from './rest-input.js';
import { requireActive } from './session-requests.js';

const deviceParams = z.object({ device: z.string() });
const objectParams = z.object({ device: z.string(), object: z.string() });

/** Schedules and calendars that devices run themselves. What they drive only the device knows: they are for who may do it to all of its points. */
export function addDeviceScheduleRoutes(app: FastifyInstance, api: NodeApi): void {
  const mayChange = (request: FastifyRequest, device: string, object: string): void => {
    try {
      reachOf(api, request).mustReachDevice('operator', device);
    } catch (error) {
      const { principal, address } = actorOf(request);
      if (isTandemError(error)) api.access.note({ who: principal.name, from: address, action: 'device-schedule', target: `${device}/${object}`, outcome: 'refused', code: error.code, message: error.message });
      throw error;
    }
  };

  app.get('/api/v1/devices/:device/schedules', async (request) => {
    requireActive(api);
    const { device } = parseInput(deviceParams, request.params);
    reachOf(api, request).mustReachDevice('viewer', device);
    return { schedules: await api.deviceSchedules.list(device) };
  });

  app.get('/api/v1/devices/:device/schedules/:object', async (request) => {
    requireActive(api);
    const { device, object } = parseInput(objectParams, request.params);
    reachOf(api, request).mustReachDevice('viewer', device);
    return api.deviceSchedules.read(device, object);
  });

  app.put('/api/v1/devices/:device/schedules/:object', async (request) => {
    requireActive(api);
    const { device, object } = parseInput(objectParams, request.params);
    mayChange(request, device, object);
    // What is left out is left out, not undefined: that is what the schema gives.
    const { held } = await api.deviceSchedules.write({ device, object, edit: parseInput(deviceScheduleEdit, request.body) as DeviceScheduleEdit, by: callerOf(request) });
    return { device, object, held };
  });
}
