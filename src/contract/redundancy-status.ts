import type { Activity } from './activity.js';
import type { FieldComparison } from './field-comparison.js';
import type { EpochCause, EpochEntry } from './position.js';
import type { Arbitration, FieldSwitchSettings } from './settings.js';
import type { VirtualAddressStatus } from './virtual-address.js';

/** `reader`: a further permanent standby that only reads (R36). */
export type NodeMode = 'independent' | 'main' | 'backup' | 'reader';

/** The role a node plays now. `starting`: has not decided yet; `yielding`: hands over, has no effects any more. */
export type Role = 'starting' | 'standby' | 'active' | 'yielding';

/** R2, what is shown of a node. */
export type NodeState = 'running' | 'standby' | 'faulted' | 'unknown' | 'disconnected';

/** How well the standby holds what the active holds. */
export type SyncState = 'none' | 'connecting' | 'synchronizing' | 'in-sync' | 'refused';

export interface NodeStatus {
  readonly id: string;
  readonly mode: NodeMode;
  readonly state: NodeState;
  readonly role: Role | 'unknown';
  readonly consoleUrl: string;
}

/** R26: the witness as this node knows it. */
export interface WitnessStatus {
  readonly address: string;
  /** Whether this node reaches it now. */
  readonly reachable: boolean;
  /** `armed`: effects and takeovers need its word or the other node's. */
  readonly state: 'disarmed' | 'arming' | 'armed' | 'disarming';
  /** The node that it supported last. */
  readonly supports: string;
  /** Why it did not support this node when it was last asked. */
  readonly refusal?: string;
}

/** What the other node's register in a PLC says of it. `unreachable`: the PLC does not answer this node. */
export type RegisterState = 'unknown' | 'moving' | 'still' | 'unreachable';

/** R37: automatic switching is suspended; `untilMs` is pair time. */
export interface HoldStatus {
  readonly by: string;
  readonly reason: string;
  readonly untilMs: number;
}

/** R35: a switch-and-back that is under way, or the report of the last one. Times are pair time. */
export interface DrillReport {
  readonly id: string;
  readonly by: string;
  /** The node that was active before, and is to be after. */
  readonly home: string;
  readonly phase: 'away' | 'back' | 'done' | 'failed';
  readonly startedMs: number;
  readonly endedMs?: number;
  /** When control was let go, and by whom; while it is on its way. */
  readonly leftMs?: number;
  readonly leftBy?: string;
  /** From the last moment in which a node could write to the field to the first in which the other one could; there and back. */
  readonly gapsMs: readonly number[];
  /** Records that each node wrote meanwhile, and how many it had confirmed. */
  readonly probes: Readonly<Record<string, { readonly written: number; readonly confirmed: number }>>;
  /** Confirmed records that are not in the journal, and records that are there twice. */
  readonly lost?: number;
  readonly repeated?: number;
  /** Why it failed. */
  readonly reason?: string;
}

/** R3: whether both nodes are entitled to run the same modules. */
export interface PairAuthorization {
  readonly state: 'unknown' | 'match' | 'mismatch';
  /** One sentence for each module that differs. */
  readonly differences: readonly string[];
}

