import { z } from 'zod';
import { activityKinds, activitySteps, activityUnits, sheetSections } from '../../contract/index.js';
import { calendarBody, candidateBody, checkBody, diffQuery, editBody, putBody, removeQuery, rollbackBody } from '../rest-configuration.js';
import { rowBody } from '../rest-partners.js';
import { conflictsQuery, dismissBody, eventsQuery } from '../rest-record.js';
import { holdBody, reasonBody, verifyBody } from '../rest-redundancy.js';
import { sheetBody, sheetDiffBody, sheetQuery } from '../rest-sheets.js';
import { decisionBody } from '../rest-trust.js';
import { heldSchema } from './protocol-schema.js';
import { accepted, comparedShape, count, CSV, JSONL, ms, nothing, problem, record, type RouteDocs } from './route-doc.js';

const nodeStatus = z.object({ id: z.string(), mode: z.enum(['independent', 'main', 'backup', 'reader']), state: z.enum(['running', 'standby', 'faulted', 'unknown', 'disconnected']), role: z.enum(['starting', 'standby', 'active', 'yielding', 'unknown']), consoleUrl: z.string() });
const event = z.object({ timeMs: ms, node: z.string(), what: z.string(), evidence: z.string(), cause: z.string().optional() });
const hold = z.object({ by: z.string(), reason: z.string(), untilMs: ms }).nullable();
const drill = z
  .object({ id: z.string(), by: z.string(), home: z.string(), phase: z.enum(['away', 'back', 'done', 'failed']), startedMs: ms, endedMs: ms.optional(), gapsMs: z.array(z.number()), probes: record(z.object({ written: count, confirmed: count })), lost: count.optional(), repeated: count.optional(), reason: z.string().optional() })
  .meta({ id: 'Drill' });
const activity = z
  .object({
    id: z.string().describe('unique on its node since its start'),
    node: z.string(),
    kind: z.enum(activityKinds),
    subject: z.string().describe('node that is brought up to date, device, driver or section; empty where there is nothing to say'),
    by: z.string().optional(),
    startedMs: ms,
    state: z.enum(['running', 'failed', 'done']),
    step: z.enum(activitySteps),
    text: z.string().optional(),
    done: count.optional(),
    total: count.optional().describe('absent where nobody knows yet'),
    unit: z.enum(activityUnits).optional(),
    error: z.object({ code: z.string(), message: z.string() }).optional(),
    result: z.object({ number: count.optional().describe('of the configuration in force with it'), changes: count.optional().describe('definitions that a table would change'), errors: count.optional() }).optional(),
  })
  .meta({ id: 'Activity' });
const status = z.object({
  site: z.string(),
  revision: z.string(),
  self: nodeStatus,
  peer: nodeStatus.optional(),
  epoch: z.object({ number: count, node: z.string(), nonce: z.string(), firstSeq: count, cause: z.string(), owedToMain: z.boolean() }).nullable(),
  seq: count,
  sync: z.object({ state: z.enum(['none', 'connecting', 'synchronizing', 'in-sync', 'refused']), lagFrames: count, reason: z.string().optional(), historyFill: z.object({ fromMs: ms, point: z.string(), added: count }).optional() }),
  protected: z.boolean(),
  canSwitch: z.boolean(),
  switchRefusal: z.string().optional(),
  recovery: z.object({ mode: z.enum(['automatic', 'manual']), handBackInMs: z.number().optional() }),
  worstDetectionMs: z.number(),
  tls: z.enum(['on', 'off']).optional(),
  certificateDaysLeft: z.number().optional(),
  authorization: z.object({ state: z.enum(['unknown', 'match', 'mismatch']), differences: z.array(z.string()) }).optional(),
  alarms: z.array(z.string()).optional(),
  drill: drill.optional(),
  activities: z.array(activity).optional(),
  events: z.array(event),
  conflicts: count.optional(),
  arbitration: z.enum(['field', 'longest-active', 'main', 'priority']).optional(),
  fieldSwitch: z.object({ margin: z.number(), holdMs: z.number(), onlyStandby: z.array(z.string()).optional() }).optional(),
  settingsWaiting: z.array(z.string()).optional(),
  notes: z.array(z.object({ code: z.string(), message: z.string() })).optional(),
  comparison: z
    .object({
      node: z.string(),
      devices: z.array(z.object({ name: z.string(), ...comparedShape })),
      differences: z.array(z.object({ point: z.string(), device: z.string(), image: z.string(), field: z.string(), sinceMs: ms })),
    })
    .optional(),
});
const attempt = z.object({ state: z.enum(['none', 'trying', 'connected', 'failed']), atMs: ms, result: z.string().optional() });
const verification = z.object({ state: z.enum(['not-verified', 'verified', 'differences']), atMs: ms, differences: count });
const row = { symbol: z.string(), port: count, active: z.boolean(), isPrimary: z.boolean(), tryToConnect: attempt, verification, comment: z.string() };
const partners = z.object({
  local: z.object({ ...row, connectedServers: count, connectedClients: count, dbSync: z.boolean(), database: z.string() }),
  partners: z.array(z.object({ ...row, number: count, address: z.string(), periodMs: z.number(), timeoutMs: z.number(), retryCount: count, connected: z.boolean(), fault: z.boolean(), reason: z.string().optional(), dbSync: z.string() })),
});
const face = z.object({ fingerprint: z.string(), name: z.string(), notAfterMs: ms });
const trust = z.object({
  tls: z.enum(['on', 'off']),
  own: face.extend({ daysLeft: z.number(), next: face.optional() }).optional(),
  certificates: z.array(face.extend({ state: z.enum(['pending', 'approved', 'revoked']), connection: z.enum(['waiting', 'approved']), firstSeenMs: ms, lastSeenMs: ms, from: z.string(), by: z.string().optional() })),
  barred: z.string().optional(),
});
const setting = z.object({ name: z.string(), source: z.enum(['site', 'node']), inForce: z.string(), configured: z.string().optional(), needsRestart: z.boolean() });
const report = z.object({ state: z.enum(['not-verified', 'running', 'verified', 'differences', 'failed']), progress: z.string().optional(), done: count.optional(), total: count.optional(), by: z.string().optional(), node: z.string().optional(), atMs: ms, findings: z.array(z.object({ part: z.string(), severity: z.enum(['difference', 'warning', 'unchecked']), text: z.string() })), lapsed: z.string().optional(), reason: z.string().optional() });
const conflict = z.object({ id: z.string(), kind: z.enum(['command', 'configuration']), timeMs: ms, by: z.string(), text: z.string(), point: z.string().optional(), node: z.string().optional() });
const settled = z.object({ id: z.string(), held: heldSchema });

