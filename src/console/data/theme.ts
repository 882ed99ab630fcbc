import { Store } from './store.js';

export type ColorSchema = 'dark' | 'light';

const key = 'tandem.theme';

/** Dark or light: what was chosen last in this browser, otherwise what the system prefers. */
export class Theme extends Store<ColorSchema> {
  constructor() {
    const stored = localStorage.getItem(key);
    const preferred = window.matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
    super(stored === 'light' || stored === 'dark' ? stored : preferred);
    this.#apply();
  }

  toggle(): void {
    this.set(this.get() === 'dark' ? 'light' : 'dark');
    localStorage.setItem(key, this.get());
    this.#apply();
  }

  #apply(): void {
    document.documentElement.dataset.ixColorSchema = this.get();
  }
}
