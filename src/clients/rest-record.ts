import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { RecordedConflict, RedundancyEvent } from '../contract/index.js';
import type { NodeApi } from './node-api.js';
import { MOST_FILE_ROWS, paged, sendRecord, written } from './record-file.js';
import { callerOf, fileLimitParam, parseInput, readerOf } from './rest-input.js';

export const eventsQuery = z.object({
  limit: fileLimitParam,
  before: z.coerce.number().int().min(1).optional(),
  match: z.string().max(200).optional(),
  format: z.enum(['json', 'jsonl', 'csv']).default('json'),
});
export const conflictsQuery = z.object({ format: z.enum(['json', 'jsonl', 'csv']).default('json') });
/** In all no longer than a request may be. */
export const dismissBody = z.strictObject({ ids: z.array(z.string().max(1_000)).min(1).max(1_000) });
const idParams = z.object({ id: z.string() });

type NumberedEvent = RedundancyEvent & { readonly number: number };

/** R34 and R22: what this node decided and why, and what the two did apart. */
export function addRecordRoutes(app: FastifyInstance, api: NodeApi): void {
  const { decisions: record } = api;
  if (record === undefined) return;

  app.get('/api/v1/redundancy/events', async (request, reply) => {
    const { limit: asked, before, match, format } = parseInput(eventsQuery, request.query);
    if (format !== 'json') {
      const all = paged(before, async (most, at: number | undefined) => {
        const rows = await record.events(most, at);
        return { rows, next: rows.length < most ? undefined : rows.at(-1)?.number };
      });
      const rows = written(all, asked ?? MOST_FILE_ROWS, timed, (event) => matches(event, match));
      return sendRecord(reply, { rows, format, columns: ['number', 'time', 'node', 'what', 'evidence', 'cause'], name: `events-${api.node}`, activity: api.activities.begin({ kind: 'export', subject: 'events', ...readerOf(request), step: 'write-rows' }) });
    }
    const limit = asked ?? 100;
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
    return { node: api.node, events, ...(next === undefined ? {} : { next }) };
  });

  app.get('/api/v1/redundancy/conflicts', async (request, reply) => {
    const { format } = parseInput(conflictsQuery, request.query);
    const conflicts = record.conflicts();
    if (format === 'json') return { conflicts };
    const rows = written(Readable.from(conflicts) as AsyncIterable<RecordedConflict>, MOST_FILE_ROWS, timed);
    return sendRecord(reply, { rows, format, columns: ['id', 'time', 'kind', 'by', 'node', 'point', 'text'], name: 'conflicts', activity: api.activities.begin({ kind: 'export', subject: 'conflicts', ...readerOf(request), step: 'write-rows' }) });
  });

  app.post('/api/v1/redundancy/conflicts/:id/adopt', async (request) => {
    const { id } = parseInput(idParams, request.params);
    return { id, ...(await record.adopt(id, callerOf(request))) };
  });

  app.post('/api/v1/redundancy/conflicts/dismiss', async (request) => {
    const { ids } = parseInput(dismissBody, request.body);
    return record.dismissAll(ids, callerOf(request));
  });

  app.delete('/api/v1/redundancy/conflicts/:id', async (request) => {
    const { id } = parseInput(idParams, request.params);
    return { id, ...(await record.dismiss(id, callerOf(request))) };
  });
}

function matches({ what, evidence, cause }: RedundancyEvent, text: string | undefined): boolean {
  return text === undefined || `${what}\n${evidence}\n${cause ?? ''}`.toLowerCase().includes(text.toLowerCase());
}

function timed({ timeMs, ...row }: NumberedEvent | RecordedConflict): object {
  return { ...row, time: new Date(timeMs).toISOString() };
}

/** What {@link addRecordRoutes} needs of a node. */
export interface RecordApi {
  /** Newest first, with numbers below `before`. */
  events(limit: number, before?: number): Promise<readonly NumberedEvent[]>;
  conflicts(): readonly RecordedConflict[];
  /** Does it anew in the name of `by`. Rejects with CONFLICT_UNKNOWN, NOT_ACTIVE, or what it meets with. */
  adopt(id: string, by: string): Promise<{ readonly held: 'protected' | 'unprotected' }>;
  dismiss(id: string, by: string): Promise<{ readonly held: 'protected' | 'unprotected' }>;
  /** What is not there any more is passed over. Rejects with NOT_ACTIVE. */
  dismissAll(ids: readonly string[], by: string): Promise<{ readonly dismissed: number; readonly held: 'protected' | 'unprotected' }>;
}
