import type { AuditEntry, SessionView, TokenView, UserView } from '../../contract/access.js';
import type { AreaDefinition } from '../../contract/alarm.js';
import type { Roles } from '../../contract/area-roles.js';
import { getJson, postJson, putJson, removeJson } from './rest.js';

const root = 'api/v1';

export interface UserChange extends Partial<Roles> {
  readonly fullName?: string;
  readonly password?: string;
  readonly disabled?: boolean;
  readonly locked?: false;
}

/** Users, sessions and tokens at the active node: docs/rest-api.md. A password is hashed, and both nodes keep what is confirmed: that takes its time, and a token that is not waited for is never seen. */
export const userActions = {
  add: async (url: string, user: Roles & { readonly name: string; readonly password: string; readonly fullName: string }, token: string) => postJson(url, `${root}/users`, user, token),
  change: async (url: string, name: string, change: UserChange, token: string) => putJson(url, `${root}/users/${encodeURIComponent(name)}`, change, token),
  remove: async (url: string, name: string, token: string) => removeJson(url, `${root}/users/${encodeURIComponent(name)}`, token),
  endSession: async (url: string, id: string, token: string) => removeJson(url, `${root}/sessions/${id}`, token),
  addToken: async (url: string, given: Roles & { readonly name: string; readonly for: string | null }, token: string) => (await postJson(url, `${root}/tokens`, given, token)) as TokenView & { readonly token: string },
  removeToken: async (url: string, id: string, token: string) => removeJson(url, `${root}/tokens/${id}`, token),
};

export async function readUsers(url: string): Promise<readonly UserView[]> {
  return ((await getJson(url, `${root}/users`)) as { readonly users: readonly UserView[] }).users;
}

export async function readSessions(url: string): Promise<readonly SessionView[]> {
  return ((await getJson(url, `${root}/sessions`)) as { readonly sessions: readonly SessionView[] }).sessions;
}

export async function readTokens(url: string): Promise<readonly TokenView[]> {
  return ((await getJson(url, `${root}/tokens`)) as { readonly tokens: readonly TokenView[] }).tokens;
}

export async function readAreas(url: string): Promise<readonly AreaDefinition[]> {
  return ((await getJson(url, `${root}/areas`)) as { readonly areas: readonly AreaDefinition[] }).areas;
}

/** Entries of a page of the audit. */
const auditRows = 200;

/** `GET /api/v1/audit`, newest first, in pages: `next` is what the following one is asked with. */
export async function readAudit(url: string, match: string, before?: string): Promise<{ readonly rows: readonly AuditEntry[]; readonly next: string | undefined }> {
  const query = new URLSearchParams({ limit: String(auditRows), ...(match === '' ? {} : { match }), ...(before === undefined ? {} : { before }) });
  const { entries, next } = (await getJson(url, `${root}/audit?${query.toString()}`)) as { readonly entries: readonly AuditEntry[]; readonly next?: string };
  return { rows: entries, next };
}

export function auditCsvPath(match: string): string {
  return `${root}/audit?format=csv${match === '' ? '' : `&match=${encodeURIComponent(match)}`}`;
}
