import { TandemError, type ConnectAttempt, type PartnerTable, type RowSettings } from '../contract/index.js';
import type { DbSync } from './db-sync.js';
import type { Link } from './link.js';
import type { PairOptions } from './pair-options.js';
import { partnerEndpoint } from './pair-parts.js';
import { describeTable } from './partner-table.js';
import type { RoleState } from './role-machine.js';
import type { Rows } from './rows.js';
import { tickMs } from './timing.js';
import type { Verifier } from './verify/verifier.js';

export interface DeskOptions {
  readonly options: PairOptions;
  readonly link: Link;
  readonly rows: Rows;
  readonly dbSync: DbSync;
  readonly role: () => RoleState;
  readonly note: (what: string, evidence: string) => void;
  readonly verifier: Verifier;
}

/** What a person sees and does in the partner table. */
export class PartnerDesk {
  private attempt: ConnectAttempt = { state: 'none', atMs: 0 };

  constructor(private readonly desk: DeskOptions) {}

  table(connectedClients: number): PartnerTable {
    const { options, link, rows, dbSync, role } = this.desk;
    return describeTable({
      node: options.node,
      settings: options.settings,
      role: role(),
      rows,
      linkUp: link.up,
      failedCalls: link.failedCalls,
      retryCount: options.settings.retryCount,
      dbSyncOff: dbSync.isOff,
      connectedClients,
      attempt: this.attempt,
      verification: this.desk.verifier.verification,
      nowMs: options.clock.monotonicMs(),
    });
  }

  /** Changes the row of this node or of a partner; durable when it resolves. @throws PARTNER_UNKNOWN */
  async change(symbol: string, settings: RowSettings, by: string): Promise<void> {
    const { options, rows, link, dbSync, note, verifier } = this.desk;
    const row = this.rowOf(symbol);
    await rows.change(row, settings);
    const said = Object.entries(settings).filter(([key, value]) => key !== 'comment' && value !== undefined);
    if (said.length > 0) note(`partner table: ${said.map(([key, value]) => `${key} ${value === true ? 'on' : 'off'}`).join(', ')}`, `row ${symbol} at node ${options.node.id}, by ${by}`);
    if (said.length > 0) verifier.lapse(`row ${symbol} of the partner table of node ${options.node.id} was changed`);
    if (settings.active !== undefined) link.recheck();
    if (settings.dbSync !== undefined) dbSync.tell();
  }

  /** Calls the partner at once, whoever usually does, and tells how it went. @throws PARTNER_UNKNOWN */
  async tryToConnect(symbol: string): Promise<ConnectAttempt> {
    const { options, link, role } = this.desk;
    const to = partnerEndpoint(options.node);
    if (to === undefined || this.rowOf(symbol) === 'local') throw new TandemError('PARTNER_UNKNOWN', 'a node does not connect with itself: give the symbol of the partner');
    const { clock, timers, settings } = options;
    const endMs = clock.monotonicMs() + Math.max(settings.failoverTimeMs, 500);
    this.attempt = { state: 'trying', atMs: clock.wallMs() };
    if (!link.up) link.tryNow(to);
    while (!link.up && clock.monotonicMs() < endMs) await new Promise<void>((resolve) => timers.after(tickMs(settings), resolve));
    const refused = role().peer.refused;
    this.attempt = { atMs: clock.wallMs(), ...(link.up ? { state: 'connected' } : { state: 'failed', result: refused ?? `${to.host}:${to.port} does not answer as a Tandem node` }) };
    return this.attempt;
  }

  private rowOf(symbol: string): 'local' | 'partner' {
    const { node } = this.desk.options;
    if (symbol === node.id) return 'local';
    if (symbol === node.partner?.symbol) return 'partner';
    throw new TandemError('PARTNER_UNKNOWN', `there is no row ${symbol}; this node is ${node.id}, its partner ${node.partner?.symbol ?? 'none'}`);
  }
}
