import { createHash } from 'node:crypto';
import type { PairState } from '../../src/image/index.js';

/** All that two nodes at one position must agree on, as text; only what has changed after frame `sinceSeq`, where one is named. */
export function contentOf(state: PairState, sinceSeq = 0): string {
  const rows: string[] = [];
  for (const { id } of state.table.all()) {
    if (sinceSeq > 0 && state.image.seq(id) <= sinceSeq) continue;
    rows.push([id, String(state.image.value(id)), state.image.quality(id), state.image.timeMs(id), state.image.seq(id)].join(' '));
  }
  const puts = state.keyed.changedSince(sinceSeq).filter((put) => put.value !== null);
  rows.push(...puts.map((put) => `${put.key} ${JSON.stringify(put.value)} ${put.seq ?? 0}`).sort());
  const { epoch, seq } = state.position;
  return [`at ${epoch.number} ${epoch.nonce} ${seq}`, ...rows].join('\n');
}

export function fingerprint(state: PairState): string {
  return createHash('sha256').update(contentOf(state)).digest('hex');
}
