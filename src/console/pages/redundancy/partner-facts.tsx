import { iconErrorFilled, iconWarningFilled } from '@siemens/ix-icons/icons';
import type { ReactNode } from 'react';
import type { ConnectAttempt, LocalRow, PartnerRow, Verification } from '../../../contract/partner-table.js';
import { Mark } from '../../components/mark.js';
import { formatDuration, formatTime } from '../../format/times.js';
import { texts } from '../../texts.js';

type Items = readonly (readonly [label: string, value: ReactNode])[];

const t = texts.pair.partners;
const said = (value: boolean): string => (value ? t.yes : t.no);

/** R14. */
export function localFacts(row: LocalRow): Items {
  return [
    [t.active, taking(row.active)],
    [t.primary, said(row.isPrimary)],
    [t.port, row.port],
    [t.servers, row.connectedServers],
    [t.clients, row.connectedClients],
    [t.dbSync, row.dbSync ? t.dbSyncLocal.on : <Mark icon={iconWarningFilled} tone="warning" text={t.dbSyncLocal.off} />],
    [t.database, row.database],
    [t.attempt, attempted(row.tryToConnect)],
    [t.verified, verified(row.verification)],
    [t.comment, row.comment === '' ? texts.none : row.comment],
  ];
}

/** R15. */
export function partnerFacts(row: PartnerRow): Items {
  return [
    [t.active, taking(row.active)],
    [t.primary, said(row.isPrimary)],
    [t.address, row.address],
    [t.port, row.port],
    [t.period, formatDuration(row.periodMs)],
    [t.timeout, formatDuration(row.timeoutMs)],
    [t.retries, row.retryCount],
    [t.connected, row.connected ? t.yes : <Mark icon={iconWarningFilled} tone="warning" text={t.notConnected(row.reason)} />],
    [t.fault, row.fault ? <Mark icon={iconErrorFilled} tone="alarm" text={t.faultText} /> : t.no],
    [t.dbSync, row.dbSync === 'live-only' ? t.liveOnly : texts.sync[row.dbSync]],
    [t.attempt, attempted(row.tryToConnect)],
    [t.verified, verified(row.verification)],
    [t.comment, row.comment === '' ? texts.none : row.comment],
  ];
}

function taking(active: boolean): ReactNode {
  return active ? t.activeTexts.on : <Mark icon={iconWarningFilled} tone="warning" text={t.activeTexts.off} />;
}

function attempted({ state, atMs, result }: ConnectAttempt): string {
  return atMs === 0 ? t.attempts[state] : t.attemptAt(t.attempts[state], formatTime(atMs), result);
}

function verified({ state, atMs, differences }: Verification): string {
  return atMs === 0 ? t.verifications[state] : t.verifiedAt(t.verifications[state], differences, formatTime(atMs));
}
