import type { SyncState } from './redundancy-status.js';

/** R14: this node, as a row. */
export interface LocalRow {
  readonly symbol: string;
  readonly port: number;
  /** Off: takes no part in the pair, and promotes nobody by it. */
  readonly active: boolean;
  /** Whether it is configured as the main. */
  readonly isPrimary: boolean;
  /** Partners that are connected now. */
  readonly connectedServers: number;
  readonly connectedClients: number;
  /** Off: live state only, no journal entries and no history. */
  readonly dbSync: boolean;
  /** Its database: the folder. */
  readonly database: string;
  readonly tryToConnect: ConnectAttempt;
  readonly verification: Verification;
  readonly comment: string;
}

/** R15: a partner, as a row. */
export interface PartnerRow {
  readonly number: number;
  readonly symbol: string;
  readonly address: string;
  readonly port: number;
  readonly periodMs: number;
  readonly timeoutMs: number;
  readonly retryCount: number;
  /** Off: this node takes no part with it. */
  readonly active: boolean;
  readonly isPrimary: boolean;
  readonly connected: boolean;
  /** As many calls as the retry count were in vain; slow ones go on. */
  readonly fault: boolean;
  /** Why it is not connected, where that is known. */
  readonly reason?: string;
  readonly dbSync: SyncState | 'live-only';
  readonly tryToConnect: ConnectAttempt;
  readonly verification: Verification;
  readonly comment: string;
}

export interface ConnectAttempt {
  readonly state: 'none' | 'trying' | 'connected' | 'failed';
  /** Milliseconds since 1970 UTC; 0 while there has been none. */
  readonly atMs: number;
  readonly result?: string;
}

/** R16 fills it: whether somebody has compared the two nodes since anything changed. */
export interface Verification {
  readonly state: 'not-verified' | 'verified' | 'differences';
  readonly atMs: number;
  readonly differences: number;
}

/** `GET /api/v1/redundancy/partners`. */
export interface PartnerTable {
  readonly local: LocalRow;
  readonly partners: readonly PartnerRow[];
}

/** Live settings of a row; they are kept through restarts. */
export interface RowSettings {
  readonly active?: boolean | undefined;
  readonly dbSync?: boolean | undefined;
  readonly comment?: string | undefined;
}
