import type { Frame } from '../image/index.js';
import type { Operation } from './database.js';
import { journalKey } from './keys.js';

interface Row {
  readonly seq: number;
  readonly bytes: number;
  readonly revision: string;
}

/** What the journal on the disk holds, frame by frame, oldest first. */
export class JournalRows {
  private rows: Row[] = [];
  private size = 0;

  /** First frame that the journal still holds. */
  get floor(): number | undefined {
    return this.rows[0]?.seq;
  }

  /** First of the newest frames that are `bytes` at the most. */
  floorWithin(bytes: number): number | undefined {
    let index = this.rows.length;
    for (let sum = 0; index > 0; index--) if ((sum += this.rows[index - 1]?.bytes ?? 0) > bytes) break;
    return this.rows[index]?.seq;
  }

  note({ seq, revision }: Frame, bytes: number): void {
    this.rows.push({ seq, bytes, revision });
    this.size += bytes;
  }

  clear(): void {
    this.rows = [];
    this.size = 0;
  }

  /** Deletes all of them. */
  dropAll(): Operation[] {
    const operations = this.rows.map(({ seq }): Operation => ({ type: 'del', key: journalKey(seq) }));
    this.clear();
    return operations;
  }

  /** Deletes the oldest below `belowSeq` until `bytes` are left. */
  dropDownTo(bytes: number, belowSeq: number): Operation[] {
    const operations: Operation[] = [];
    for (const row of this.rows) {
      if (this.size <= bytes || row.seq >= belowSeq) break;
      this.size -= row.bytes;
      operations.push({ type: 'del', key: journalKey(row.seq) });
    }
    this.rows.splice(0, operations.length);
    return operations;
  }

  revisions(): Set<string> {
    return new Set(this.rows.map(({ revision }) => revision));
  }
}
