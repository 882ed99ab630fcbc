import type { Epoch, SampleBatch } from '../contract/index.js';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A keyed state after its change; `value` null deletes the key and leaves a tombstone. */
export interface Put {
  readonly key: string;
  readonly value: Json;
  /** Frame of the change, where it differs from the frame that carries it (merged frames). */
  readonly seq?: number;
}

/** An entry of a log (journal, audit, events): appended once, never changed, unique by `id`. */
export interface LogEntry {
  /** `epoch.seq.n.nonce`: where it was first written. The nonce tells two activations of one number apart. */
  readonly id: string;
  readonly kind: string;
  readonly timeMs: number;
  readonly data: Json;
}

/** Latest values of changed points; `seqs` holds each row's own frame where frames were merged. */
export interface ValueColumns extends SampleBatch {
  readonly seqs?: Float64Array;
}

/**
 * What changed on the active node between two cuts. Store, standby and clients get the same frame; the
 * standby applies it and runs nothing else, so both hold the same image by construction.
 */
export interface Frame {
  readonly epoch: Epoch;
  /** Rises by one with each frame, over all epochs. */
  readonly seq: number;
  /** First frame that this one stands for; equal to `seq` unless frames were merged. */
  readonly fromSeq: number;
  /** Configuration revision in which the point ids are valid. A merged frame never crosses one. */
  readonly revision: string;
  /** Pair time of the cut, milliseconds since 1970. */
  readonly pairTimeMs: number;
  readonly values: ValueColumns;
  /** Trend samples: log entries in columns. Never coalesced. */
  readonly samples: SampleBatch;
  readonly puts: readonly Put[];
  readonly logs: readonly LogEntry[];
  /** Replaces everything that the receiver holds (rule 7). */
  readonly snapshot?: boolean;
}

export const EMPTY_BATCH: SampleBatch = {
  length: 0,
  points: new Uint32Array(0),
  values: new Float64Array(0),
  qualities: new Uint8Array(0),
  times: new Float64Array(0),
};
