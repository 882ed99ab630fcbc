import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { DeviceScheduleEdit } from '../contract/index.js';
import type { NodeApi } from './node-api.js';
import { callerOf, parseInput, requireToken } from './rest-input.js';
import { requireActive } from './session-requests.js';

const whole = (low: number, high: number): z.ZodType<number> => z.int().min(low).max(high);
const month = z.union([whole(1, 12), z.enum(['odd', 'even'])]).nullable();
const weekday = whole(1, 7).nullable();
const date = z.strictObject({ year: whole(1900, 2154).nullable(), month, day: z.union([whole(1, 31), z.enum(['last', 'odd', 'even'])]).nullable(), weekday });
const range = z.strictObject({ from: date, to: date });
const entry = z.union([z.strictObject({ date }), z.strictObject({ range }), z.strictObject({ weekNDay: z.strictObject({ month, week: whole(1, 9).nullable(), weekday }) })]);
const value = z.union([
  z.null(), z.strictObject({ real: z.number() }), z.strictObject({ double: z.number() }), z.strictObject({ unsigned: whole(0, 0xffff_ffff) }), z.strictObject({ signed: whole(-(2 ** 31), 2 ** 31 - 1) }),
  z.strictObject({ enumerated: whole(0, 65_535) }), z.strictObject({ boolean: z.boolean() }), z.strictObject({ text: z.string().max(1_000) }),
]);
const times = z.array(z.strictObject({ time: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d\d)?)?$/, { error: 'a time: 06:30 or 06:30:00' }), value })).max(100);
const edit = z.strictObject({
  effectivePeriod: range.optional(),
  weekly: z.array(times).length(7).optional(),
  exceptions: z.array(z.strictObject({ period: z.union([z.strictObject({ calendar: z.string().max(40) }), entry]), values: times, priority: whole(1, 16) })).max(255).optional(),
  default: value.optional(),
  dateList: z.array(entry).max(1_000).optional(),
});

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
    requireToken(api, request);
    requireActive(api);
    const { device, object } = parseInput(objectParams, request.params);
    // What is left out is left out, not undefined: that is what the schema gives.
    const { held } = await api.deviceSchedules.write({ device, object, edit: parseInput(edit, request.body) as DeviceScheduleEdit, by: callerOf(request) });
    return { device, object, held };
  });
}
