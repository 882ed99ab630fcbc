import type { ConnectAttempt, NodeConfig, PartnerRow, PartnerTable, RedundancySettings, Verification } from '../contract/index.js';
import type { RoleState } from './role-machine.js';
import type { Rows } from './rows.js';
import { detectionBudgetMs } from './timing.js';

export interface TableParts {
  readonly node: NodeConfig;
  readonly settings: RedundancySettings;
  readonly role: RoleState;
  readonly rows: Rows;
  readonly linkUp: boolean;
  readonly failedCalls: number;
  readonly retryCount: number;
  readonly dbSyncOff: boolean;
  readonly connectedClients: number;
  readonly attempt: ConnectAttempt;
  readonly verification: Verification;
  readonly nowMs: number;
}

/** R14 and R15, from what is known now. */
export function describeTable(parts: TableParts): PartnerTable {
  const { node, rows, linkUp, connectedClients, attempt, verification } = parts;
  const { local } = rows;
  return {
    local: {
      symbol: node.id,
      port: node.link.port,
      active: local.active,
      isPrimary: node.mode === 'main',
      connectedServers: linkUp ? 1 : 0,
      connectedClients,
      dbSync: local.dbSync,
      database: node.data,
      tryToConnect: attempt,
      verification,
      comment: local.comment,
    },
    partners: node.partner === undefined ? [] : [partnerRow(parts, node.partner)],
  };
}

function partnerRow({ node, settings, role, rows, linkUp, failedCalls, retryCount, dbSyncOff, attempt, verification, nowMs }: TableParts, partner: NonNullable<NodeConfig['partner']>): PartnerRow {
  const { refused } = role.peer;
  const timeoutMs = detectionBudgetMs(settings);
  // Only the backup calls; the main has waited as long as so many calls take.
  const inVain = node.mode === 'backup' ? failedCalls >= retryCount : nowMs - Math.max(role.startedMs, role.peer.lastHeardMs) >= retryCount * timeoutMs;
  const sync = refused !== undefined && !linkUp ? 'refused' : !linkUp ? 'connecting' : role.inSync ? 'in-sync' : 'synchronizing';
  return {
    number: 1,
    symbol: partner.symbol,
    address: partner.address,
    port: partner.port,
    periodMs: settings.pingRateMs,
    timeoutMs,
    retryCount,
    active: rows.partner.active,
    isPrimary: node.mode === 'backup',
    connected: linkUp,
    fault: !linkUp && inVain,
    ...(linkUp || refused === undefined ? {} : { reason: refused }),
    dbSync: linkUp && dbSyncOff ? 'live-only' : sync,
    tryToConnect: attempt,
    verification,
    comment: rows.partner.comment,
  };
}
