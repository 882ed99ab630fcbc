import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { durationMs, TandemError, type AlarmAction, type AlarmMute, type AlarmNote, type Clock, type MuteScope, type WireAlarm } from '../contract/index.js';
import type { LogEntry } from '../image/index.js';
import { actOnAlarm, type AlarmOutcome } from './alarm-permission.js';
import { journalCsv, journalPage } from './alarm-journal.js';
import { noteSchema, requestIdSchema } from './client-message.js';
import { reachOf } from './guard.js';
import type { NodeApi } from './node-api.js';
import { callerOf, countParam, listParam, parseInput, readerOf, requestIds, timeParam } from './rest-input.js';
import { requireActive } from './session-requests.js';
import { alarmKey, alarmsOf, wireLog } from './wire.js';

const text = z.string().min(1).max(300);
export const alarmsQuery = z.object({ state: listParam.optional(), class: listParam.optional(), priority: listParam.optional(), area: text.optional() });
export const journalQuery = z.object({
  limit: countParam(100, 10_000),
  before: z.string().regex(/^\d+\.\d+\.\d+\.[^!]{0,100}$/, 'the id of a journal entry').optional(),
  from: timeParam.optional(),
  to: timeParam.optional(),
  priority: listParam.optional(),
  class: listParam.optional(),
  state: listParam.optional(),
  event: listParam.optional(),
  alarm: text.optional(),
  point: text.optional(),
  area: text.optional(),
  match: text.optional(),
  format: z.enum(['json', 'csv']).default('json'),
  separator: z.enum([',', ';']).default(','),
});
export const figuresQuery = z.object({ from: timeParam.optional(), to: timeParam.optional(), operators: z.coerce.number().int().min(1).max(100).default(1) });
export const notificationsQuery = z.object({ limit: countParam(100, 10_000) });
const nameParams = z.object({ name: z.string() });
const idParams = z.object({ id: z.string().max(600) });
const note = noteSchema.optional();
export const acknowledgeBody = z.strictObject({ occurrence: z.number().int().min(0).optional(), transition: z.enum(['raised', 'returned']).optional(), note, id: requestIdSchema.optional() }).optional();
export const noteBody = z.strictObject({ note }).optional();
export const shelveBody = z.strictObject({ for: durationMs, note });
export const writtenNoteBody = z.strictObject({ note: noteSchema.min(1), id: requestIdSchema.optional() });
export const silenceBody = z.strictObject({ alarms: z.array(text).max(10_000).optional() }).optional();
const scopeShape = { area: text.optional(), device: text.optional() };
export const muteBody = z.strictObject({ ...scopeShape, for: durationMs, note });
export const unmuteQuery = z.object(scopeShape);

const DAY_MS = 86_400_000;
const MOST_ROWS = 1_000_000;

