import { readFile } from 'node:fs/promises';
import type { Timer, Timers } from '../contract/index.js';

const LOOK_MS = 2_000;

/** Looks now and then whether a file still says what was read of it, and tells each time that this changes. A file that is gone has changed. */
export function watchText(file: { readonly path: string; readonly text: string }, timers: Timers, onChange: (changed: boolean) => void): Timer {
  let changed = false;
  let looking = false;
  const look = async (): Promise<void> => {
    // Without a mark of byte order, as the documents are read.
    const text = (await readFile(file.path, 'utf8').catch(() => undefined))?.replace(/^\uFEFF/, '');
    looking = false;
    if ((text !== file.text) === changed) return;
    changed = !changed;
    onChange(changed);
  };
  return timers.every(LOOK_MS, () => {
    if (looking) return;
    looking = true;
    void look();
  });
}
