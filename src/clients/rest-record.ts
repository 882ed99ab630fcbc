import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { stringify } from 'csv-stringify/sync';
import type { RecordedConflict, RedundancyEvent } from '../contract/index.js';
import type { NodeApi } from './node-api.js';
import { callerOf, countParam, parseInput } from './rest-input.js';

export const eventsQuery = z.object({
  limit: countParam(100, 10_000),
  before: z.coerce.number().int().min(1).optional(),
  match: z.string().max(200).optional(),
  format: z.enum(['json', 'jsonl', 'csv']).default('json'),
});
export const conflictsQuery = z.object({ format: z.enum(['json', 'jsonl', 'csv']).default('json') });
const idParams = z.object({ id: z.string() });

type NumberedEvent = RedundancyEvent & { readonly number: number };

/** R34 and R22: what this node decided and why, and what the two did apart. */
export function addRecordRoutes(app: FastifyInstance, api: NodeApi): void {
  const { decisions: record } = api;
  if (record === undefined) return;

  app.get('/api/v1/redundancy/events', async (request, reply) => {
    const { limit, before, match, format } = parseInput(eventsQuery, request.query);
    const events: NumberedEvent[] = [];
    let from = before;
    let isEnd = false;
    while (events.length < limit && !isEnd) {
      const page = await record.events(Math.max(limit, 100), from);
      isEnd = page.length < Math.max(limit, 100);
      for (const event of page) {
        from = event.number;
        if (events.length < limit && matches(event, match)) events.push(event);
        if (events.length === limit) break;
      }
    }
    const next = isEnd && from === events.at(-1)?.number ? undefined : events.length === limit ? from : undefined;
    if (format === 'json') return { node: api.node, events, ...(next === undefined ? {} : { next }) };
    return table(events, format, ['number', 'time', 'node', 'what', 'evidence', 'cause'], (type) => reply.type(type));
  });

  app.get('/api/v1/redundancy/conflicts', async (request, reply) => {
    const { format } = parseInput(conflictsQuery, request.query);
    const conflicts = record.conflicts();
    if (format === 'json') return { conflicts };
    return table(conflicts, format, ['id', 'time', 'kind', 'by', 'node', 'point', 'text'], (type) => reply.type(type));
  });

  app.post('/api/v1/redundancy/conflicts/:id/adopt', async (request) => {
    const { id } = parseInput(idParams, request.params);
    return { id, ...(await record.adopt(id, callerOf(request))) };
  });

  app.delete('/api/v1/redundancy/conflicts/:id', async (request) => {
    const { id } = parseInput(idParams, request.params);
    return { id, ...(await record.dismiss(id, callerOf(request))) };
  });
}

function matches({ what, evidence, cause }: RedundancyEvent, text: string | undefined): boolean {
  return text === undefined || `${what}\n${evidence}\n${cause ?? ''}`.toLowerCase().includes(text.toLowerCase());
}

function table(rows: readonly (NumberedEvent | RecordedConflict)[], format: 'jsonl' | 'csv', columns: readonly string[], as: (type: string) => unknown): string {
  const timed = rows.map(({ timeMs, ...row }) => ({ ...row, time: new Date(timeMs).toISOString() }));
  as(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson');
  if (format === 'jsonl') return timed.map((row) => `${JSON.stringify(row)}\n`).join('');
  return stringify(timed, { header: true, columns: [...columns], escape_formulas: true });
}

/** What {@link addRecordRoutes} needs of a node. */
export interface RecordApi {
  /** Newest first, with numbers below `before`. */
  events(limit: number, before?: number): Promise<readonly NumberedEvent[]>;
  conflicts(): readonly RecordedConflict[];
  /** Does it anew in the name of `by`. Rejects with CONFLICT_UNKNOWN, NOT_ACTIVE, or what it meets with. */
  adopt(id: string, by: string): Promise<{ readonly held: 'protected' | 'unprotected' }>;
  dismiss(id: string, by: string): Promise<{ readonly held: 'protected' | 'unprotected' }>;
}
