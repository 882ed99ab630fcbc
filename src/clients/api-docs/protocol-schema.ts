import { z } from 'zod';
import { alarmStates, areaRoles, siteRoles } from '../../contract/index.js';

/**
 * What a node sends, as schemas, for the AsyncAPI and OpenAPI documents. Strict, so that the tests find a key that is sent
 * and not described; the documents themselves let keys be added (a client passes over what it does not know).
 */
const count = z.int().min(0);
const role = z.enum(['starting', 'standby', 'active', 'yielding']);

export const epochSchema = z.strictObject({ number: count, node: z.string(), nonce: z.string() }).meta({ id: 'Epoch' });
const wirePosition = z.strictObject({ epoch: epochSchema, seq: count, revision: z.string(), scope: z.string().optional() }).meta({ id: 'Position' });
export const wireValueSchema = z.union([z.number(), z.boolean(), z.string(), z.null()]).meta({ id: 'Value', description: 'true/false for boolean points, a number for numbers and enumerations (index of the state), a decimal string for 64-bit integers, a string for texts, null for no value yet' });
const row = z.tuple([count, wireValueSchema, z.int().min(0).max(255), z.number(), count]).meta({ id: 'Row', description: 'index of the point, value, quality byte, source time in ms since 1970, frame of the change' });
const pointShape = {
  index: count,
  name: z.string(),
  kind: z.enum(['number', 'boolean', 'enum', 'integer64', 'text']),
  device: z.string(),
  unit: z.string().optional(),
  area: z.string().optional(),
  tags: z.array(z.string()).optional(),
  states: z.array(z.string()).optional(),
  writable: z.boolean(),
};
export const wirePointSchema = z.strictObject(pointShape).meta({ id: 'PointDefinition' });
export const wirePointShape = pointShape;

export const wireAlarmSchema = z
  .strictObject({
    name: z.string(),
    point: z.string(),
    state: z.enum(alarmStates),
    priority: z.int().min(1),
    class: z.string(),
    message: z.string(),
    sinceMs: z.number(),
    occurrence: count,
    active: z.literal(true).optional(),
    level: z.enum(['', 'high-high', 'high', 'low', 'low-low', 'rising', 'falling']).optional(),
    open: z.array(z.enum(['raised', 'returned'])).optional(),
    silenced: z.literal(true).optional(),
    lifeSafety: z.literal(true).optional(),
    untilMs: z.number().optional(),
    by: z.string().optional(),
    why: z.string().optional(),
    area: z.string().optional(),
    consequence: z.string().optional(),
    instruction: z.string().optional(),
    graphic: z.string().optional(),
    notes: count.optional(),
    source: z.literal('device').optional(),
    device: z.string().optional(),
    object: z.string().optional(),
  })
  .meta({ id: 'Alarm' });

export const wireLogSchema = z.strictObject({ id: z.string(), kind: z.string(), timeMs: z.number(), data: z.unknown() }).meta({ id: 'LogEntry' });
export const userSchema = z.strictObject({ name: z.string(), role: z.enum(siteRoles), areas: z.record(z.string(), z.enum(areaRoles)).optional() });
export const refusalSchema = z.strictObject({ name: z.string(), code: z.string(), message: z.string() }).meta({ id: 'Refusal' });
export const heldSchema = z.enum(['protected', 'unprotected']);

const id = z.string();
const values = z.array(row);
const alarms = z.array(wireAlarmSchema);

/** By type. docs/client-protocol.md tells when each comes. */
export const serverMessages = {
  hello: z.strictObject({ type: z.literal('hello'), protocol: z.literal(1), site: z.string(), node: z.string(), role, peerUrl: z.string().optional(), position: wirePosition, heartbeatMs: count, access: z.enum(['login', 'open']).optional(), user: userSchema.optional() }),
  authenticated: z.strictObject({ type: z.literal('authenticated'), user: userSchema }),
  role: z.strictObject({ type: z.literal('role'), role, epoch: epochSchema, peerUrl: z.string().optional() }),
  snapshot: z.strictObject({ type: z.literal('snapshot'), id, role, position: wirePosition, reset: z.boolean(), points: z.array(wirePointSchema), values, alarms }),
  changes: z.strictObject({ type: z.literal('changes'), id, role, epoch: epochSchema, seq: count, values, alarms: alarms.optional(), logs: z.array(wireLogSchema).optional(), resumed: z.literal(true).optional() }),
  heartbeat: z.strictObject({ type: z.literal('heartbeat'), role, epoch: epochSchema, seq: count }),
  redirect: z.strictObject({ type: z.literal('redirect'), url: z.string(), position: wirePosition }),
  result: z.strictObject({ type: z.literal('result'), id, ok: z.boolean(), held: heldSchema.optional(), refused: z.array(refusalSchema).optional(), code: z.string().optional(), message: z.string().optional() }),
  error: z.strictObject({ type: z.literal('error'), code: z.string(), message: z.string() }),
} as const;
