import { Store } from './store.js';

const key = 'tandem.token';

/**
 * What this page shows to the nodes: the key of a session, in memory only, or a token that somebody typed, in sessionStorage,
 * so that closing the tab forgets it.
 */
export class Session extends Store<string | undefined> {
  constructor() {
    super(sessionStorage.getItem(key) ?? undefined);
  }

  /** The key of a session; the cookie keeps it, out of reach of scripts. */
  hold(sessionKey: string): void {
    this.set(sessionKey);
  }

  signIn(token: string): void {
    sessionStorage.setItem(key, token);
    this.set(token);
  }

  signOut(): void {
    sessionStorage.removeItem(key);
    this.set(undefined);
  }

  /** It is good for nothing any more. */
  forget(): void {
    this.signOut();
  }
}
