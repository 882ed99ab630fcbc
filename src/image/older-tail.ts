import type { EpochEntry } from '../contract/index.js';
import type { Frame, Json } from './frame.js';

/** A mark of this node alone, for the disk. */
export interface StoredMark {
  readonly what: string;
  readonly value: Json;
}

/**
 * What goes to disk with a snapshot for the part of an own tail that the journal has let go of. Its entries and samples lie where all
 * others do.
 */
export interface OlderTail {
  /** Activations that this node knew before the snapshot, oldest first. */
  readonly epochs: readonly EpochEntry[];
  /** What keyed state still says of frames that the journal has let go of, as they were. */
  readonly frames: readonly Frame[];
  /** Go to disk in the same batch. Told the pair time of the last journal entry that both nodes have, or 0. */
  readonly marks: (commonMs: number) => readonly StoredMark[];
}