/** `GET /api/v1/redundancy`. */
export interface RedundancyStatus {
  readonly site: string;
  readonly revision: string;
  readonly self: NodeStatus;
  /** Absent in mode independent. */
  readonly peer?: NodeStatus;
  readonly epoch: EpochEntry | null;
  readonly seq: number;
  readonly sync: {
    readonly state: SyncState;
    /** Frames that the standby has not acknowledged (on the active), or that are known to be missing (on the standby). */
    readonly lagFrames: number;
    /** Why it is not in sync, where that is known. */
    readonly reason?: string;
    /** History that this node was too long away for, while it comes from the other one: from when on, the point that it has come to, samples so far. */
    readonly historyFill?: { readonly fromMs: number; readonly point: string; readonly added: number };
  };
  /** True while a confirmation means "held by both nodes". */
  readonly protected: boolean;
  readonly canSwitch: boolean;
  readonly switchRefusal?: string;
  readonly recovery: { readonly mode: 'automatic' | 'manual'; readonly handBackInMs?: number };
  /** Worst-case time from silence to takeover that follows from the settings. */
  readonly worstDetectionMs: number;
  /** R12; absent in mode independent. */
  readonly tls?: 'on' | 'off';
  /** Until the own certificate ends; with TLS. */
  readonly certificateDaysLeft?: number;
  readonly authorization?: PairAuthorization;
  /** Why this node never becomes active by its own decision, where that is so. */
  readonly barred?: string;
  /** What endangers the pair and needs a person. */
  readonly alarms?: readonly string[];
  readonly witness?: WitnessStatus;
  readonly hold?: HoldStatus;
  readonly drill?: DrillReport;
  /** R18; absent where none is configured. `unknown`: the other node has not told its key yet. */
  readonly secondPath?: 'unknown' | 'up' | 'lost';
  /** R26: the other node's heartbeat register; absent where none is configured. */
  readonly registers?: RegisterState;
  /** R21: who goes on where both nodes were active; absent in mode independent. */
  readonly arbitration?: Arbitration;
  /** R31, where it is on: and the devices that, as the active node sees it, only the standby reaches. */
  readonly fieldSwitch?: FieldSwitchSettings & { readonly onlyStandby?: readonly string[] };
  /** R10: what a `hot` standby reads beside the image; absent where nothing is compared, or not now. */
  readonly comparison?: FieldComparison;
  /** R11: settings that the configuration has changed and that count from the next start of this node on. */
  readonly settingsWaiting?: readonly string[];
  /** R33: how far the other node's wall clock is ahead of this one's. */
  readonly clockSkewMs?: number;
  /** Pair time of this node (rule 11), milliseconds since 1970, and how far it is ahead of this node's wall clock; behind it where negative. */
  readonly pairTime?: { readonly nowMs: number; readonly aheadOfWallMs: number };
  /** Why this active node has no effects at the moment, where it has none. */
  readonly suspended?: string;
  /** Whether a person may make this node active without the other one's word, and why not. */
  readonly canForce?: boolean;
  readonly forceRefusal?: string;
  /** It started without knowing what the other one did last, and does not repeat older commands (R39). */
  readonly startedStale?: boolean;
  /** Messages of the other node that made no sense, since the start. */
  readonly malformedMessages?: number;
  readonly events: readonly RedundancyEvent[];
  /** R36: nodes that are connected here for reading. */
  readonly readers?: readonly ReaderStatus[];
  /** R38; absent where the site has none. */
  readonly virtualAddress?: VirtualAddressStatus;
  /** What was done apart and waits for a person (R22). */
  readonly conflicts?: number;
  /** What this node is at that takes its time; absent where there is nothing. */
  readonly activities?: readonly Activity[];
  /** What about this node a person should know, with the code of docs/errors.md. */
  readonly notes?: readonly { readonly code: string; readonly message: string }[];
}

/** R36: a reading node, as a node of the pair knows it. */
export interface ReaderStatus {
  readonly id: string;
  readonly consoleUrl: string;
  /** It gets this node's frames; otherwise it is looking for the active one. */
  readonly following: boolean;
  /** Frames that it has not applied yet. */
  readonly lagFrames: number;
}

/** R11: a setting as this node goes by it, `GET /api/v1/redundancy/settings`. */
export interface SettingInForce {
  /** As the document calls it. */
  readonly name: string;
  /** `site`: of the site document, live. `node`: of the node document, which is read at the start. */
  readonly source: 'site' | 'node';
  readonly inForce: string;
  /** What the configuration in force says; of the site only. */
  readonly configured?: string;
  /** The two differ: what is configured counts from the next start of this node on. */
  readonly needsRestart: boolean;
}

/** R34: a decision with its evidence. */
export interface RedundancyEvent {
  readonly timeMs: number;
  readonly node: string;
  readonly what: string;
  readonly evidence: string;
  readonly cause?: EpochCause;
}

/** R22: something that was done apart and that the pair does not agree on, for a person to adopt or dismiss. */
export interface RecordedConflict {
  readonly id: string;
  readonly kind: 'command' | 'configuration';
  readonly timeMs: number;
  readonly by: string;
  readonly text: string;
  /** Of a command. */
  readonly point?: string;
  /** Of a configuration: where it was made. */
  readonly node?: string;
}
