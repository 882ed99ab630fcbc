import type { EpochCause, EpochEntry } from './position.js';

export type NodeMode = 'independent' | 'main' | 'backup';

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
  /** Why this node never becomes active by its own decision, where that is so. */
  readonly barred?: string;
  /** What endangers the pair and needs a person. */
  readonly alarms?: readonly string[];
  readonly events: readonly RedundancyEvent[];
}

/** R34: a decision with its evidence. */
export interface RedundancyEvent {
  readonly timeMs: number;
  readonly node: string;
  readonly what: string;
  readonly evidence: string;
  readonly cause?: EpochCause;
}
