import type { ConnectAttempt, PartnerTable, RecordedConflict, RowSettings, VerificationReport, TrustAction, TrustStatus } from '../../src/contract/index.js';

interface Answer {
  readonly status?: number;
  readonly body: unknown;
}

const never: ConnectAttempt = { state: 'none', atMs: 0 };
const unverified = { state: 'not-verified', atMs: 0, differences: 0 } as const;

/** What one fake node keeps of certificates and partners, each node its own. */
export class FakeDesk {
  readonly fingerprint: string;
  trust: TrustStatus;
  table: PartnerTable;
  verification: VerificationReport = { state: 'not-verified', atMs: 0, findings: [], lapsed: 'another configuration is in force' };
  conflicts: readonly RecordedConflict[] = [];
  /** What was decided about conflicts. */
  readonly decided: string[] = [];
  /** The next decision is about something that is not there any more. */
  refuse = false;

  constructor(id: string) {
    const peer = id === 'A' ? 'B' : 'A';
    const notAfterMs = Date.now() + 1012 * 86_400_000;
    this.fingerprint = fingerprintOf(id);
    this.trust = {
      tls: 'on',
      own: { fingerprint: this.fingerprint, name: id, notAfterMs, daysLeft: 1012 },
      certificates: [{ fingerprint: fingerprintOf(peer), name: peer, notAfterMs, state: 'pending', connection: 'waiting', firstSeenMs: Date.now() - 60_000, lastSeenMs: Date.now() - 1_000, from: '10.20.0.2' }],
    };
    const main = id === 'A';
    this.table = {
      local: { symbol: id, port: 8099, active: true, isPrimary: main, connectedServers: main ? 1 : 0, connectedClients: 3, dbSync: true, database: `data/${id.toLowerCase()}`, tryToConnect: never, verification: unverified, comment: '' },
      partners: [{ number: 1, symbol: peer, address: main ? '10.20.0.2' : '10.20.0.1', port: 8099, periodMs: 300, timeoutMs: 1000, retryCount: 10, active: true, isPrimary: !main, connected: main, fault: !main, ...(main ? {} : { reason: 'LINK_CERTIFICATE' }), dbSync: main ? 'in-sync' : 'refused', tryToConnect: never, verification: unverified, comment: 'spare machine' }],
    };
  }

  /** Undefined where the request is none of its own. */
  act(path: string, body: Readonly<Record<string, unknown>>): Answer | undefined {
    if (path === 'redundancy/trust') return this.#decide(body.action as TrustAction, String(body.fingerprint));
    if (path === 'redundancy/verify') return this.#verify(String(body.history));
    if (path === 'redundancy/conflicts/dismiss') {
      const ids = body.ids as readonly string[];
      this.decided.push(`dismissed ${ids.length} at once`);
      this.conflicts = this.conflicts.filter(({ id }) => !ids.includes(id));
      return { status: 200, body: { dismissed: ids.length, held: 'protected' } };
    }
    const [, conflict, adopted] = /^redundancy\/conflicts\/([^/]+)(\/adopt)?$/.exec(path) ?? [];
    if (conflict !== undefined) return this.#settle(decodeURIComponent(conflict), adopted === undefined ? 'dismissed' : 'adopted');
    const [, symbol, call] = /^redundancy\/partners\/([^/]+)(\/try-to-connect)?$/.exec(path) ?? [];
    if (symbol === undefined) return undefined;
    if (call === undefined) return this.#change(symbol, body);
    const tryToConnect: ConnectAttempt = { state: 'connected', atMs: Date.now(), result: 'answered in 4 ms' };
    this.table = { ...this.table, partners: this.table.partners.map((row) => ({ ...row, tryToConnect })) };
    return { status: 200, body: tryToConnect };
  }

  #verify(history: string): Answer {
    this.verification = { state: 'running', by: '127.0.0.1', node: 'A', atMs: 0, findings: [], progress: `history of 12 points, asked for ${history}` };
    return { status: 202, body: { accepted: true } };
  }

  #settle(id: string, how: string): Answer {
    this.decided.push(`${how} ${id}`);
    this.conflicts = this.conflicts.filter((conflict) => conflict.id !== id);
    return { status: 200, body: { id, held: 'protected' } };
  }

  #decide(action: TrustAction, fingerprint: string): Answer {
    if (this.refuse || !this.trust.certificates.some((known) => known.fingerprint === fingerprint)) return { status: 404, body: { code: 'TRUST_UNKNOWN', detail: 'the certificate is gone' } };
    const by = '127.0.0.1';
    this.trust = {
      ...this.trust,
      certificates: this.trust.certificates
        .filter((known) => action !== 'forget' || known.fingerprint !== fingerprint)
        .map((known) => {
          if (known.fingerprint !== fingerprint) return known;
          if (action === 'approve-connection') return { ...known, connection: 'approved', by };
          return { ...known, state: action === 'revoke' ? 'revoked' : 'approved', connection: 'waiting', by };
        }),
    };
    return { status: 200, body: this.trust };
  }

  #change(symbol: string, { active, dbSync, comment }: RowSettings): Answer {
    const { local, partners } = this.table;
    const common = { ...(active === undefined ? {} : { active }), ...(comment === undefined ? {} : { comment }) };
    this.table = symbol === local.symbol ? { local: { ...local, ...common, ...(dbSync === undefined ? {} : { dbSync }) }, partners } : { local, partners: partners.map((row) => ({ ...row, ...common })) };
    return { status: 200, body: this.table };
  }
}

function fingerprintOf(id: string): string {
  return `sha256:${(id === 'A' ? '9fbcce34' : '41d0a7e2').repeat(8)}`;
}