export function addAlarmRoutes(app: FastifyInstance, api: NodeApi, clock: Clock): void {
  const nextId = requestIds(api);
  /** Carries out what a person does, where this node may. */
  const act = async (request: FastifyRequest, action: () => AlarmAction): Promise<AlarmOutcome> => {
    requireActive(api);
    return actOnAlarm(api, reachOf(api, request), action(), callerOf(request));
  };
  const nameOf = (request: FastifyRequest): string => parseInput(nameParams, request.params).name;

  app.get('/api/v1/alarms', async (request) => {
    const asked = parseInput(alarmsQuery, request.query);
    const position = api.cut();
    const reach = reachOf(api, request);
    const alarms = alarmsOf(api.state.keyed.entries('alarm/')).filter((alarm) => reach.seesAlarm(alarm));
    await api.whenVisible(position.seq);
    const isOf = (value: string, list: readonly string[] | undefined): boolean => list === undefined || list.includes(value);
    return { alarms: alarms.filter((alarm) => isOf(alarm.state, asked.state) && isOf(alarm.class, asked.class) && isOf(String(alarm.priority), asked.priority) && (asked.area === undefined || alarm.area === asked.area || alarm.area?.startsWith(`${asked.area}/`) === true)) };
  });

  app.get('/api/v1/alarms/journal', async (request, reply) => {
    const { limit, before, from, to, match, priority, format, separator, ...rest } = parseInput(journalQuery, request.query);
    const reach = reachOf(api, request);
    const query = { ...rest, fromMs: from, toMs: to, text: match, priority: priority?.map(Number), ...(reach.seesAll ? {} : { sees: (entry: LogEntry) => reach.seesLog(entry) }) };
    const entries = api.alarmJournal(before);
    if (format === 'csv') {
      const hasLimit = (request.query as Record<string, unknown>).limit !== undefined;
      await reply
        .header('content-type', 'text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="alarms.csv"')
        .send(journalCsv(entries, query, separator, hasLimit ? limit : MOST_ROWS, api.activities.begin({ kind: 'export', subject: 'alarms', ...readerOf(request), step: 'write-rows' })));
      return reply;
    }
    const { page, next } = await journalPage(entries, query, limit);
    return { entries: page.map(wireLog), ...(next === undefined ? {} : { next }) };
  });

  app.get('/api/v1/alarms/figures', async (request) => {
    const { from, to, operators } = parseInput(figuresQuery, request.query);
    const toMs = to ?? clock.wallMs();
    const fromMs = from ?? toMs - DAY_MS;
    if (fromMs >= toMs) throw new TandemError('CLIENT_MALFORMED', '`from` has to lie before `to`');
    return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), operators, ...(await api.alarmFigures({ fromMs, toMs, operators })) };
  });

  app.get('/api/v1/notifications', async (request) => {
    const { pending, log } = await api.notifications(parseInput(notificationsQuery, request.query).limit);
    return { pending, log: log.map(wireLog) };
  });

  for (const kind of ['send', 'give-up'] as const) {
    app.post(`/api/v1/notifications/:id/${kind}`, async (request) => {
      requireActive(api);
      const { id } = parseInput(idParams, request.params);
      return api.notification({ kind, id, ...noted(parseInput(noteBody, request.body ?? undefined)?.note) }, callerOf(request));
    });
  }

  app.get('/api/v1/alarms/mutes', async (request) => {
    const reach = reachOf(api, request);
    return { mutes: [...api.state.keyed.entries('alarm-mute/')].map(([, value]) => value as unknown as AlarmMute).filter(({ scope }) => reach.seesScope(scope)) };
  });

  app.post('/api/v1/alarms/mutes', async (request) =>
    act(request, () => {
      const { for: forMs, note: reason, ...scope } = parseInput(muteBody, request.body);
      return { kind: 'mute', scope: scopeOf(scope), forMs, ...noted(reason) };
    }),
  );

  app.delete('/api/v1/alarms/mutes', async (request) => act(request, () => ({ kind: 'unmute', scope: scopeOf(parseInput(unmuteQuery, request.query)) })));

  app.post('/api/v1/alarms/silence', async (request) =>
    act(request, () => {
      const { alarms } = parseInput(silenceBody, request.body ?? undefined) ?? {};
      return { kind: 'silence', ...(alarms === undefined ? {} : { alarms }) };
    }),
  );

  app.get('/api/v1/alarms/:name', async (request) => {
    const name = nameOf(request);
    const alarm = api.state.keyed.get(alarmKey(name)) as unknown as WireAlarm | undefined;
    const definition = api.alarmDefinition(name);
    const isSeen = reachOf(api, request).seesAlarm({ ...alarm, name });
    if (!isSeen || (alarm === undefined && definition === undefined)) throw new TandemError('ALARM_UNKNOWN', `there is no alarm ${name}`);
    const notes = (api.state.keyed.get(`alarm-notes/${name}`) ?? []) as unknown as readonly AlarmNote[];
    return { name, alarm: alarm ?? null, definition: definition ?? null, notes };
  });

  app.post('/api/v1/alarms/:name/acknowledge', async (request) => {
    requireActive(api);
    const name = nameOf(request);
    const { id = nextId(), transition, note: said, ...body } = parseInput(acknowledgeBody, request.body ?? undefined) ?? {};
    const alarm = api.state.keyed.get(alarmKey(name)) as unknown as WireAlarm | undefined;
    if (alarm === undefined || !reachOf(api, request).seesAlarm(alarm)) throw new TandemError('ALARM_UNKNOWN', `no alarm ${name} is there to acknowledge`);
    const occurrence = body.occurrence ?? alarm.occurrence;
    const { held } = await act(request, () => ({ kind: 'acknowledge', alarm: name, occurrence, ...(transition === undefined ? {} : { transition }), ...noted(said) }));
    return { id, alarm: name, occurrence, held };
  });

  app.post('/api/v1/alarms/:name/shelve', async (request) =>
    act(request, () => {
      const { for: forMs, note: reason } = parseInput(shelveBody, request.body);
      return { kind: 'shelve', alarm: nameOf(request), forMs, ...noted(reason) };
    }),
  );

  app.post('/api/v1/alarms/:name/notes', async (request) =>
    act(request, () => {
      const { note: written, id } = parseInput(writtenNoteBody, request.body);
      return { kind: 'note', alarm: nameOf(request), id: id ?? nextId(), note: written };
    }),
  );

  for (const kind of ['reset', 'unshelve', 'take-out-of-service', 'return-to-service'] as const) {
    app.post(`/api/v1/alarms/:name/${kind}`, async (request) => act(request, () => ({ kind, alarm: nameOf(request), ...noted(parseInput(noteBody, request.body ?? undefined)?.note) })));
  }
}

function scopeOf({ area, device }: { area?: string | undefined; device?: string | undefined }): MuteScope {
  if (area !== undefined && device === undefined) return { area };
  if (device !== undefined && area === undefined) return { device };
  throw new TandemError('CLIENT_MALFORMED', 'either `area` or `device`');
}

function noted(said: string | undefined): { note?: string } {
  return said === undefined ? {} : { note: said };
}
