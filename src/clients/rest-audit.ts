import { stringify } from 'csv-stringify/sync';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { AuditEntry } from '../contract/index.js';
import type { NodeApi } from './node-api.js';
import { countParam, parseInput, timeParam } from './rest-input.js';

export const auditQuery = z.object({
  limit: countParam(100, 10_000),
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
    const { format, from, to, ...rest } = parseInput(auditQuery, request.query);
    const { entries, next } = await api.access.audit({ ...rest, fromMs: from, toMs: to });
    if (format === 'json') return { entries, ...(next === undefined ? {} : { next }) };
    void reply.type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson');
    if (format === 'jsonl') return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    return `\uFEFF${stringify(entries.map(row), { header: true, columns, escape_formulas: true })}`;
  });
}

function row({ timeMs, old, new: changed, ...entry }: AuditEntry): object {
  return { ...entry, time: new Date(timeMs).toISOString(), old: old === undefined ? '' : JSON.stringify(old), new: changed === undefined ? '' : JSON.stringify(changed) };
}
