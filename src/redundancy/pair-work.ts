import type { Work } from '../contract/index.js';
import type { PointTable } from '../image/index.js';
import type { PairParts } from './pair-parts.js';

/** Synchronization, history and verification, as this node is at them (`GET /api/v1/activities`). */
export function pairWork({ options, sync, verifier, peerId }: Pick<PairParts, 'options' | 'sync' | 'verifier' | 'peerId'>): readonly Work[] {
  const { node, state } = options;
  const work: Work[] = [];
  const { progress, filling } = sync;
  if (progress !== undefined) work.push({ id: 'sync', kind: 'sync', subject: sync.isFollowing ? node.id : peerId(), ...progress });
  if (filling !== undefined) {
    const { sinceMs, journal, point, added } = filling;
    // How much there is in all is known of the points, which come by name; of the journal only what has come.
    const counted = journal ? ({ step: 'journal', done: added, unit: 'samples' } as const) : ({ step: 'samples', done: countUpTo(state.table, point), total: state.table.size, unit: 'points' } as const);
    work.push({ id: 'history-fill', kind: 'history-fill', subject: node.id, sinceMs, ...counted });
  }
  const { ongoing: verification } = verifier;
  return verification === undefined ? work : [...work, verification];
}

/** Points before `name`, in the order in which history is stored. */
export function countUpTo(table: PointTable, name: string): number {
  let count = 0;
  for (const point of table.all()) if (point.name < name) count++;
  return count;
}
