import { createHash } from 'node:crypto';
import type { Roles } from '../../contract/index.js';

/** Keys below which both nodes hold who may do what. Frames carry them to the standby and to nobody else. */
export const keys = {
  user: (name: string) => `auth/user/${name.toLowerCase()}`,
  lock: (name: string) => `auth/lock/${name.toLowerCase()}`,
  /** By digest: a look-up needs no search, and what is stored opens nothing. */
  session: (digest: string) => `auth/session/${digest}`,
  apiToken: (digest: string) => `auth/api-token/${digest}`,
  /** Digest of the machine token of a node. */
  machine: (node: string) => `auth/token/${node}`,
  /** Digest of the set-up code that a node has shown. */
  setUp: (node: string) => `auth/set-up/${node}`,
  /** There has been a first administrator. */
  ready: 'auth/ready',
} as const;

export const below = { users: 'auth/user/', sessions: 'auth/session/', apiTokens: 'auth/api-token/' } as const;

export interface UserRecord extends Roles {
  readonly name: string;
  readonly fullName: string;
  readonly disabled: boolean;
  /** Never leaves the two nodes. */
  readonly hash: string;
  readonly createdMs: number;
  readonly passwordMs: number;
}

export interface SessionRecord {
  readonly user: string;
  readonly createdMs: number;
  readonly seenMs: number;
  readonly from: string;
  readonly agent: string;
}

export interface ApiTokenRecord extends Roles {
  readonly name: string;
  readonly by: string;
  readonly createdMs: number;
  readonly expiresMs: number | null;
}

export interface LockRecord {
  readonly untilMs: number;
}

/** What is kept of a secret that has enough chance in it to need no salt. */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Enough of a digest to name a session or a token in lists. */
export function idOf(digest: string): string {
  return digest.slice(0, 16);
}
