import type { LogicDryRun, LogicView } from '../../contract/logic.js';
import { getJson, postJson } from './rest.js';

/** Control programs: see docs/rest-api.md. */
export async function readLogic(url: string): Promise<readonly LogicView[]> {
  return ((await getJson(url, 'api/v1/logic')) as { readonly logic: readonly LogicView[] }).logic;
}

export async function restartLogic(url: string, name: string, token: string): Promise<unknown> {
  return postJson(url, `api/v1/logic/${encodeURIComponent(name)}/restart`, {}, token);
}

export async function tryLogic(url: string, name: string, program: string, hours: number, token: string): Promise<LogicDryRun> {
  const toMs = Date.now();
  const times = { from: new Date(toMs - hours * 3_600_000).toISOString(), to: new Date(toMs).toISOString() };
  return (await postJson(url, `api/v1/logic/${encodeURIComponent(name)}/dry-run`, { ...times, program }, token)) as LogicDryRun;
}
