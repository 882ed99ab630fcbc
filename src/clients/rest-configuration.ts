import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { TandemError } from '../contract/index.js';
import { noteSchema } from './client-message.js';
import { configurationDesk } from './configuration-desk.js';
import type { NodeApi } from './node-api.js';
import { parseInput } from './rest-input.js';

/** A site of 100,000 points is written in some ten megabytes. */
export const BODY_BYTES = 64 << 20;

/** The holidays of all countries are less. */
const CALENDAR_BYTES = 4 << 20;
/** Years whose single days are imported. */
const YEARS = 10;

const text = z.string().max(BODY_BYTES);
const revision = z.string().max(100);
const comment = noteSchema.default('');
const number = z.coerce.number().int().min(1);

export const checkBody = z.strictObject({ text });
export const putBody = z.strictObject({ text, expected: revision, comment, file: z.string().max(1_000).optional() });
export const editBody = z.strictObject({ value: z.unknown(), expected: revision.optional(), comment });
export const removeQuery = z.object({ expected: revision.optional(), comment });
export const rollbackBody = z.strictObject({ number, expected: revision, comment });
export const candidateBody = z.strictObject({ expected: revision, comment });
const year = z.number().int().min(1970).max(2200);
export const calendarBody = z.strictObject({ text: z.string().max(CALENDAR_BYTES), from: year.optional(), to: year.optional(), dryRun: z.boolean().default(false), expected: revision.optional(), comment });
export const diffQuery = z.object({ from: number, to: number });
const MOST_YEARS = 50;
const calendarParams = z.object({ name: z.string() });
const sectionParams = z.object({ section: z.string().max(100) });
const nameParams = sectionParams.extend({ name: z.string() });
const numberParams = z.object({ number });

const BASE = '/api/v1/configuration';

/** The site configuration: read on either node, changed on the active one (docs/rest-api.md). */
export function addConfigurationRoutes(app: FastifyInstance, api: NodeApi): void {
  const options = { bodyLimit: BODY_BYTES };
  const { configuration, requested, audited } = configurationDesk(api);

  app.get(BASE, async () => {
    const current = configuration().current();
    if (current === undefined) throw new TandemError('CONFIG_UNKNOWN', 'the pair has no stored configuration yet: a node has to become active first');
    const candidate = configuration().candidate();
    return { ...current, ...(candidate === undefined ? {} : { candidate }) };
  });

  app.post(`${BASE}/check`, options, async (request) => {
    return configuration().check(parseInput(checkBody, request.body).text);
  });

  app.put(BASE, options, async (request) => {
    const body = parseInput(putBody, request.body);
    return audited(request, 'configuration', '', async () => configuration().apply(body.text, requested(request, body)));
  });

  app.get(`${BASE}/history`, async () => ({ history: configuration().history() }));

  app.get(`${BASE}/history/:number`, async (request) => configuration().document(parseInput(numberParams, request.params).number));

  app.get(`${BASE}/diff`, async (request) => {
    const { from, to } = parseInput(diffQuery, request.query);
    return configuration().diff(from, to);
  });

  app.post(`${BASE}/diff`, options, async (request) => {
    return configuration().diffText(parseInput(checkBody, request.body).text);
  });

  app.post(`${BASE}/rollback`, async (request) => {
    const body = parseInput(rollbackBody, request.body);
    return audited(request, 'configuration-rollback', String(body.number), async () => configuration().rollback(body.number, requested(request, body)));
  });

  app.post(`${BASE}/candidate/apply`, async (request) => {
    const body = parseInput(candidateBody, request.body);
    return audited(request, 'configuration-candidate', '', async () => configuration().applyCandidate(requested(request, body)));
  });

  app.delete(`${BASE}/candidate`, async (request, reply) => {
    await configuration().dismissCandidate();
    return reply.code(204).send();
  });

  app.post('/api/v1/calendars/:name/import', options, async (request) => {
    const { name } = parseInput(calendarParams, request.params);
    const { text: file, from = new Date(api.pairTime()).getUTCFullYear(), to = from + YEARS - 1, dryRun, ...body } = parseInput(calendarBody, request.body);
    if (to < from || to - from >= MOST_YEARS) throw new TandemError('CLIENT_MALFORMED', `\`to\` lies in the ${MOST_YEARS} years from \`from\` on`);
    const { dates, notes } = await configuration().holidays(file, { fromYear: from, toYear: to });
    if (dryRun) return { calendar: name, dates, notes };
    const comment = body.comment === '' ? `holidays imported into ${name}` : body.comment;
    const applied = await audited(request, 'calendar-import', name, async () => configuration().edit('calendars', name, { dates }, requested(request, { ...body, comment })));
    return { calendar: name, dates, notes, applied };
  });

  app.get(`${BASE}/:section`, async (request) => {
    const { section } = parseInput(sectionParams, request.params);
    return { section, revision: configuration().current()?.revision, value: await configuration().definition(section) };
  });

  app.get(`${BASE}/:section/:name`, async (request) => {
    const { section, name } = parseInput(nameParams, request.params);
    return { section, name, revision: configuration().current()?.revision, value: await configuration().definition(section, name) };
  });

  app.put(`${BASE}/:section/:name`, options, async (request) => {
    const { section, name } = parseInput(nameParams, request.params);
    const body = parseInput(editBody, request.body);
    if (body.value === undefined) throw new TandemError('CLIENT_MALFORMED', 'value: is missing (DELETE removes a definition)');
    return audited(request, 'configuration-edit', `${section}/${name}`, async () => configuration().edit(section, name, body.value, requested(request, body)));
  });

  app.delete(`${BASE}/:section/:name`, async (request) => {
    const { section, name } = parseInput(nameParams, request.params);
    const query = parseInput(removeQuery, request.query);
    return audited(request, 'configuration-remove', `${section}/${name}`, async () => configuration().edit(section, name, undefined, requested(request, query)));
  });
}
