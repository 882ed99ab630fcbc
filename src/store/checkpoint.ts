import { messageOf } from '../contract/index.js';
import { decodeFrame, type Frame } from '../image/index.js';
import type { Database, Operation } from './database.js';
import { CHECKPOINTS } from './keys.js';

/**
 * The checkpoint lies on the disk twice, far apart: what the journal has let go of is nowhere else, and one byte that
 * has flipped would cost all of it.
 */
export function checkpointRows(bytes: Buffer): Operation[] {
  return CHECKPOINTS.map((key) => ({ type: 'put', key, value: bytes }));
}

/** The first copy that can be read, and what is wrong with those before it. A store of an older version has one. */
export async function readCheckpoint(db: Database): Promise<{ readonly frame?: Frame; readonly damaged: readonly string[] }> {
  const damaged: string[] = [];
  for (const key of CHECKPOINTS) {
    try {
      const bytes = await db.get(key);
      if (bytes !== undefined) return { frame: decodeFrame(bytes), damaged };
    } catch (error) {
      damaged.push(messageOf(error));
    }
  }
  return { damaged };
}
