/** One activation of a node. Numbers rise; node and nonce tell two that were made apart (a fork). */
export interface Epoch {
  readonly number: number;
  readonly node: string;
  readonly nonce: string;
}

/** A line of the history of activations: what this node knows of who was active from which frame on. */
export interface EpochEntry extends Epoch {
  /** First frame of the epoch; the one before it ends the epoch before. */
  readonly firstSeq: number;
  readonly cause: EpochCause;
  /** Control came to a backup by the loss of the main, and is owed back to it (recovery mode automatic). */
  readonly owedToMain: boolean;
}

/** `switch`, `recovery` and `field` are handed over; every other one is taken, and what the other node did last may not be known. */
export type EpochCause = 'start' | 'failover' | 'switch' | 'force' | 'recovery' | 'arbitration' | 'field';

/** How far something has got: the frame `seq` of epoch `epoch` is the last one held. Seq 0 is "nothing yet". */
export interface Position {
  readonly epoch: Epoch;
  readonly seq: number;
}

export const NO_EPOCH: Epoch = { number: 0, node: '', nonce: '' };

export function sameEpoch(a: Epoch, b: Epoch): boolean {
  return a.number === b.number && a.node === b.node && a.nonce === b.nonce;
}

export function formatEpoch(epoch: Epoch): string {
  return epoch.number === 0 ? 'none' : `${epoch.number}/${epoch.node}/${epoch.nonce}`;
}
