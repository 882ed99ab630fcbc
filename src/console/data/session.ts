import { Store } from './store.js';

const key = 'tandem.token';

/** The write token of this tab: sessionStorage, so that closing the tab signs out. */
export class Session extends Store<string | undefined> {
  constructor() {
    super(sessionStorage.getItem(key) ?? undefined);
  }

  signIn(token: string): void {
    sessionStorage.setItem(key, token);
    this.set(token);
  }

  signOut(): void {
    sessionStorage.removeItem(key);
    this.set(undefined);
  }
}
