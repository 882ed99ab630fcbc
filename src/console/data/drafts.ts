import { Store } from './store.js';

const prefix = 'tandem.draft.';

/**
 * What a person has typed and not applied yet, by place. It outlives a change of the page, a failover and a reload of the tab;
 * it ends when it is applied or discarded.
 */
export class Drafts extends Store<Readonly<Record<string, string>>> {
  constructor() {
    const kept = Object.keys(sessionStorage).filter((key) => key.startsWith(prefix));
    super(Object.fromEntries(kept.map((key) => [key.slice(prefix.length), sessionStorage.getItem(key) ?? ''])));
  }

  put(place: string, text: string): void {
    this.set({ ...this.get(), [place]: text });
    try {
      sessionStorage.setItem(prefix + place, text);
    } catch {
      // Larger than the browser keeps: then it lives as long as the tab.
    }
  }

  drop(place: string): void {
    this.set(Object.fromEntries(Object.entries(this.get()).filter(([key]) => key !== place)));
    sessionStorage.removeItem(prefix + place);
  }
}
