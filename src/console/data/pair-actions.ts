import type { ConnectAttempt, PartnerTable, RowSettings } from '../../contract/partner-table.js';
import type { RecordedConflict, SettingInForce } from '../../contract/redundancy-status.js';
import type { VerificationReport } from '../../contract/verification.js';
import type { CertificateFace, TrustAction, TrustStatus } from '../../contract/trust.js';
import { getJson, postJson, putJson, removeJson } from './rest.js';

const root = 'api/v1/redundancy';

/** What a person may do with the pair, each at the node that may do it: see docs/rest-api.md. */
export const pairActions = {
  hold: async (url: string, reason: string, duration: string, token: string) => postJson(url, `${root}/hold`, { reason, for: duration }, token),
  release: async (url: string, token: string) => postJson(url, `${root}/release`, {}, token),
  drill: async (url: string, token: string) => postJson(url, `${root}/drill`, {}, token),
  /** A witness may be asked first. */
  force: async (url: string, reason: string, token: string) => postJson(url, `${root}/force`, { reason }, token),
};

export async function readTrust(url: string): Promise<TrustStatus> {
  return (await getJson(url, `${root}/trust`)) as TrustStatus;
}

export async function decideTrust(url: string, action: TrustAction, fingerprint: string, token: string): Promise<TrustStatus> {
  return (await postJson(url, `${root}/trust`, { action, fingerprint }, token)) as TrustStatus;
}

export async function renewCertificate(url: string, token: string): Promise<CertificateFace> {
  return (await postJson(url, `${root}/trust/renew`, {}, token)) as CertificateFace;
}

export async function readPartners(url: string): Promise<PartnerTable> {
  return (await getJson(url, `${root}/partners`)) as PartnerTable;
}

export async function changeRow(url: string, symbol: string, settings: RowSettings, token: string): Promise<PartnerTable> {
  return (await putJson(url, `${root}/partners/${encodeURIComponent(symbol)}`, settings, token)) as PartnerTable;
}

export async function tryToConnect(url: string, symbol: string, token: string): Promise<ConnectAttempt> {
  return (await postJson(url, `${root}/partners/${encodeURIComponent(symbol)}/try-to-connect`, {}, token)) as ConnectAttempt;
}

export async function readVerification(url: string): Promise<VerificationReport> {
  return (await getJson(url, `${root}/verify`)) as VerificationReport;
}

/** Begins; {@link readVerification} tells how it goes. */
export async function startVerification(url: string, history: string, token: string): Promise<void> {
  await postJson(url, `${root}/verify`, { history }, token);
}

export async function readSettings(url: string): Promise<readonly SettingInForce[]> {
  return ((await getJson(url, `${root}/settings`)) as { readonly settings: readonly SettingInForce[] }).settings;
}

export async function readConflicts(url: string): Promise<readonly RecordedConflict[]> {
  return ((await getJson(url, `${root}/conflicts`)) as { readonly conflicts: readonly RecordedConflict[] }).conflicts;
}

export const conflictsCsv = `${root}/conflicts?format=csv`;

/** It writes to the field, or changes the configuration: on the active node. */
export async function adoptConflict(url: string, id: string, token: string): Promise<void> {
  await postJson(url, `${root}/conflicts/${encodeURIComponent(id)}/adopt`, {}, token);
}

export async function dismissConflict(url: string, id: string, token: string): Promise<void> {
  await removeJson(url, `${root}/conflicts/${encodeURIComponent(id)}`, token);
}

/** Their ids may be long: a request takes 64 KB. */
const DISMISSED_AT_ONCE = 100;

/** Those that are shown, and not what has come since. */
export async function dismissConflicts(url: string, ids: readonly string[], token: string): Promise<void> {
  for (let from = 0; from < ids.length; from += DISMISSED_AT_ONCE) await postJson(url, `${root}/conflicts/dismiss`, { ids: ids.slice(from, from + DISMISSED_AT_ONCE) }, token);
}
