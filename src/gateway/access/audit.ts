import type { AuditQuery } from '../../clients/index.js';
import type { AuditEntry } from '../../contract/index.js';
import type { LogEntry } from '../../image/index.js';

type Data = Readonly<Record<string, unknown>>;

const PAGE = 500;
/** Entries that one question looks at: the rest is what `next` is for. */
const MOST_LOOKED_AT = 20_000;

/** Reads the audit newest first, filtered, page by page. */
export async function readAudit(log: (limit: number, before?: string) => Promise<readonly LogEntry[]>, query: AuditQuery): Promise<{ readonly entries: readonly AuditEntry[]; readonly next?: string }> {
  const entries: AuditEntry[] = [];
  let before = query.before;
  for (let looked = 0; looked < MOST_LOOKED_AT; looked += PAGE) {
    const page = await log(PAGE, before);
    for (const raw of page) {
      before = raw.id;
      const entry = auditEntry(raw);
      if (entry === undefined || !matches(entry, query)) continue;
      entries.push(entry);
      if (entries.length === query.limit) return { entries, next: before };
    }
    if (page.length < PAGE) return { entries };
  }
  return { entries, ...(before === undefined ? {} : { next: before }) };
}

/** An entry as people read it, whoever wrote it. Undefined: the beginning of something whose end is an entry, too. */
export function auditEntry({ id, timeMs, data }: LogEntry): AuditEntry | undefined {
  const given: Data = typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as Data) : { what: String(data) };
  const at = { id, timeMs };
  if (typeof given.action === 'string') return { ...at, ...(given as unknown as Omit<AuditEntry, 'id' | 'timeMs'>) };
  if (given.state === 'intent') return undefined;
  const { who, from } = partsOf(text(given.by));
  const outcome: AuditEntry['outcome'] = given.state === 'failed' ? 'failed' : 'done';
  const rest = { ...at, who, from, outcome, ...(typeof given.code === 'string' ? { code: given.code } : {}), ...(typeof given.message === 'string' ? { message: given.message } : {}) };
  if (typeof given.point === 'string') return { ...rest, action: given.value === null ? 'relinquish' : 'write', target: given.point, ...(given.old === undefined ? {} : { old: given.old }), new: { value: given.value, priority: given.priority, ...(given.untilMs === undefined ? {} : { untilMs: given.untilMs }), ...(given.reason === undefined ? {} : { reason: given.reason }) } };
  if (typeof given.name === 'string' && text(given.what).startsWith('point-')) return { ...rest, action: text(given.what), target: given.name, new: { value: given.value, untilMs: given.untilMs, reason: given.reason } };
  if (typeof given.conflict === 'string') return { ...rest, action: `conflict-${text(given.what)}`, target: given.conflict };
  if (typeof given.object === 'string') return { ...rest, action: text(given.what), target: `${text(given.device)}/${given.object}`, new: given.edit };
  return { ...rest, action: text(given.what), target: '', new: data };
}

/** `anna@10.20.0.7`, as records name who asked. */
function partsOf(by: string): { readonly who: string; readonly from: string } {
  const at = by.lastIndexOf('@');
  return at < 0 ? { who: by, from: '' } : { who: by.slice(0, at), from: by.slice(at + 1) };
}

function matches(entry: AuditEntry, { who, action, match, fromMs, toMs }: AuditQuery): boolean {
  if (who !== undefined && entry.who.toLowerCase() !== who.toLowerCase()) return false;
  if (action !== undefined && entry.action !== action) return false;
  if (fromMs !== undefined && entry.timeMs < fromMs) return false;
  if (toMs !== undefined && entry.timeMs > toMs) return false;
  return match === undefined || JSON.stringify(entry).toLowerCase().includes(match.toLowerCase());
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
