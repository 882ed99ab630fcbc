/**
 * Keys of the one LevelDB of a node. A letter says what a row is; numbers are written so that their
 * order as text is their order as numbers.
 *
 *     c!image, z!image   checkpoint: a snapshot frame, twice
 *     j!<seq>            journal: frame bytes
 *     x!<nonce>!<seq>    frames of a tail that parted from the pair's history, kept until merged
 *     h!<point>!<time>   history block of a point, by the time of its first sample
 *     g!<point>!<time>.<sum>  the same for samples that came late, within one day; the sum tells blocks of one time apart
 *     l!<kind>!<id>      log entries (alarm journal, audit, events), by where they were first written
 *     r!<revision>       names and kinds of the points of a configuration revision, in id order
 *     e!<number>         this node's decisions with their evidence, never replicated
 *     m!<what>           marks of this node alone, never replicated
 */
export const CHECKPOINTS = ['c!image', 'z!image'] as const;

export function journalKey(seq: number): string {
  return `j!${number(seq)}`;
}

export function asideKey(nonce: string, seq: number): string {
  return `x!${nonce}!${number(seq)}`;
}

export function historyKey(point: string, timeMs: number): string {
  return `h!${point}!${number(timeMs)}`;
}

/** Without `sum`, where to begin looking. */
export function lateHistoryKey(point: string, timeMs: number, sum = ''): string {
  return `g!${point}!${number(timeMs)}${sum === '' ? '' : `.${sum}`}`;
}

export function isLateHistoryKey(key: string): boolean {
  return key.startsWith('g!');
}

/** Log ids are `epoch.seq.n.nonce`; epochs and seqs rise with time, so their order is the order of writing. */
export function logKey(kind: string, id: string): string {
  const [epoch, seq, n, nonce = ''] = id.split('.');
  return `l!${kind}!${[epoch, seq, n].map((part) => number(Number(part))).join('.')}.${nonce}`;
}

export function namesKey(revision: string): string {
  return `r!${revision}`;
}

export function eventKey(count: number): string {
  return `e!${number(count)}`;
}

export function markKey(what: string): string {
  return `m!${what}`;
}

/** All keys that begin with `prefix`. */
export function below(prefix: string): { gte: string; lt: string } {
  return { gte: prefix, lt: `${prefix}\uffff` };
}

function number(value: number): string {
  return Math.max(0, Math.round(value)).toString(16).padStart(14, '0');
}

/** The frame that a row of the journal is of. */
export function seqOfJournalKey(key: string): number {
  return Number.parseInt(key.slice(2), 16);
}
