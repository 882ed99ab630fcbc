import type { AlarmAction, AlarmLevel } from './alarm.js';
import type { Roles } from './area-roles.js';
import type { Epoch, Position } from './position.js';
import type { ValueKind } from './point.js';
import type { Role } from './redundancy-status.js';

/**
 * The WebSocket protocol at `/ws`, version 1: JSON texts, one message each (`changes` as bytes for those who ask for it). docs/client-protocol.md tells
 * it as a story. A point is named by its index within the configuration revision, which is the same on both
 * nodes; the snapshot gives the names.
 */
export const CLIENT_PROTOCOL = 1;

/** boolean for boolean points, number (enum: index of the state), decimal string for 64-bit integers, null for "no value yet". */
export type WireValue = number | boolean | string | null;

/** index, value, quality byte, source time (ms since 1970), frame of the change. */
export type WireRow = readonly [index: number, value: WireValue, quality: number, timeMs: number, seq: number];

/** How `changes` come: as JSON texts, or as bytes (binary-changes.ts). Everything else is a JSON text. */
export const rowFormats = ['json', 'binary'] as const;
export type RowFormat = (typeof rowFormats)[number];

export interface WirePosition extends Position {
  readonly revision: string;
  /** Which part of the site is told, for who does not see all of it; brought back with a resume, as it came. */
  readonly scope?: string;
}

export interface WirePoint {
  readonly index: number;
  readonly name: string;
  readonly kind: ValueKind;
  readonly device: string;
  readonly unit?: string;
  readonly area?: string;
  readonly tags?: readonly string[];
  readonly states?: readonly string[];
  readonly writable: boolean;
}

/** States after ISA-18.2 / IEC 62682; a client takes one that it does not know for one that needs a person. */
export const alarmStates = ['normal', 'unacknowledged', 'acknowledged', 'returned-unacknowledged', 'latched', 'shelved', 'suppressed', 'out-of-service'] as const;
export type AlarmStateName = (typeof alarmStates)[number];

/** An alarm as clients see it. */
export interface WireAlarm {
  readonly name: string;
  readonly point: string;
  readonly state: AlarmStateName;
  readonly priority: number;
  readonly class: string;
  readonly message: string;
  /** Pair time of the last transition, ms since 1970. */
  readonly sinceMs: number;
  /** Counts occurrences; an acknowledgement names the one it means. */
  readonly occurrence: number;
  /** The condition holds, whatever the state: a shelved alarm may be active too. */
  readonly active?: true;
  /** Which limit, or which direction. */
  readonly level?: AlarmLevel;
  /** Transitions that wait for an acknowledgement. */
  readonly open?: readonly ('raised' | 'returned')[];
  /** Somebody has ended the noise about this occurrence. */
  readonly silenced?: true;
  readonly lifeSafety?: true;
  /** Of a shelved one: when it comes back by itself, ms since 1970. */
  readonly untilMs?: number;
  /** Who shelved it or took it out of service. */
  readonly by?: string;
  /** Why it is suppressed: `design`, `mute`, or `behind <device>`. */
  readonly why?: string;
  readonly area?: string;
  readonly consequence?: string;
  /** What to do. */
  readonly instruction?: string;
  /** Address of the picture that shows it. */
  readonly graphic?: string;
  /** So many notes of operators. */
  readonly notes?: number;
  /** Absent: this gateway watches a point. `device`: a device watches the object itself and has to be told of an acknowledgement. */
  readonly source?: 'device';
  /** The device and its object, where it is the source; `point` is empty where no point shows the object. */
  readonly device?: string;
  readonly object?: string;
}

export interface WireLog {
  readonly id: string;
  readonly kind: string;
  readonly timeMs: number;
  readonly data: unknown;
}

/** `areas` where the user has roles of areas. */
export interface WireUser extends Roles {
  readonly name: string;
}

