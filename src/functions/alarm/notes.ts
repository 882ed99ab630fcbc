import type { AlarmNote } from '../../contract/index.js';
import type { Json } from '../../image/index.js';

/** So many are kept with the alarm; the journal has them all. */
const KEPT = 20;

/** The notes with one more, newest last; undefined where it is there already. */
export function withNote(notes: Json | undefined, note: AlarmNote): Json | undefined {
  const known = (Array.isArray(notes) ? notes : []) as unknown as readonly AlarmNote[];
  if (known.some(({ id }) => id === note.id)) return undefined;
  return [...known, note].slice(-KEPT) as unknown as Json;
}
