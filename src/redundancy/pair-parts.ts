import type { Endpoint, EpochCause, NodeConfig } from '../contract/index.js';
import type { PairState } from '../image/index.js';
import type { DbSync } from './db-sync.js';
import type { Heartbeat } from './heartbeat.js';
import type { Link } from './link.js';
import type { PairOptions } from './pair-options.js';
import type { Progress, RoleInput, RoleState } from './role-machine.js';
import type { Rows } from './rows.js';
import type { Sync } from './sync.js';

/** What the parts of a pair share: the world, the link, and the one way to tell the role machine something. */
export interface PairParts {
  readonly options: PairOptions;
  readonly link: Link;
  readonly sync: Sync;
  readonly heartbeat: Heartbeat;
  readonly rows: Rows;
  readonly dbSync: DbSync;
  readonly role: () => RoleState;
  readonly step: (input: RoleInput) => void;
  /** Asks whether the event loop has stood still, and says so if it has. */
  readonly noticeStall: () => void;
  readonly note: (what: string, evidence: string, cause?: EpochCause) => void;
  /** For work that nobody waits for: its error is logged. */
  readonly run: (work: Promise<unknown> | undefined) => void;
}

export function progressOf(state: PairState): Progress {
  return { epoch: state.position.epoch.number, seq: state.position.seq };
}

/** Where the partner's link listens. */
export function partnerEndpoint(node: NodeConfig): Endpoint | undefined {
  const { partner } = node;
  return partner === undefined ? undefined : { host: partner.address, port: partner.port };
}