const infoShape = { revision: z.string(), number: count, origin: z.object({ how: z.enum(['file', 'edit', 'rollback']), node: z.string(), user: z.string(), timeMs: ms, comment: z.string(), file: z.string().optional() }), points: z.string() };
const info = z.object(infoShape).meta({ id: 'Revision' });
const document = z.object({ ...infoShape, text: z.string() });
const candidate = z.object({ file: z.string(), node: z.string(), revision: z.string().optional(), problems: z.array(problem), text: z.string() });
const applied = z.object({ ...infoShape, held: heldSchema });
const diff = z.object({ from: info, to: info, changes: z.array(z.object({ section: z.string(), name: z.string(), change: z.enum(['added', 'removed', 'changed']) })), patch: z.string() });
const BASE = '/api/v1/configuration';

const sheetDiff = z.object({
  section: z.enum(sheetSections),
  separator: z.enum([';', ',', '\t']),
  decimal: z.enum([',', '.']),
  changes: z.array(z.object({ name: z.string(), change: z.enum(['added', 'changed', 'removed']), row: count.optional(), cells: z.array(z.object({ column: z.string(), from: z.string(), to: z.string() })) })),
  missing: z.array(z.string()).describe('definitions without a row, which stay'),
  problems: z.array(problem).describe('by row and column of the table'),
  ok: z.boolean(),
});

