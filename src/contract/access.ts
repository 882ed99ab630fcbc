import type { Roles } from './area-roles.js';

/** What a person or a program may do, each with everything that the one before may. */
export const userRoles = ['viewer', 'operator', 'engineer', 'administrator'] as const;
export type UserRole = (typeof userRoles)[number];

/** Who asks: a person who has signed in, a program with a token, this machine's own token, or (`access: open`) anyone. */
export interface Principal extends Roles {
  readonly kind: 'user' | 'token' | 'machine' | 'anyone';
  readonly name: string;
  /** Of the session, where a person has signed in. */
  readonly session?: string;
}

/** Letters, digits and `. _ -`; it stands in journals and addresses. */
export const USER_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/;

export interface UserView extends Roles {
  readonly name: string;
  /** The person behind it, as journals may show it. */
  readonly fullName: string;
  readonly disabled: boolean;
  /** Pair time, milliseconds since 1970. */
  readonly createdMs: number;
  readonly passwordMs: number;
  /** Signing in is refused until then, after too many wrong passwords; absent where it is not. */
  readonly lockedUntilMs?: number;
  /** Open sessions. */
  readonly sessions: number;
}

export interface SessionView {
  readonly id: string;
  readonly user: string;
  readonly createdMs: number;
  /** Last use, to ten minutes. */
  readonly seenMs: number;
  readonly expiresMs: number;
  /** Address from which the person signed in, and with what. */
  readonly from: string;
  readonly agent: string;
}

/** Its roles are its scope: it may do what a user who has them may. */
export interface TokenView extends Roles {
  readonly id: string;
  readonly name: string;
  /** Who made it. */
  readonly by: string;
  readonly createdMs: number;
  /** null: never. */
  readonly expiresMs: number | null;
}

/** C5: one change, or one attempt. */
export interface AuditEntry extends AuditNote {
  readonly id: string;
  /** Pair time, milliseconds since 1970. */
  readonly timeMs: number;
}

/** What somebody did, as the audit keeps it. */
export interface AuditNote {
  readonly who: string;
  /** Address; empty where the gateway itself acted. */
  readonly from: string;
  /** What was done: `write`, `acknowledge`, `switch`, `user-change` … */
  readonly action: string;
  /** To what: a point, an alarm, a user, a path of the interface. */
  readonly target: string;
  readonly old?: unknown;
  readonly new?: unknown;
  readonly outcome: 'done' | 'refused' | 'failed';
  readonly code?: string;
  readonly message?: string;
}

/** Passwords at rest; given by the platform, because it takes memory and a thread. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** In constant time. False where `hash` is not one. */
  matches(password: string, hash: string): Promise<boolean>;
}
