import type { Stand } from './arbitration.js';
import type { FieldBalance } from './reach.js';
import type { EpochCause, NodeMode, RedundancySettings, Role } from '../contract/index.js';

/** What this node wrote about itself before it stopped (rule 3). */
export type Mark = 'following' | 'paired' | 'alone';

/** Newest (epoch, seq) that a node holds, enough to say which of two is newer. */
export interface Progress {
  readonly epoch: number;
  readonly seq: number;
}

/**
 * Whether the witness is in force. It is a replicated record, changed in three steps that both nodes agree on:
 * `arming` and `disarming` are stricter than what lies on either side of them.
 */
export type Arming = 'disarmed' | 'arming' | 'armed' | 'disarming';

/** What the effects of an active node stand on while a witness is in force: echoes of what it sent (rule 2). */
export interface Support {
  readonly peerUntilMs: number;
  readonly witnessUntilMs: number;
  /** First beat of its present epoch: echoes of older ones are no support. */
  readonly fromBeat: number;
  /** A node that has just become active gets this long for its first echo before it gives up. */
  readonly dueMs: number;
}

/** It would become active if the witness granted it. */
export interface Claim {
  readonly cause: EpochCause;
  readonly evidence: string;
  readonly stale: boolean;
  readonly askedMs: number;
}

export interface PeerView {
  readonly link: 'down' | 'up';
  readonly role: Role | 'unknown';
  readonly mode: NodeMode | 'unknown';
  readonly progress: Progress;
  readonly lastHeardMs: number;
  /** When its main thread was last known, by the second path, to get on as the active one. */
  readonly aliveMs?: number;
  /** The link closed (not: fell silent) and no probe has been answered since. */
  readonly closed: boolean;
  /** Its newest epoch has the number of this node's, and is another one: both were active at a time. */
  readonly apart?: true;
  /** It is active too, in this epoch, and yields to this node: that has been decided (R21). */
  readonly wonOver?: number;
  /** Why the peer was refused (site, version, revision): alive, and no partner. */
  readonly refused?: string;
}

export interface RoleState {
  readonly role: Role;
  readonly mark: Mark;
  readonly progress: Progress;
  readonly peer: PeerView;
  readonly startedMs: number;
  /** On a standby: the active has confirmed that this node is in the in-sync set. On the active: the standby is. */
  readonly inSync: boolean;
  /**
   * On a standby that counts itself in sync: the other node was there still, or may have been, when the connection had
   * ended, and may have confirmed alone since. Until it is taken into the set anew.
   */
  readonly maybeOvertaken?: true;
  /** A promotion is being written to disk. */
  readonly promoting: boolean;
  /** Control is owed back to the main (automatic recovery). */
  readonly owedToMain: boolean;
  readonly handBackDueMs?: number;
  /** Control was owed to the main and is not given back by itself any more: too many moves (an alarm). */
  readonly recoverySuspended: boolean;
  /** Moves of control that nobody asked for (hand-backs, field-aware ones) within the last hour of pair time. */
  readonly recentMoves: number;
  /** Automatic switching is suspended (R37). */
  readonly held: boolean;
  /** A hand-over that has begun: `prepare` was sent, or everything is stopping. */
  readonly handover?: { readonly cause: EpochCause; readonly deadlineMs: number };
  /** This node was frozen for longer than its lease: no effects until it has asked. */
  readonly suspect?: { readonly sinceMs: number; readonly untilMs: number; readonly beat: number; /** It had no standby then: nobody can have taken over by itself. */ readonly alone: boolean; /** The doubt ends with the epoch that is being opened. */ readonly opensEpoch?: true };
  /** Its last activation was by a person's switch: starting again does not owe control to the main. */
  readonly keepsControl: boolean;
  /** Since when neither node has been active, while they talk. */
  readonly leaderlessSinceMs?: number;
  /** The standby reaches more of the field than this node, since then (R31); on the active. */
  readonly fieldWorse?: { readonly sinceMs: number; readonly balance: FieldBalance };
  /** The standby reaches less of the field: control does not go back to it by itself. */
  readonly fieldBetter: boolean;
  /** With a witness in force and this node supported: since when the other one has been seen active as well. */
  readonly bothActiveSinceMs?: number;
  readonly arming: Arming;
  readonly support: Support;
  /** On a standby: until when it has promised to support the other node and nobody else. */
  readonly promisedUntilMs: number;
  readonly claim?: Claim;
}