export const pairRoutes: RouteDocs = {
  'GET /api/v1/activities': { summary: 'What this node is at for more than a second, with how far it has come; failures and results for a minute', answer: z.object({ activities: z.array(activity) }) },
  'GET /api/v1/redundancy': { summary: 'State of the pair, as this node knows it', answer: status },
  'POST /api/v1/redundancy/switch': { summary: 'Hands control to the other node; on either one', body: reasonBody, answer: accepted, status: 202 },
  'POST /api/v1/redundancy/force': { summary: 'Makes this node active without proof that the other one is not', body: reasonBody, answer: accepted, status: 202 },
  'POST /api/v1/redundancy/hold': { summary: 'Suspends automatic switching for a time', body: holdBody, answer: z.object({ hold }) },
  'POST /api/v1/redundancy/release': { summary: 'Ends the hold', answer: z.object({ hold }) },
  'POST /api/v1/redundancy/drill': { summary: 'Begins an unattended switch-and-back', answer: accepted, status: 202 },
  'GET /api/v1/redundancy/drill': { summary: 'The drill under way, or the report of the last one', answer: z.object({ drill: drill.nullable() }) },
  'GET /api/v1/redundancy/settings': { summary: 'Each setting of the pair as this node goes by it', answer: z.object({ settings: z.array(setting) }) },
  'POST /api/v1/redundancy/verify': { summary: 'Begins to compare the two nodes', body: verifyBody, answer: accepted, status: 202 },
  'GET /api/v1/redundancy/verify': { summary: 'The comparison under way, or the last one', answer: report },
  'GET /api/v1/redundancy/partners': { summary: 'The partner table', answer: partners },
  'PUT /api/v1/redundancy/partners/:symbol': { summary: 'Live settings of a row', body: rowBody, answer: partners },
  'POST /api/v1/redundancy/partners/:symbol/try-to-connect': { summary: 'Calls the partner at once', answer: attempt },
  'GET /api/v1/redundancy/trust': { summary: 'Own certificate and known ones', answer: trust },
  'POST /api/v1/redundancy/trust': { summary: 'Approves, revokes or forgets a certificate, on this node', body: decisionBody, answer: trust },
  'POST /api/v1/redundancy/trust/renew': { summary: 'Makes a new certificate', answer: face },
  'GET /api/v1/redundancy/events': { summary: 'Event record of this node', query: eventsQuery, answer: z.object({ node: z.string(), events: z.array(event.extend({ number: count })), next: count.optional() }), alsoAs: [CSV, JSONL] },
  'GET /api/v1/redundancy/conflicts': { summary: 'What was done apart and waits for a person', query: conflictsQuery, answer: z.object({ conflicts: z.array(conflict) }), alsoAs: [CSV, JSONL] },
  'POST /api/v1/redundancy/conflicts/dismiss': { summary: 'Dismisses many at once', body: dismissBody, answer: z.object({ dismissed: z.number(), held: z.enum(['protected', 'unprotected']) }) },
  'POST /api/v1/redundancy/conflicts/:id/adopt': { summary: 'Does it anew', answer: settled },
  'DELETE /api/v1/redundancy/conflicts/:id': { summary: 'Drops it', answer: settled },

  [`GET ${BASE}`]: { summary: 'The site configuration in force', answer: document.extend({ candidate: candidate.optional() }) },
  [`PUT ${BASE}`]: { summary: 'Applies a text as a whole', body: putBody, answer: applied },
  [`POST ${BASE}/check`]: { summary: 'Checks a text; changes nothing', body: checkBody, answer: z.object({ ok: z.boolean(), problems: z.array(problem), revision: z.string().optional() }) },
  [`POST ${BASE}/diff`]: { summary: 'What a text would change', body: checkBody, answer: diff },
  [`GET ${BASE}/diff`]: { summary: 'What differs between two revisions', query: diffQuery, answer: diff },
  [`GET ${BASE}/history`]: { summary: 'Revisions, newest first', answer: z.object({ history: z.array(info) }) },
  [`GET ${BASE}/history/:number`]: { summary: 'One revision with its text', answer: document },
  'POST /api/v1/calendars/:name/import': { summary: 'Holidays of an iCalendar file, in place of the days that a calendar has', body: calendarBody, answer: z.object({ calendar: z.string(), dates: z.array(z.unknown()), notes: z.array(z.string()), applied: applied.optional() }) },
  [`POST ${BASE}/rollback`]: { summary: 'Brings an older revision back into force', body: rollbackBody, answer: applied },
  [`POST ${BASE}/candidate/apply`]: { summary: 'Applies the file that was changed by hand', body: candidateBody, answer: applied },
  [`DELETE ${BASE}/candidate`]: { summary: 'Passes over the file that was changed by hand' },
  [`GET ${BASE}/sheets/:section`]: { summary: 'Points, alarms or trends as a table for spreadsheets', query: sheetQuery, alsoAs: [CSV] },
  [`POST ${BASE}/sheets/:section/diff`]: { summary: 'What a table would change, and what is wrong with it; changes nothing', body: sheetDiffBody, answer: sheetDiff },
  [`PUT ${BASE}/sheets/:section`]: { summary: 'Applies what a table changes', body: sheetBody, answer: z.object({ diff: sheetDiff, applied: applied.optional() }) },
  [`GET ${BASE}/:section`]: { summary: 'A section as plain values', answer: z.object({ section: z.string(), revision: z.string(), value: z.unknown() }) },
  [`GET ${BASE}/:section/:name`]: { summary: 'One definition', answer: z.object({ section: z.string(), name: z.string(), revision: z.string(), value: z.unknown() }) },
  [`PUT ${BASE}/:section/:name`]: { summary: 'Puts one definition; comments in the text stay', body: editBody, answer: applied },
  [`DELETE ${BASE}/:section/:name`]: { summary: 'Removes one definition', query: removeQuery, answer: applied },

  'GET /healthz': { summary: 'The process lives', answer: z.object({ status: z.literal('alive'), node: z.string() }) },
  'GET /active': { summary: '200 on the active node, 503 elsewhere: for load balancers', answer: z.object({ active: z.boolean(), node: z.string(), role: z.string(), activeUrl: z.string().optional() }) },
  'GET /metrics': { summary: 'Measurements for Prometheus', alsoAs: ['text/plain; version=0.0.4'] },
  'GET /api/docs': { summary: 'This interface, for people', alsoAs: ['text/html'] },
  'GET /api/docs/openapi.json': { summary: 'This interface, for programs', answer: nothing },
  'GET /api/docs/asyncapi.json': { summary: 'The WebSocket at /ws, for programs', answer: nothing },
};
