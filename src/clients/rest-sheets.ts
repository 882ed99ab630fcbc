import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { sheetSections, type SheetRequest } from '../contract/index.js';
import { noteSchema } from './client-message.js';
import { configurationDesk } from './configuration-desk.js';
import type { AppliedConfiguration, NodeApi } from './node-api.js';
import { BODY_BYTES } from './rest-configuration.js';
import { parseInput } from './rest-input.js';

const separators = { ';': ';', ',': ',', tab: '\t' } as const;
const decimal = z.enum([',', '.']);

export const sheetQuery = z.object({ separator: z.enum([';', ',', 'tab']).default(';'), decimal: decimal.optional() });
const sheetShape = { sheet: z.string().max(BODY_BYTES), decimal: decimal.optional(), missing: z.enum(['keep', 'delete']).default('keep') };
export const sheetDiffBody = z.strictObject(sheetShape);
export const sheetBody = z.strictObject({ ...sheetShape, expected: z.string().max(100), comment: noteSchema.default(''), file: z.string().max(1_000).optional() });
const sectionParams = z.object({ section: z.enum(sheetSections) });

const BASE = '/api/v1/configuration/sheets';

/** Points, alarms and trends as tables for spreadsheets: written on either node, put into force on the active one (C12). */
export function addSheetRoutes(app: FastifyInstance, api: NodeApi): void {
  const options = { bodyLimit: BODY_BYTES };
  const { configuration, requested, audited } = configurationDesk(api);

  app.get(`${BASE}/:section`, async (request, reply) => {
    const { section } = parseInput(sectionParams, request.params);
    const query = parseInput(sheetQuery, request.query);
    const separator = separators[query.separator];
    const table = await configuration().sheet(section, { separator, decimal: query.decimal ?? (separator === ';' ? ',' : '.') });
    return reply
      .header('content-type', 'text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename="${section}-${configuration().current()?.revision ?? ''}.csv"`)
      .send(table);
  });

  app.post(`${BASE}/:section/diff`, options, async (request) => {
    const { section } = parseInput(sectionParams, request.params);
    return configuration().sheetDiff({ section, ...parseInput(sheetDiffBody, request.body) });
  });

  app.put(`${BASE}/:section`, options, async (request) => {
    const { section } = parseInput(sectionParams, request.params);
    const { sheet, decimal: sign, missing, ...body } = parseInput(sheetBody, request.body);
    const wanted: SheetRequest = { section, sheet, decimal: sign, missing };
    let diff;
    const applied = await audited<AppliedConfiguration | undefined>(request, 'configuration-sheet', section, async () => {
      const done = await configuration().applySheet(wanted, requested(request, body));
      diff = done.diff;
      return done.applied;
    });
    return { diff, ...(applied === undefined ? {} : { applied }) };
  });
}
