import type { Principal, UserRole } from '../../contract/access.js';
import { formatRoles, isLimited, reaches, roleAt, roleSomewhere, type Roles } from '../../contract/area-roles.js';
import type { Role } from '../../contract/redundancy-status.js';
import { onUnauthorized, postJson, probeJson, putJson, removeJson, RestError } from './rest.js';
import type { Session } from './session.js';
import { Store } from './store.js';

/** What a node says of who asks (docs/rest-api.md). */
interface SessionAnswer {
  readonly site: string;
  readonly role: Role;
  readonly peerUrl?: string;
  readonly access: 'login' | 'open';
  readonly needsSetUp: boolean;
  readonly user: Principal | null;
  readonly key?: string;
}

interface SignedIn {
  readonly user: Principal;
  readonly key: string;
}

/**
 * `asking`: not known yet; `out`: nobody has signed in on this page; `in`; `expired`: somebody had, and what is on the page
 * stays until they sign in again; `open`: reading needs nobody.
 */
export type AccountState = 'asking' | 'out' | 'in' | 'expired' | 'open';

export interface AccountView {
  readonly state: AccountState;
  readonly site: string;
  readonly needsSetUp: boolean;
  readonly user: Principal | undefined;
}

const path = 'api/v1/session';

/** Who uses this page. The key of the session is kept in memory only; a cookie brings it back when the page is loaded again. */
export class Account extends Store<AccountView> {
  readonly #ownUrl: string;
  readonly #session: Session;
  #peerUrl: string | undefined;
  #open = false;
  #checking = false;

  constructor(ownUrl: string, session: Session) {
    super({ state: 'asking', site: '', needsSetUp: false, user: undefined });
    this.#ownUrl = ownUrl;
    this.#session = session;
    onUnauthorized(() => this.refused());
  }

  /** Looks whether the cookie, or a token of this tab, is still good. */
  async start(): Promise<void> {
    try {
      const answer = (await probeJson(this.#ownUrl, path)) as SessionAnswer;
      this.#peerUrl = answer.peerUrl;
      this.#open = answer.access === 'open';
      if (answer.user === null) this.#session.forget();
      else if (answer.key !== undefined) this.#session.hold(answer.key);
      this.set({ state: answer.user !== null ? 'in' : this.#open ? 'open' : 'out', site: answer.site, needsSetUp: answer.needsSetUp, user: answer.user ?? undefined });
    } catch (cause) {
      if (!(cause instanceof RestError)) {
        // The page came from there a moment ago: it is starting anew, or the network is.
        window.setTimeout(() => void this.start(), 1_000);
        return;
      }
      this.#open = true;
      this.set({ state: 'open', site: '', needsSetUp: false, user: undefined });
    }
  }

  async signIn(user: string, password: string): Promise<void> {
    this.#signedIn(await this.#atActive(path, { user, password }));
  }

  async setUp(code: string, name: string, password: string): Promise<void> {
    this.#signedIn(await this.#atActive('api/v1/set-up', { code, name, password }));
  }

  /** A token in place of a name and a password, kept in this tab until it is closed. */
  async useToken(token: string): Promise<boolean> {
    this.#session.signIn(token);
    let answer: SessionAnswer | undefined;
    try {
      answer = (await probeJson(this.#ownUrl, path)) as SessionAnswer;
    } catch (cause) {
      if (!(cause instanceof RestError)) throw cause;
    }
    // A node without users says nothing of tokens: the first write will.
    if (answer === undefined) return true;
    if (answer.user === null) {
      this.#session.signOut();
      return false;
    }
    this.update((view) => ({ ...view, state: 'in', user: answer.user ?? undefined }));
    return true;
  }

  /** A node says with which roles: they may have been changed while the page is open. */
  rolesAre(name: string, roles: Roles): void {
    const { user } = this.get();
    if (user?.name !== name || formatRoles(user) === formatRoles(roles)) return;
    const { kind, session } = user;
    const { role, areas } = roles;
    this.update((view) => ({ ...view, user: { kind, name, role, ...(areas === undefined ? {} : { areas }), ...(session === undefined ? {} : { session }) } }));
  }

  async changePassword(old: string, next: string): Promise<void> {
    await this.#active(async (url) => putJson(url, `${path}/password`, { old, new: next }, this.#session.get() ?? ''));
  }

  async signOut(): Promise<void> {
    const token = this.#session.get();
    const isSession = this.get().user?.session !== undefined;
    this.#session.signOut();
    this.update((view) => ({ ...view, state: this.#open ? 'open' : 'out', user: undefined }));
    if (token === undefined || !isSession) return;
    await this.#active(async (url) => removeJson(url, path, token)).catch(() => undefined);
  }

  #signedIn({ user, key }: SignedIn): void {
    this.#session.hold(key);
    this.update((view) => ({ ...view, state: 'in', needsSetUp: false, user }));
    // Where it was the other node that took it, this one's cookie is still to be set.
    void putJson(this.#ownUrl, path, {}, key).catch(() => undefined);
  }

  /**
   * A node does not know the credential. Only the active one knows for certain that nobody does: a standby that has just
   * come back is still to be told of sessions that began without it.
   */
  refused(): void {
    if (this.#checking) return;
    this.#checking = true;
    void this.#check().finally(() => (this.#checking = false));
  }

  async #check(): Promise<void> {
    const answers = await this.#askNodes();
    const active = answers.find(({ answer }) => typeof answer === 'object' && answer.role === 'active')?.answer;
    if (typeof active === 'object' ? active.user !== null : !answers.some(({ answer }) => answer === 'unknown')) return;
    this.#session.forget();
    if (this.#open) this.update((view) => ({ ...view, state: 'open', user: undefined }));
    else this.update((view) => ({ ...view, state: view.state === 'in' || view.state === 'expired' ? 'expired' : view.state }));
  }

  /** What each node says of who asks; `unknown`: it answers, but knows no users. */
  async #askNodes(): Promise<readonly { readonly url: string; readonly answer: SessionAnswer | 'unknown' | 'silent' }[]> {
    const urls = this.#peerUrl === undefined ? [this.#ownUrl] : [this.#ownUrl, this.#peerUrl];
    return Promise.all(
      urls.map(async (url) => {
        const answer = await probeJson(url, path).then((said) => said as SessionAnswer, (cause: unknown) => (cause instanceof RestError ? ('unknown' as const) : ('silent' as const)));
        return { url, answer };
      }),
    );
  }

  async #atActive(at: string, body: object): Promise<SignedIn> {
    return (await this.#active(async (url) => postJson(url, at, body, ''))) as SignedIn;
  }

  /** Users are kept by the active node, which may be the other one. */
  async #active(ask: (url: string) => Promise<unknown>): Promise<unknown> {
    const answers = await this.#askNodes();
    return ask(answers.find(({ answer }) => typeof answer === 'object' && answer.role === 'active')?.url ?? this.#ownUrl);
  }
}

/** Whether somebody may do what needs `role` for the whole site. Where nobody is signed in the node is asked, and it asks to sign in. */
export function mayAs(user: Roles | undefined, role: UserRole): boolean {
  return user === undefined || (reaches(user.role, role) && !isLimited(user));
}

/** Whether there is any part of the site where they may. */
export function maySomewhere(user: Roles | undefined, role: UserRole): boolean {
  return user === undefined || reaches(roleSomewhere(user), role);
}

/** The same of what lies in an area; undefined: of what lies in none. */
export function mayAt(user: Roles | undefined, role: UserRole, area: string | undefined): boolean {
  return user === undefined || reaches(roleAt(user, area), role);
}
