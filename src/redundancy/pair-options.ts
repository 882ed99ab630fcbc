import type { Clock, FieldComparison, HeartbeatCarrier, LinkTransport, Log, Network, NodeConfig, NodeHealth, Random, RedundancyEvent, RedundancySettings, Timers } from '../contract/index.js';
import type { Frame, Json, PairState, Publisher } from '../image/index.js';
import type { ProtocolRange } from './link-messages.js';
import type { ConfigurationReader } from './configuration-exchange.js';
import type { Journal } from './journal.js';
import type { LiveSettings } from './live-settings.js';
import type { PairClock } from './pair-clock.js';
import type { Mark } from './role-state.js';
import type { DeviceReach } from './reach.js';
import type { RegistersOptions } from './registers.js';
import type { Trust } from './trust.js';
import type { Inspector } from './verify/facts.js';

/** What a pair is made of, and what of the world it is given. */
export interface PairOptions {
  readonly site: string;
  readonly node: NodeConfig;
  /** In force: with `live` they change, and are read where they are used. */
  readonly settings: RedundancySettings;
  readonly live?: LiveSettings;
  readonly state: PairState;
  readonly publisher: Publisher;
  readonly pairClock: PairClock;
  readonly journal: Journal;
  readonly mark: Mark;
  /** Without it the configuration is what the node was started with, and both have to have the same. */
  readonly configuration?: ConfigurationReader;
  /** What this node reaches of the field now; absent where there is none. */
  readonly reach?: () => readonly DeviceReach[];
  /** What this node, a `hot` standby in sync, reads otherwise than the image says; undefined while it compares nothing. */
  readonly comparison?: () => FieldComparison | undefined;
  /** Looks at what a verification compares; without it there is none. */
  readonly inspector?: Inspector;
  /** Versions of the link's protocol to speak, where they are not all that this build knows. */
  readonly protocol?: ProtocolRange;
  /** Secret that both nodes share with the witness; needed where `settings.witness` is. */
  readonly witnessSecret?: string | undefined;
  /** Console address that the peer last told. */
  readonly lastPeerUrl?: string | undefined;
  /** What the disk says of history that is still to be fetched (mark `history-gap`). */
  readonly historyGap?: Json | undefined;
  /** What this node recorded apart and the other one has to fetch (mark `history-owed`). */
  readonly historyOwed?: Json | undefined;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly network: Network;
  readonly transport: LinkTransport;
  readonly witnessTransport?: LinkTransport;
  /** Carries the second heartbeat path, where the node document has one. */
  readonly heartbeats?: HeartbeatCarrier | undefined;
  readonly log: Log;
  /** The mark `rows`, as it was written last (rows.ts). */
  readonly rows?: unknown;
  /** Absent with `tls: off` and in mode independent. */
  readonly trust?: Trust | undefined;
  /** Keeps each decision on this node's own disk (R34). */
  readonly keepEvent?: (event: RedundancyEvent) => void;
  /** What this node measures of itself; the other one is told. */
  readonly health?: () => NodeHealth;
  /** Heartbeat registers in a PLC, where the settings name some. */
  readonly registers?: Pick<RegistersOptions, 'read' | 'write'>;
  /** The state as one frame that replaces. */
  readonly snapshot: () => Frame;
  /** Stops functions and writes and closes exclusive connections; control is given away after it. */
  readonly quiesce: () => Promise<void>;
}
