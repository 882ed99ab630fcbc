import { z } from 'zod';
import { deviceScheduleEdit } from '../../contract/index.js';
import { acknowledgeBody, alarmsQuery, figuresQuery, journalQuery, muteBody, noteBody, notificationsQuery, shelveBody, silenceBody, unmuteQuery, writtenNoteBody } from '../rest-alarms.js';
import { documentBody, filesQuery, importBody, startBody } from '../rest-discovery.js';
import { graphicBody } from '../rest-graphics.js';
import { aggregateQuery, csvQuery, historyQuery } from '../rest-history.js';
import { trialBody } from '../rest-logic.js';
import { listQuery, outOfServiceBody, overrideBody, releaseQuery, writeBody } from '../rest-points.js';
import { schedulesQuery } from '../rest-schedules.js';
import { epochSchema, heldSchema, refusalSchema, wireAlarmSchema, wireLogSchema, wirePointShape, wireValueSchema } from './protocol-schema.js';
import { comparedShape, count, CSV, iso, ms, next, problem, record, type RouteDocs } from './route-doc.js';

const held = z.object({ held: heldSchema });
const point = z
  .object({ ...wirePointShape, value: wireValueSchema, state: z.string().optional(), quality: z.string(), time: iso.nullable(), seq: count, description: z.string().optional(), hold: z.object({ kind: z.enum(['override', 'out-of-service']), by: z.string(), sinceMs: ms, untilMs: ms.optional(), reason: z.string().optional() }).optional(), priorities: z.enum(['gateway', 'device']).optional() })
  .meta({ id: 'Point' });
const commanded = { by: z.string(), since: iso, until: iso.optional(), reason: z.string().optional() };
const done = held.extend({ point: z.string() });
const scope = z.union([z.object({ area: z.string() }), z.object({ device: z.string() })]);
const mute = z.object({ scope, untilMs: ms, by: z.string(), note: z.string().optional(), sinceMs: ms });
const note = z.object({ id: z.string(), timeMs: ms, by: z.string(), note: z.string() });
const figures = z.object({
  from: iso,
  to: iso,
  operators: count,
  raised: count,
  per10MinAverage: z.number(),
  per10MinPeak: z.number(),
  floods: count,
  floodShare: z.number(),
  byPriority: record(count),
  standing: z.array(z.object({ name: z.string(), priority: count, sinceMs: ms, state: z.string() })),
  present: record(count),
  top: z.array(z.object({ name: z.string(), raised: count, share: z.number() })),
  chattering: z.array(z.string()),
  acknowledgeMeanMs: z.number().nullable(),
});
const bucket = z
  .object({ startMs: ms, min: z.number().optional(), max: z.number().optional(), mean: z.number().optional(), first: z.number().optional(), last: z.number().optional(), sum: z.number(), count, coverage: z.number().min(0) })
  .meta({ id: 'Bucket' });
const graphicPlace = { name: z.string(), title: z.string(), area: z.string().optional(), under: z.string().optional(), drawing: z.string().optional() };
const scheduleValue = z.union([z.number(), z.string(), z.null()]);
const change = z.object({ at: iso, value: scheduleValue.optional(), text: z.string().optional(), why: z.string() });
const schedule = z
  .object({
    name: z.string(),
    description: z.string().optional(),
    timezone: z.string(),
    now: change,
    next: change.optional(),
    targets: z.array(z.object({ point: z.string(), priority: count, written: scheduleValue.optional(), writing: z.object({ value: scheduleValue, attempt: count, notBefore: z.string(), error: z.string().optional() }).optional() })),
    preview: z.array(change),
  })
  .meta({ id: 'Schedule' });
