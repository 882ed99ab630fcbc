import type { LogEntry } from '../../../src/image/index.js';
import type { EpochEntry } from '../../../src/contract/index.js';
import type { SimNode } from '../sim-node.js';

/** Every log entry that is safe on a node's disk. */
export function logsOnDisk(node: SimNode): LogEntry[] {
  const entries: LogEntry[] = [];
  for (const [key, value] of node.disk.rows) if (key.startsWith('l!')) entries.push(JSON.parse(value.toString('utf8')) as LogEntry);
  return entries;
}

/** Epoch number, frame and place within it, and the nonce of the epoch, of a log entry's id. */
export function partsOf(id: string): { epoch: number; seq: number; n: number; nonce: string } {
  const [epoch, seq, n, nonce = ''] = id.split('.');
  return { epoch: Number(epoch), seq: Number(seq), n: Number(n), nonce };
}

/** Whether an entry was written in the line of frames that leads to the present one, and not apart and merged. */
export function isInLine(id: string, epochs: readonly EpochEntry[]): boolean {
  const { epoch, seq, nonce } = partsOf(id);
  const index = epochs.findIndex((entry) => entry.number === epoch && entry.nonce === nonce);
  if (index < 0) return false;
  return seq >= (epochs[index]?.firstSeq ?? 0) && seq < (epochs[index + 1]?.firstSeq ?? Infinity);
}
