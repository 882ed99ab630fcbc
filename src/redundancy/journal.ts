import type { Observable } from 'rxjs';
import type { Frame, Json, LogEntry, OlderTail } from '../image/index.js';
import type { HistoryExchange } from './history-fill.js';
import type { Aside } from './tail.js';

/** What the redundancy part needs of the disk; src/store has it. */
export interface Journal extends HistoryExchange {
  readonly durableSeq: number;
  readonly durable$: Observable<number>;
  readonly journalFloor: number;
  /** First of the newest frames that are `bytes` at the most. */
  journalFloorWithin(bytes: number): number;
  append(frame: Frame, bytes: Buffer): void;
  whenDurable(seq: number): Promise<void>;
  /** A snapshot in place of everything; `older` where this node's own tail begins before its journal does. */
  replace(frame: Frame, bytes: Buffer, commonSeq: number, nonce: string, older?: OlderTail): Promise<void>;
  frames(fromSeq: number, toSeq: number): AsyncGenerator<Frame>;
  /** Log entries and trend samples of these frames, as the present configuration says them. */
  records(fromSeq: number, toSeq: number): AsyncGenerator<Frame>;
  /** Journal entries of a kind, newest first. */
  logs(kind: string, limit: number): Promise<readonly LogEntry[]>;
  hasLog(kind: string, id: string): Promise<boolean>;
  /** Own tails that are not part of the pair's history. */
  readonly aside: Aside;
  writeMark(what: string, value: Json): Promise<void>;
}
