import type { Endpoint, EpochCause, NodeConfig } from '../contract/index.js';
import type { PairState } from '../image/index.js';
import type { ComparisonWatch } from './comparison-watch.js';
import type { DbSync } from './db-sync.js';
import type { ConfigurationExchange } from './configuration-exchange.js';
import type { FieldWatch } from './field-watch.js';
import type { Heartbeat } from './heartbeat.js';
import type { Link } from './link.js';
import type { PairOptions } from './pair-options.js';
import type { Progress, RoleInput, RoleState } from './role-machine.js';
import type { Rows } from './rows.js';
import type { SecondPath } from './second-path.js';
import type { Stands } from './stands.js';
import type { Sync } from './sync.js';
import type { Verifier } from './verify/verifier.js';
import type { WitnessSeat } from './witness-seat.js';

/** What the parts of a pair share: the world, the link, and the one way to tell the role machine something. */
export interface PairParts {
  readonly options: PairOptions;
  readonly link: Link;
  readonly sync: Sync;
  readonly heartbeat: Heartbeat;
  readonly rows: Rows;
  readonly dbSync: DbSync;
  /** Absent where no witness is configured. */
  readonly witness: WitnessSeat | undefined;
  /** Absent where none is configured. */
  readonly secondPath: SecondPath | undefined;
  readonly exchange: ConfigurationExchange | undefined;
  readonly verifier: Verifier;
  readonly stands: Stands;
  readonly fieldWatch: FieldWatch;
  readonly comparisonWatch: ComparisonWatch;
  readonly role: () => RoleState;
  readonly step: (input: RoleInput) => void;
  /** Asks whether the event loop has stood still, and says so if it has. */
  readonly noticeStall: () => void;
  readonly note: (what: string, evidence: string, cause?: EpochCause) => void;
  /** Id of the other node, as it greeted; else as the node document calls it. */
  readonly peerId: () => string;
  /** Highest epoch that anybody spoke of. */
  readonly highestEpoch: () => number;
  readonly hearEpoch: (epoch: number) => void;
  /** For work that nobody waits for: its error is logged. */
  readonly run: (work: Promise<unknown> | undefined) => void;
}

export function progressOf(state: PairState): Progress {
  return { epoch: state.position.epoch.number, seq: state.position.seq };
}

/** Where the partner's link listens. */
export function partnerEndpoint({ partner }: Pick<NodeConfig, 'partner'>): Endpoint | undefined {
  return partner === undefined ? undefined : { host: partner.address, port: partner.port };
}