const program = z
  .object({
    name: z.string(),
    description: z.string().optional(),
    everyMs: z.number().optional(),
    onChange: z.boolean(),
    program: z.string(),
    state: z.enum(['waiting', 'running', 'held', 'faulted']),
    held: z.array(z.string()).optional(),
    fault: z.object({ code: z.string(), message: z.string(), since: iso, retryAt: iso.optional() }).optional(),
    steps: count,
    lastStep: iso.optional(),
    inputs: z.array(z.object({ name: z.string(), point: z.string() })),
    outputs: z.array(z.object({ name: z.string(), point: z.string(), priority: count, wanted: wireValueSchema.optional(), written: wireValueSchema.optional(), error: z.string().optional() })),
    memory: z.unknown(),
  })
  .meta({ id: 'Program' });
const cycle = z.object({ poll: z.enum(['fast', 'normal', 'slow']), periodMs: z.number(), cycleMs: z.number(), longestCycleMs: z.number(), pollMs: z.number(), longestPollMs: z.number(), overruns: count, missed: count });
const device = z
  .object({ name: z.string(), driver: z.string(), activity: z.enum(['active', 'collect', 'listen', 'silent']), online: z.boolean(), lastError: z.string().optional(), points: count, cycles: z.array(cycle), counters: record(z.number()), comparison: z.object(comparedShape).optional() })
  .meta({ id: 'Device' });
const deviceSchedule = z.object({ kind: z.enum(['schedule', 'calendar']), object: z.string(), name: z.string().optional() });
const found = z.object({
  id: z.string(),
  address: z.string(),
  name: z.string(),
  vendor: z.string().nullable(),
  model: z.string().nullable(),
  about: z.string().nullable(),
  objects: z.array(z.object({ address: z.string(), name: z.string(), description: z.string().optional(), unit: z.string().optional(), states: z.array(z.string()).optional(), commandable: z.boolean() })),
  problems: z.array(z.string()),
});
const exchange = z.object({ format: z.string(), files: z.array(z.object({ name: z.string(), text: z.string() })) });

const discovery = z
  .object({
    id: z.string(),
    driver: z.string(),
    line: z.string().nullable(),
    state: z.enum(['running', 'done', 'failed', 'cancelled']),
    started: iso,
    done: count,
    total: count.nullable(),
    text: z.string(),
    error: z.string().nullable(),
    devices: z.array(found),
    blocks: z.string().nullable(),
  })
  .meta({ id: 'Discovery' });

