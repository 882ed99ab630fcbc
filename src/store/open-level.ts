import { mkdirSync } from 'node:fs';
import { Level } from 'level';
import { TandemError, messageOf } from '../contract/index.js';
import type { Database } from './database.js';

/** What a person does about a database that LevelDB itself cannot read: rows that are damaged within it are dealt with by the store. */
export const WAY_OUT = 'look at the disk, and move the folder `db` away: with the other node running, this one then takes everything from it; a node that is alone needs a copy of its folder';

/**
 * Opens the LevelDB of a node.
 * @throws DATA_LOCKED where another process has it open; STORE_FAILED where it cannot be made, read or written
 */
export async function openLevel(folder: string): Promise<Database> {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw unusable(folder, cause);
  }
  const db = new Level<string, Buffer>(folder, { keyEncoding: 'utf8', valueEncoding: 'buffer' });
  try {
    await db.open();
  } catch (cause) {
    const reason = (cause as { cause?: unknown }).cause ?? cause;
    // By its code: the text has the path of a file that is called LOCK, whatever is wrong with it (a disk that can only be read).
    if ((reason as { code?: unknown }).code === 'LEVEL_LOCKED') {
      throw new TandemError('DATA_LOCKED', `${folder} is in use by another process: stop it, or give this node a data folder of its own`, { cause });
    }
    // Its own files: one that is missing, or fails its checksum.
    if ((reason as { code?: unknown }).code === 'LEVEL_CORRUPTION' || /MANIFEST|CURRENT/.test(messageOf(reason))) {
      throw new TandemError('STORE_FAILED', `${folder} is damaged: ${messageOf(reason)}; ${WAY_OUT}`, { cause });
    }
    throw unusable(folder, reason);
  }
  // level's own types predate exactOptionalPropertyTypes; the object is what it says.
  const opened: unknown = db;
  return opened as Database;
}

function unusable(folder: string, cause: unknown): TandemError {
  return new TandemError('STORE_FAILED', `${folder} cannot be opened: ${messageOf(cause)}`, { cause });
}
