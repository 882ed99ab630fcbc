import type { Frame, PairState } from '../image/index.js';

/** The whole state as one frame that replaces. */
export function snapshotOf(state: PairState): Frame {
  const { position } = state;
  return {
    epoch: position.epoch,
    seq: position.seq,
    fromSeq: position.seq,
    revision: state.table.revision,
    pairTimeMs: state.pairTimeMs,
    values: state.image.changedSince(0),
    samples: { length: 0, points: new Uint32Array(0), values: new Float64Array(0), qualities: new Uint8Array(0), times: new Float64Array(0) },
    // Without tombstones: whoever takes it over can tell nobody what happened before it.
    puts: state.keyed.changedSince(0).filter(({ value }) => value !== null),
    logs: [],
    snapshot: true,
  };
}
