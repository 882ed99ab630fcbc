import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { TandemError, type WireAlarm } from '../contract/index.js';
import { noteSchema, requestIdSchema } from './client-message.js';
import type { NodeApi } from './node-api.js';
import { callerOf, countParam, parseInput, requestIds } from './rest-input.js';
import { epochNumber, requireActive } from './session-requests.js';
import { alarmKey, alarmsOf, wireLog } from './wire.js';

const journalQuery = z.object({ limit: countParam(100, 10_000) });
const nameParams = z.object({ name: z.string() });
const acknowledgeBody = z.strictObject({ occurrence: z.number().int().min(0).optional(), note: noteSchema.optional(), id: requestIdSchema.optional() }).optional();

export function addAlarmRoutes(app: FastifyInstance, api: NodeApi): void {
  const nextId = requestIds(api);

  app.get('/api/v1/alarms', async () => {
    const position = api.cut();
    const alarms = alarmsOf(api.state.keyed.entries('alarm/'));
    await api.whenVisible(position.seq);
    return { alarms };
  });

  app.get('/api/v1/alarms/journal', async (request) => {
    const { limit } = parseInput(journalQuery, request.query);
    return { entries: (await api.alarmJournal(limit)).map(wireLog) };
  });

  app.post('/api/v1/alarms/:name/acknowledge', async (request) => {
    requireActive(api);
    const { name } = parseInput(nameParams, request.params);
    const body = parseInput(acknowledgeBody, request.body ?? undefined) ?? {};
    const alarm = api.state.keyed.get(alarmKey(name)) as unknown as WireAlarm | undefined;
    if (alarm === undefined) throw new TandemError('ALARM_UNKNOWN', `no alarm ${name} is there to acknowledge`);
    const id = body.id ?? nextId();
    const occurrence = body.occurrence ?? alarm.occurrence;
    const { held } = await api.acknowledge({
      id,
      alarm: name,
      occurrence,
      by: callerOf(request),
      epoch: epochNumber(api),
      ...(body.note === undefined ? {} : { note: body.note }),
    });
    return { id, alarm: name, occurrence, held };
  });
}