export const plantRoutes: RouteDocs = {
  'GET /api/v1/points': { summary: 'Points with their values, in pages', query: listQuery, answer: z.object({ position: z.object({ epoch: epochSchema, seq: count }), revision: z.string(), points: z.array(point), next }) },
  'GET /api/v1/points/:name': { summary: 'One point', answer: point },
  'GET /api/v1/points/:name/priority-array': { summary: 'Who commands it: the pair’s own array, or read from the device now', answer: z.object({ point: z.string(), slots: z.array(wireValueSchema).length(16), relinquishDefault: wireValueSchema, active: count.nullable(), commands: record(z.object({ value: wireValueSchema, ...commanded })) }) },
  'PUT /api/v1/points/:name': { summary: 'Writes it; null relinquishes', body: writeBody, answer: held.extend({ id: z.string(), point: z.string() }) },
  'POST /api/v1/points/:name/override': { summary: 'Commands it until a time, or makes one that cannot be commanded show a value', body: overrideBody, answer: done.extend({ id: z.string().optional() }) },
  'DELETE /api/v1/points/:name/override': { summary: 'Ends an override', query: releaseQuery, answer: done.extend({ id: z.string().optional() }) },
  'POST /api/v1/points/:name/take-out-of-service': { summary: 'Neither its device nor anybody who writes changes it until it is returned', body: outOfServiceBody, answer: done },
  'POST /api/v1/points/:name/return-to-service': { summary: 'Its device and who writes it count again', answer: done },
  'GET /api/v1/overrides': { summary: 'Everything that people hold away from what it would be', answer: z.object({ overrides: z.array(z.object({ point: z.string(), kind: z.enum(['command', 'override', 'out-of-service']), priority: count.optional(), value: wireValueSchema.optional(), ...commanded })) }) },

  'GET /api/v1/alarms': { summary: 'Alarm states; normal ones may be absent', query: alarmsQuery, answer: z.object({ alarms: z.array(wireAlarmSchema) }) },
  'GET /api/v1/alarms/:name': { summary: 'One alarm, how it is defined, and what was noted', answer: z.object({ name: z.string(), alarm: wireAlarmSchema.nullable(), definition: z.looseObject({ name: z.string() }).nullable(), notes: z.array(note) }) },
  'GET /api/v1/alarms/journal': { summary: 'Alarm journal, newest first', query: journalQuery, answer: z.object({ entries: z.array(wireLogSchema), next }), alsoAs: [CSV] },
  'GET /api/v1/alarms/figures': { summary: 'Figures of ISA-18.2 / IEC 62682, of the last day where no time is given', query: figuresQuery, answer: figures },
  'GET /api/v1/notifications': { summary: 'What waits to be sent, and what was sent or given up', query: notificationsQuery, answer: z.object({ pending: z.array(z.looseObject({ id: z.string(), to: z.string() })), log: z.array(wireLogSchema) }) },
  'POST /api/v1/notifications/:id/send': { summary: 'Sends one that waits now, whatever the hour', body: noteBody, answer: held },
  'POST /api/v1/notifications/:id/give-up': { summary: 'Gives up one that waits', body: noteBody, answer: held },
  'GET /api/v1/alarms/mutes': { summary: 'Areas and devices that are muted now', answer: z.object({ mutes: z.array(mute) }) },
  'POST /api/v1/alarms/mutes': { summary: 'Mutes an area or a device for a time', body: muteBody, answer: held },
  'DELETE /api/v1/alarms/mutes': { summary: 'Ends a mute', query: unmuteQuery, answer: held },
  'POST /api/v1/alarms/silence': { summary: 'Ends the noise about what waits; acknowledges nothing', body: silenceBody, answer: held.extend({ refused: z.array(refusalSchema).optional() }) },
  'POST /api/v1/alarms/:name/acknowledge': { summary: 'Acknowledges an occurrence', body: acknowledgeBody, answer: held.extend({ id: z.string(), alarm: z.string(), occurrence: count }) },
  'POST /api/v1/alarms/:name/shelve': { summary: 'Shelves it for a time', body: shelveBody, answer: held },
  'POST /api/v1/alarms/:name/unshelve': { summary: 'Takes it off the shelf', body: noteBody, answer: held },
  'POST /api/v1/alarms/:name/reset': { summary: 'Resets a latched one', body: noteBody, answer: held },
  'POST /api/v1/alarms/:name/take-out-of-service': { summary: 'Takes it out of service', body: noteBody, answer: held },
  'POST /api/v1/alarms/:name/return-to-service': { summary: 'Puts it back into service', body: noteBody, answer: held },
  'POST /api/v1/alarms/:name/notes': { summary: 'Notes something about it', body: writtenNoteBody, answer: held },

  'GET /api/v1/history': {
    summary: 'Samples of a point, the last hour where no time is given',
    query: historyQuery,
    answer: z.object({ point: z.string(), from: iso, to: iso, samples: z.array(z.object({ timeMs: ms, value: wireValueSchema, quality: z.string() })), next: ms.optional() }),
  },
  'GET /api/v1/history/aggregate': { summary: 'Figures of equal stretches of time', query: aggregateQuery, answer: z.object({ point: z.string(), from: iso, to: iso, everyMs: z.number(), buckets: z.array(bucket) }) },
  'GET /api/v1/history.csv': { summary: 'History as a table', query: csvQuery, alsoAs: [CSV] },

  'GET /api/v1/schedules': { summary: 'What each schedule has in force and ahead', query: schedulesQuery, answer: z.object({ schedules: z.array(schedule) }) },
  'GET /api/v1/schedules/:name': { summary: 'One schedule', query: schedulesQuery, answer: schedule },

  'GET /api/v1/graphics': { summary: 'Pages of the plant, each with the points that it shows', answer: z.object({ graphics: z.array(z.object(graphicPlace).extend({ version: z.string(), points: z.array(z.string()) })) }) },
  'GET /api/v1/graphics/:name': { summary: 'One page: its drawing, checked and cleaned, and what its elements do (docs/graphics.md)', answer: z.object(graphicPlace).extend({ colours: z.enum(['theme', 'drawn']), svg: z.string(), elements: record(record()), parameters: record(z.union([z.string(), z.number(), z.boolean()])).optional() }) },
  'POST /api/v1/graphics/:name/check': { summary: 'Everything that is wrong with a page, or a drawing of many pages, as it would be written; changes nothing', body: graphicBody, answer: z.object({ ok: z.boolean(), problems: z.array(problem), drawing: z.object({ svg: z.string(), elements: z.array(z.object({ id: z.string(), kind: z.string(), text: z.string().optional() })) }).optional() }) },
  'GET /api/v1/kpis': { summary: 'Figures of the overview; null where the site names none', answer: z.object({ kpis: z.array(z.looseObject({ title: z.string(), show: z.string() })).nullable(), timezone: z.string() }) },

  'GET /api/v1/logic': { summary: 'Control programs', answer: z.object({ logic: z.array(program) }) },
  'GET /api/v1/logic/:name': { summary: 'One control program', answer: program },
  'POST /api/v1/logic/:name/restart': { summary: 'Lets a stopped program run again', answer: held.extend({ name: z.string() }) },
  'POST /api/v1/logic/:name/dry-run': { summary: 'Runs it against recorded history; writes nothing', body: trialBody, answer: z.looseObject({ from: iso, to: iso, steps: count, held: count, outputs: record(), memory: z.unknown() }) },

  'GET /api/v1/areas': { summary: 'The tree over the points: what may be seen of it', answer: z.object({ areas: z.array(z.object({ name: z.string(), title: z.string().optional() })) }) },
  'GET /api/v1/devices': { summary: 'Devices with their health', answer: z.object({ devices: z.array(device) }) },
  'GET /api/v1/devices/:name/identification': { summary: 'Asks the device what it is', answer: z.object({ device: z.string(), identification: z.array(z.object({ name: z.string(), value: z.string() })) }) },
  'GET /api/v1/devices/:device/schedules': { summary: 'Schedules and calendars that the device runs itself', answer: z.object({ schedules: z.array(z.string()) }) },
  'GET /api/v1/devices/:device/schedules/:object': { summary: 'One of them, read from the device (docs/bacnet.md)', answer: deviceSchedule },
  'PUT /api/v1/devices/:device/schedules/:object': { summary: 'Writes what the body names', body: deviceScheduleEdit, answer: held.extend({ device: z.string(), object: z.string() }) },

  'POST /api/v1/discovery': { summary: 'Looks for devices in the field', body: startBody, answer: discovery, status: 202 },
  'GET /api/v1/discovery/:id': { summary: 'A discovery as it stands', answer: discovery },
  'POST /api/v1/discovery/import': { summary: 'What exchange files of a driver (EDE, register maps) name, as if it had been found', body: importBody, answer: discovery },
  'GET /api/v1/discovery/files': { summary: 'The devices of the site as exchange files (EDE)', query: filesQuery, answer: exchange },
  'GET /api/v1/discovery/:id/files': { summary: 'What was found as exchange files (EDE)', answer: exchange },
  'POST /api/v1/discovery/:id/document': { summary: 'The site document, or `text`, with what was found added', body: documentBody, answer: z.object({ text: z.string() }) },
  'DELETE /api/v1/discovery/:id': { summary: 'Ends a discovery; what was found stays', answer: discovery },
};
