import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { AuditEntry } from '../contract/index.js';
import type { NodeApi } from './node-api.js';
import { MOST_FILE_ROWS, paged, sendRecord, written } from './record-file.js';
import { fileLimitParam, parseInput, readerOf, timeParam } from './rest-input.js';

export const auditQuery = z.object({
  limit: fileLimitParam,
  before: z.string().regex(/^\d+\.\d+\.\d+\.\w*$/, { error: 'the id of an entry' }).optional(),
  who: z.string().max(100).optional(),
  action: z.string().max(100).optional(),
  match: z.string().max(200).optional(),
  from: timeParam.optional(),
  to: timeParam.optional(),
  format: z.enum(['json', 'jsonl', 'csv']).default('json'),
});
const columns = ['time', 'who', 'from', 'action', 'target', 'old', 'new', 'outcome', 'code', 'message', 'id'];

/** C5: every change, newest first. */
export function addAuditRoutes(app: FastifyInstance, api: NodeApi): void {
  app.get('/api/v1/audit', async (request, reply) => {
    const { format, from, to, limit, before, ...rest } = parseInput(auditQuery, request.query);
    const query = { ...rest, fromMs: from, toMs: to };
    if (format === 'json') {
      const { entries, next } = await api.access.audit({ ...query, limit: limit ?? 100, before });
      return { entries, ...(next === undefined ? {} : { next }) };
    }
    const entries = paged(before, async (most, at: string | undefined) => {
      const { entries: rows, next } = await api.access.audit({ ...query, limit: most, before: at });
      return { rows, next };
    });
    const rows = written(entries, limit ?? MOST_FILE_ROWS, (entry) => (format === 'csv' ? row(entry) : entry));
    return sendRecord(reply, { rows, format, columns, name: 'audit', activity: api.activities.begin({ kind: 'export', subject: 'audit', ...readerOf(request), step: 'write-rows' }) });
  });
}

function row({ timeMs, old, new: changed, ...entry }: AuditEntry): object {
  return { ...entry, time: new Date(timeMs).toISOString(), old: old === undefined ? '' : JSON.stringify(old), new: changed === undefined ? '' : JSON.stringify(changed) };
}
