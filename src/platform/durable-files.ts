import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { TandemError } from '../contract/index.js';

/**
 * One small JSON file for each key, replaced whole: written aside, synced, renamed, and the folder synced, so that after
 * any crash there is the old or the new one.
 */
export class DurableFiles {
  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
  }

  /** @throws STORE_CORRUPT */
  readAll(): Map<string, unknown> {
    const found = new Map<string, unknown>();
    for (const name of readdirSync(this.folder)) {
      if (!name.endsWith('.json')) continue;
      try {
        found.set(decodeURIComponent(name.slice(0, -5)), JSON.parse(readFileSync(join(this.folder, name), 'utf8')));
      } catch (cause) {
        throw new TandemError('STORE_CORRUPT', `${join(this.folder, name)} cannot be read: repair or remove it`, { cause });
      }
    }
    return found;
  }

  /** Durable when it resolves. */
  async write(key: string, value: unknown): Promise<void> {
    const path = join(this.folder, `${encodeURIComponent(key)}.json`);
    const aside = await open(`${path}.new`, 'w', 0o600);
    try {
      await aside.writeFile(JSON.stringify(value));
      await aside.sync();
    } finally {
      await aside.close();
    }
    await rename(`${path}.new`, path);
    const folder = await open(this.folder, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}
