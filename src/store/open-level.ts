import { mkdirSync } from 'node:fs';
import { Level } from 'level';
import { TandemError, messageOf } from '../contract/index.js';
import type { Database } from './database.js';

/**
 * Opens the LevelDB of a node.
 * @throws DATA_LOCKED where another process has it open.
 */
export async function openLevel(folder: string): Promise<Database> {
  mkdirSync(folder, { recursive: true });
  const db = new Level<string, Buffer>(folder, { keyEncoding: 'utf8', valueEncoding: 'buffer' });
  try {
    await db.open();
  } catch (cause) {
    const reason = messageOf((cause as { cause?: unknown }).cause ?? cause);
    if (/lock/i.test(reason)) {
      throw new TandemError('DATA_LOCKED', `${folder} is in use by another process: stop it, or give this node a data folder of its own`, { cause });
    }
    throw new TandemError('STORE_FAILED', `${folder} cannot be opened: ${reason}`, { cause });
  }
  // level's own types predate exactOptionalPropertyTypes; the object is what it says.
  const opened: unknown = db;
  return opened as Database;
}