export interface RoleConfig {
  readonly mode: NodeMode;
  readonly settings: RedundancySettings;
  /** Why this node never becomes active by its own decision (not approved, taken out of the pair). */
  readonly barred?: string | undefined;
  /** What else says that the other node is silent, as the end of a sentence. */
  readonly alsoSilent?: string;
}

export type RoleInput =
  | { readonly kind: 'tick' }
  /** Other settings are in force: budgets count from now. */
  | { readonly kind: 'settings' }
  | {
      readonly kind: 'peer-seen';
      readonly role: Role;
      readonly mode: NodeMode;
      readonly progress: Progress;
      /** Its epoch is another one than this node's of the same number. */
      readonly apart?: true;
      /** Last beat of ours that it has seen. */
      readonly echo: number;
      /** The echo is a promise; `sentMs` is when that beat was sent. */
      readonly support?: { readonly sentMs: number };
      /** It will say its stand before anything else: nothing is decided between two actives before. */
      readonly undecided?: true;
    }
  /** Both nodes are active, and have said what they have to say. */
  | { readonly kind: 'stands'; readonly own: Stand; readonly peer: Stand }
  /** What this node and the standby reach of the field. */
  | { readonly kind: 'field'; readonly balance: FieldBalance }
  /** The second path has brought word of it: it gets on, and plays this role. */
  | { readonly kind: 'peer-alive'; readonly role: Role }
  /** An echo is about to leave that promises support to the other node. */
  | { readonly kind: 'promised' }
  /** The witness supports this node on, for what was sent at `sentMs`. */
  | { readonly kind: 'witness-echo'; readonly sentMs: number }
  /** The witness allows what this node claims. */
  | { readonly kind: 'witness-granted'; readonly sentMs: number }
  /** Anything else arrived from it: a heartbeat may wait behind megabytes of frames. */
  | { readonly kind: 'peer-heard' }
  /** `peer`: what the refused node says of itself, where it is of this pair (another configuration or version). */
  | { readonly kind: 'peer-refused'; readonly reason: string; readonly peer?: { readonly role: Role; readonly progress: Progress } }
  | { readonly kind: 'link-closed' }
  | { readonly kind: 'peer-goodbye' }
  /** The active node ends the connection by itself, and lives. */
  | { readonly kind: 'peer-drops' }
  | { readonly kind: 'probe'; readonly refusedEverywhere: boolean }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'sync'; readonly inSync: boolean }
  | { readonly kind: 'switch'; readonly by: string }
  /** A person takes the decision that no evidence allows. `witness`: it can be asked. */
  | { readonly kind: 'force'; readonly by: string; readonly witness: boolean }
  | { readonly kind: 'peer-ready' }
  | { readonly kind: 'handover-failed'; readonly reason: string }
  | { readonly kind: 'yield-sent' }
  | { readonly kind: 'yielded'; readonly cause: EpochCause }
  | { readonly kind: 'promoted'; /** First beat that will be sent in the new epoch. */ readonly nextBeat: number }
  | { readonly kind: 'stalled'; readonly ms: number; /** First beat that will be sent after the stall. */ readonly nextBeat: number };

export type RoleEffect =
  /** Write a new epoch to disk, then say `promoted`. No effect on the field before that. */
  | { readonly kind: 'promote'; readonly cause: EpochCause; readonly owedToMain: boolean; readonly stale: boolean; /** The witness is not in force any more. */ readonly disarm?: true }
  /** Ask the witness, then say `witness-granted` where it does. */
  | { readonly kind: 'ask-witness'; readonly dead: boolean; readonly beyondSet: boolean }
  /** Stop everything that the active does. Must be done when the call returns. */
  | { readonly kind: 'demote' }
  /** Ask every path of the peer whether anybody listens, then say `probe`. */
  | { readonly kind: 'probe' }
  /** Destroy the link's socket: it is half open. */
  | { readonly kind: 'drop-link' }
  | { readonly kind: 'prepare-handover'; readonly cause: EpochCause }
  /** Stop functions and writes, close exclusive connections, flush, send `yield`, then say `yield-sent`. */
  | { readonly kind: 'yield'; readonly cause: EpochCause }
  /** `cause` where it is the beginning of an activation. */
  | { readonly kind: 'event'; readonly what: string; readonly evidence: string; readonly cause?: EpochCause };

export interface Step {
  readonly state: RoleState;
  readonly effects: readonly RoleEffect[];
}
