import type { AreaRole, AuditEntry, AuditNote, Principal, Roles, SessionView, SiteRole, TokenView, UserView } from '../contract/index.js';

/** Users, sessions, tokens and audit (C5), as the clients folder is given them. What changes something rejects with NOT_ACTIVE on a standby. */
export interface AccessApi {
  /** Who comes without a credential: with `access: open` anyone may read; else nobody may do anything. */
  readonly anyone: Principal | undefined;
  /** Origins of other pages that may ask from a browser. */
  readonly origins: readonly string[];
  /** Who brings a credential: a session's key or a token. Undefined: nobody, any more. */
  who(credential: string): Principal | undefined;
  /** There is no user yet: the first administrator is made with the set-up code. */
  readonly needsSetUp: boolean;
  /** Rejects with SETUP_REFUSED, USER_INVALID. */
  setUp(request: NewUser & { readonly code: string }, from: Caller): Promise<SignedIn>;
  /** Rejects with CLIENT_UNAUTHORIZED, USER_LOCKED. */
  signIn(request: { readonly user: string; readonly password: string }, from: Caller): Promise<SignedIn>;
  /** Of the signed-in person. Rejects with CLIENT_UNAUTHORIZED, USER_INVALID. */
  changePassword(principal: Principal, request: { readonly old: string; readonly new: string }, from: Caller): Promise<void>;
  /** When the session of a principal ends, pair time. */
  expiresMs(principal: Principal): number | undefined;

  users(): readonly UserView[];
  addUser(user: NewUser & GivenRoles, by: Actor): Promise<UserView>;
  /** What is left out stays. A new password ends the user's sessions. */
  changeUser(name: string, change: UserChange, by: Actor): Promise<UserView>;
  removeUser(name: string, by: Actor): Promise<void>;
  sessions(): readonly SessionView[];
  endSession(id: string, by: Actor): Promise<void>;
  tokens(): readonly TokenView[];
  /** The token itself is told this once. */
  addToken(token: NewToken, by: Actor): Promise<TokenView & { readonly token: string }>;
  removeToken(id: string, by: Actor): Promise<void>;

  /** Newest first. */
  audit(query: AuditQuery): Promise<{ readonly entries: readonly AuditEntry[]; readonly next?: string }>;
  /** Keeps what nothing else keeps. On a standby it goes into this node's event record. */
  note(entry: AuditNote): void;
}

/** Where a request comes from. */
export interface Caller {
  readonly address: string;
  readonly agent: string;
}

export interface Actor {
  readonly principal: Principal;
  readonly address: string;
}

export interface NewUser {
  readonly name: string;
  readonly password: string;
  readonly fullName?: string | undefined;
}

/** Roles for the site and for areas, as they are to be. */
export interface GivenRoles {
  readonly role: SiteRole;
  readonly areas?: Roles['areas'] | undefined;
}

export interface NewToken extends GivenRoles {
  readonly name: string;
  /** null: never. */
  readonly expiresMs: number | null;
}

export interface UserChange {
  readonly role?: SiteRole | undefined;
  /** In place of all areas of before; empty: none. */
  readonly areas?: Readonly<Record<string, AreaRole>> | undefined;
  readonly fullName?: string | undefined;
  readonly password?: string | undefined;
  readonly disabled?: boolean | undefined;
  /** Only false: lets a locked user try again. */
  readonly locked?: false | undefined;
}

export interface SignedIn {
  readonly key: string;
  readonly principal: Principal;
  readonly expiresMs: number;
}

export interface AuditQuery {
  readonly limit: number;
  /** Id of an entry: only older ones. */
  readonly before?: string | undefined;
  readonly who?: string | undefined;
  readonly action?: string | undefined;
  /** Anywhere in it. */
  readonly match?: string | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}