/** One of many that a request named, and that was not done to it. */
export interface Refusal {
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

export type ServerMessage =
  | {
      readonly type: 'hello';
      readonly protocol: number;
      readonly site: string;
      readonly node: string;
      readonly role: Role;
      /** Console address of the other node, where there is one. */
      readonly peerUrl?: string;
      readonly position: WirePosition;
      readonly heartbeatMs: number;
      /** `login`: nothing is told before `authenticate` (or a credential at the upgrade). Absent: an older node, which knows no users. */
      readonly access?: 'login' | 'open';
      /** Who the credential of the upgrade was of. */
      readonly user?: WireUser;
    }
  /** The credential of `authenticate` is good. Unasked: the roles of the user have been changed; where others can be read now, snapshots follow. */
  | { readonly type: 'authenticated'; readonly user: WireUser }
  /** The role of this node has changed, or it leads on in another epoch. On going active a waiting client subscribes. */
  | { readonly type: 'role'; readonly role: Role; readonly epoch: Epoch; readonly peerUrl?: string }
  /** Everything the subscription means. `reset`: forget what you hold; false only for the first one. */
  | {
      readonly type: 'snapshot';
      readonly id: string;
      /** Of the node that says it: `standby` for who reads from one. Absent: an older node. */
      readonly role?: Role;
      readonly position: WirePosition;
      readonly reset: boolean;
      readonly points: readonly WirePoint[];
      readonly values: readonly WireRow[];
      readonly alarms: readonly WireAlarm[];
    }
  /** What changed after the client's position. The first one after a resume has `resumed: true`. */
  | {
      readonly type: 'changes';
      readonly id: string;
      /** As in `snapshot`. */
      readonly role?: Role;
      readonly epoch: Epoch;
      readonly seq: number;
      readonly values: readonly WireRow[];
      readonly alarms?: readonly WireAlarm[];
      readonly logs?: readonly WireLog[];
      readonly resumed?: true;
    }
  /** Each second, so that a silent connection is known to be dead. Carries the position that is visible. */
  | { readonly type: 'heartbeat'; readonly role: Role; readonly epoch: Epoch; readonly seq: number }
  /** This node is not active any more: go to `url` and resume there. The socket is closed with 4001 after it. */
  | { readonly type: 'redirect'; readonly url: string; readonly position: WirePosition }
  | {
      readonly type: 'result';
      readonly id: string;
      readonly ok: boolean;
      /** `protected`: both nodes hold it on disk; `unprotected`: only this one. */
      readonly held?: 'protected' | 'unprotected';
      /** Of a request about many: those to which it was not done. */
      readonly refused?: readonly Refusal[];
      readonly code?: string;
      readonly message?: string;
    }
  | { readonly type: 'error'; readonly code: string; readonly message: string };

export type ClientMessage =
  /** A token, or the key of a session. Holds for the socket, until it ends or another one comes. */
  | { readonly type: 'authenticate'; readonly token: string }
  | {
      readonly type: 'subscribe';
      /** Chosen by the client; names the subscription in every answer. */
      readonly id: string;
      /** Names, with `*` for any run of characters: `["*"]`, `["AHU1.*", "Site.OaT"]`; and tags with a `#` before them: `["#heating"]`. */
      readonly points: readonly string[];
      readonly resume?: WirePosition;
      /** Accept a standby's values too (read only). Without it a standby answers NOT_ACTIVE and waits. */
      readonly anyRole?: boolean;
      /** `binary`: `changes` come as bytes. An older node sends JSON all the same. */
      readonly rows?: RowFormat;
    }
  | { readonly type: 'unsubscribe'; readonly id: string }
  | {
      readonly type: 'write';
      /** Unique for ever (UUID): a repeated id gets the outcome of the first. */
      readonly id: string;
      readonly point: string;
      /** null relinquishes. */
      readonly value: WireValue;
      readonly priority?: number;
      /** In place of the socket's own credential. */
      readonly token?: string;
      /** Epoch number in which the client first sent it. */
      readonly epoch: number;
      /** Nonce of that epoch: two nodes that were active apart may have counted alike. */
      readonly nonce?: string;
    }
  | { readonly type: 'acknowledge'; readonly id: string; readonly alarm: string; readonly occurrence: number; readonly token?: string; readonly note?: string }
  /** Whatever else a person does to alarms. */
  | { readonly type: 'alarm'; readonly id: string; readonly token?: string; readonly action: AlarmAction };

/** WebSocket close codes of this protocol. */
export const CloseCode = { redirect: 4001, malformed: 4002, limit: 4003, slow: 4004, shutdown: 4005 } as const;
