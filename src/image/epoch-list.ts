import { NO_EPOCH, sameEpoch, type Epoch, type EpochEntry, type Position } from '../contract/index.js';
import type { Json } from './frame.js';

/** Key of an epoch's entry in the keyed state: the list of activations is replicated like everything else. */
export function epochKey(number: number): string {
  return `epoch/${String(number).padStart(8, '0')}`;
}

export function epochToJson(entry: EpochEntry): Json {
  return { ...entry };
}

export function epochFromJson(value: Json): EpochEntry {
  return value as unknown as EpochEntry;
}

/** What a position of somebody else means to a node with these epochs, whose own frames reach to `lastSeq`. */
export type Standing =
  | { readonly kind: 'inside' }
  /** It holds frames that this node never made or received: the histories have parted (rule 9). */
  | { readonly kind: 'diverged'; readonly commonSeq: number }
  /** A newer epoch than any known here. */
  | { readonly kind: 'ahead' };

export function standingOf(position: Position, epochs: readonly EpochEntry[], lastSeq: number): Standing {
  if (position.seq === 0) return { kind: 'inside' };
  const index = epochs.findIndex((entry) => sameEpoch(entry, position.epoch));
  if (index < 0) {
    const newest = epochs.at(-1)?.number ?? 0;
    if (position.epoch.number > newest) return { kind: 'ahead' };
    const parted = epochs.find((entry) => entry.number >= position.epoch.number);
    return { kind: 'diverged', commonSeq: (parted?.firstSeq ?? 1) - 1 };
  }
  const last = (epochs[index + 1]?.firstSeq ?? lastSeq + 1) - 1;
  return position.seq <= last ? { kind: 'inside' } : { kind: 'diverged', commonSeq: last };
}

/** Frame of a log entry (`epoch.seq.n.nonce`) that was written in this line of frames; undefined of one that was written apart and merged. */
export function seqInLine(id: string, epochs: readonly EpochEntry[]): number | undefined {
  const [number, frame, , nonce] = id.split('.');
  const seq = Number(frame);
  const index = epochs.findIndex((entry) => entry.number === Number(number) && entry.nonce === nonce);
  const { firstSeq } = epochs[index] ?? { firstSeq: Infinity };
  return seq >= firstSeq && seq < (epochs[index + 1]?.firstSeq ?? Infinity) ? seq : undefined;
}

/** What is needed of an activation to compare histories. */
export type EpochStart = Epoch & { readonly firstSeq: number };

/**
 * Last frame that two histories have in common; each is its list of epochs (or the latest of them) and its last frame.
 * 0 where the lists have no epoch in common.
 */
export function commonSeqOf(a: readonly EpochStart[], aSeq: number, b: readonly EpochStart[], bSeq: number): number {
  for (let i = a.length - 1; i >= 0; i--) {
    const j = b.findIndex((entry) => sameEpoch(entry, a[i] as EpochStart));
    if (j >= 0) return Math.min((a[i + 1]?.firstSeq ?? aSeq + 1) - 1, (b[j + 1]?.firstSeq ?? bSeq + 1) - 1);
  }
  return 0;
}

/** Negative when `a` is older than `b`: the higher epoch first, then the later frame. */
export function comparePositions(a: Position, b: Position): number {
  return a.epoch.number - b.epoch.number || a.seq - b.seq;
}

export const NO_POSITION: Position = { epoch: NO_EPOCH, seq: 0 } satisfies { epoch: Epoch; seq: number };
