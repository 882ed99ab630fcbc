import type { Log, Timer, Timers } from '../contract/index.js';
import type { Json, LogEntry, StoredMark } from '../image/index.js';
import { MARGIN_MS } from './late-samples.js';
import type { LinkMessage } from './link-messages.js';
import type { OwedHistory } from './owed-history.js';

/** Where a page of history begins: after this time of this point; points come in the order of their names. */
export interface HistoryCursor {
  readonly point: string;
  readonly afterMs: number;
}

/** A stretch of one point's samples, as the store writes it. */
export type HistoryPiece = readonly [point: string, block: Uint8Array];

/** What the redundancy part needs of stored history; src/store has it. */
export interface HistoryExchange {
  /** Samples of [fromMs, toMs] of all points from `cursor` on, about `bytes` of them. Without `next` that was the last of them. */
  historyPage(cursor: HistoryCursor | undefined, fromMs: number, toMs: number, bytes: number): Promise<{ pieces: readonly HistoryPiece[]; next?: HistoryCursor }>;
  /** Stores those of the samples that are not there yet. Durable when it resolves with their number. @throws STORE_CORRUPT */
  addHistory(pieces: readonly HistoryPiece[]): Promise<number>;
  /** Journal entries of [fromMs, toMs], newest first from the key `before` on, about `bytes` of them. Without `next` that was the last. */
  logPage(before: string | undefined, fromMs: number, toMs: number, bytes: number): Promise<{ entries: readonly LogEntry[]; next?: string }>;
  /** Stores those of the entries that are not there yet. Durable when it resolves with their number. */
  addLogs(entries: readonly LogEntry[]): Promise<number>;
}

/** What is missing here: samples from a time on, and how far they have come. On disk, so that a restart goes on. */
interface Gap {
  readonly fromMs: number;
  readonly toMs?: number;
  readonly cursor?: HistoryCursor;
  readonly added: number;
  /** Journal entries are missing as well; they come after the samples. `before` is how far they have come. */
  readonly logs?: { readonly begun: boolean; readonly before?: string };
}

export interface HistoryFillOptions {
  readonly history: HistoryExchange;
  readonly timers: Timers;
  /** Monotonic. */
  readonly nowMs: () => number;
  readonly log: Log;
  readonly pairTime: () => number;
  /** How old samples may be that were recorded since then, pair time. */
  readonly oldestSince: (sinceMs: number) => number;
  /** Whether history may be copied now (R14, `DB sync`). */
  readonly allowed: () => boolean;
  readonly send: (message: LinkMessage) => void;
  /** Durable, in order with the other writes. */
  readonly writeMark: (what: string, mark: Json) => Promise<void>;
  readonly note: (what: string, evidence: string) => void;
  readonly owed: OwedHistory;
}

const MARK = 'history-gap';

/** Small, and one at a time with a rest between them: live frames share the link. */
const PAGE_BYTES = 32 << 10;
const REST_MS = 20;
const ANSWER_WITHIN_MS = 30_000;
/** Nothing is newer: samples have the times of their sources, entries that were merged the clock of the other line; either may be ahead of pair time. */
const NO_END_MS = 8_000_000_000_000_000;

/**
 * Brings home the history that this node could not record: a node that was away for longer than the journal reaches gets a
 * snapshot, which has no history in it and no more journal entries than the active node's journal reaches back; so has one
 * that was told to hold live state only (`DB sync`). Whatever its role is by then, it asks the other node page by page, behind the live
 * traffic. Samples that are here already change nothing, so that a page may come twice. It does the same where the other node says that it
 * recorded something apart which its journal does not have any more ({@link OwedHistory}).
 */
export class HistoryFill {
  private gap: Gap | undefined;
  private connected = false;
  private asked = 0;
  private waiting: Timer | undefined;
  /** Since when it has been asking. */
  private sinceMs: number | undefined;
  private written: Promise<void> = Promise.resolve();

  constructor(
    private readonly options: HistoryFillOptions,
    stored: Json | undefined,
  ) {
    // Written by this class, to this disk.
    if (stored !== undefined && stored !== null) this.gap = stored as unknown as Gap;
  }

  /** What is being filled: from when on, and the point that it has come to. */
  get progress(): { readonly fromMs: number; readonly point: string; readonly added: number } | undefined {
    return this.gap === undefined ? undefined : { fromMs: this.gap.fromMs, point: this.gap.logs?.begun === true ? 'journal entries' : (this.gap.cursor?.point ?? ''), added: this.gap.added };
  }

  /** While it asks: the point that it has come to, or that the journal is next. */
  get filling(): { readonly sinceMs: number; readonly point: string; readonly journal: boolean; readonly added: number } | undefined {
    const { gap, sinceMs } = this;
    return gap === undefined || sinceMs === undefined ? undefined : { sinceMs, point: gap.cursor?.point ?? '', journal: gap.logs?.begun === true, added: gap.added };
  }

  /** This node holds no history from `fromMs` on, pair time, with `logs` no journal entries either; called before a snapshot takes the place of its state. The mark is being written. Asked for at once where the nodes are in sync. */
  missing(fromMs: number, logs = false): StoredMark {
    const from = Math.max(0, Math.min(this.gap?.fromMs ?? Infinity, fromMs - MARGIN_MS));
    this.keep({ fromMs: from, added: this.gap?.added ?? 0, ...(logs || this.gap?.logs !== undefined ? { logs: { begun: false } } : {}) });
    this.waiting?.cancel();
    this.ask();
    return { what: MARK, value: gapJson(this.gap) };
  }

  /** As {@link missing}. Resolves when that is on the disk. */
  async fetch(fromMs: number): Promise<void> {
    this.missing(fromMs, true);
    return this.written;
  }

  /** The two nodes are in sync, or this one only reads and follows: what is missing may be asked for. */
  start(): void {
    if (this.connected) return;
    this.connected = true;
    this.options.owed.tell();
    this.ask();
  }

  /** The link is gone. */
  stop(): void {
    this.connected = false;
    this.sinceMs = undefined;
    this.waiting?.cancel();
    this.asked++;
  }

  /** True for the messages that are about stored history. */
  receive(message: LinkMessage): boolean {
    if (message.type === 'history-ask' || message.type === 'logs-ask') this.run(answerWithHistory(message, this.options.history, this.options.send));
    else if (message.type === 'history') this.run(this.take(message));
    else if (message.type === 'logs') this.run(this.takeLogs(message));
    else if (message.type === 'history-owed') this.run(this.takeOn(message.fromMs));
    else if (message.type === 'history-owed-known') this.run(this.options.owed.known(message.fromMs));
    else return false;
    return true;
  }

  /** The other node may forget that it has something to tell once this one has it on its disk. */
  private async takeOn(fromMs: number): Promise<void> {
    this.options.note('history is being fetched', `the other node recorded apart, since ${new Date(fromMs).toISOString()}, what its journal does not hold any more`);
    await this.fetch(fromMs);
    this.options.send({ type: 'history-owed-known', fromMs });
  }

  private ask(): void {
    const { gap, options } = this;
    if (gap === undefined || !this.connected) return;
    if (!options.allowed()) {
      this.sinceMs = undefined;
      this.waiting = options.timers.after(ANSWER_WITHIN_MS, () => this.ask());
      return;
    }
    this.sinceMs ??= options.nowMs();
    const toMs = gap.toMs ?? options.pairTime();
    const fromMs = options.oldestSince(gap.fromMs);
    if (gap.toMs === undefined) this.keep({ ...gap, toMs });
    const ask = ++this.asked;
    if (gap.logs?.begun === true) options.send({ type: 'logs-ask', ask, fromMs: gap.fromMs, toMs: NO_END_MS, ...(gap.logs.before === undefined ? {} : { before: gap.logs.before }) });
    else options.send({ type: 'history-ask', ask, fromMs, toMs: NO_END_MS, ...(gap.cursor === undefined ? {} : { cursor: gap.cursor }) });
    this.waiting = options.timers.after(ANSWER_WITHIN_MS, () => this.ask());
  }

  private async take({ ask, pieces, next }: Extract<LinkMessage, { type: 'history' }>): Promise<void> {
    // An answer to a question of an earlier connection, or one that was given up.
    if (!this.isWaitedFor(ask)) return;
    const { history, timers, note } = this.options;
    this.waiting?.cancel();
    const added = await history.addHistory(pieces.map(([point, block]) => [point, Buffer.from(block, 'base64')] as const));
    const { gap } = this;
    // A snapshot has come meanwhile: the gap is another one, and is asked for anew.
    if (!this.isWaitedFor(ask) || gap?.toMs === undefined) {
      this.ask();
      return;
    }
    if (next === undefined && gap.logs !== undefined) {
      this.keep({ fromMs: gap.fromMs, toMs: gap.toMs, added: gap.added + added, logs: { begun: true } });
      this.waiting = timers.after(REST_MS, () => this.ask());
      return;
    }
    if (next === undefined) {
      note('history filled', `${gap.added + added} samples since ${new Date(gap.fromMs).toISOString()} came from the other node`);
      this.keep(undefined);
      return;
    }
    this.keep({ ...gap, cursor: next, added: gap.added + added });
    this.waiting = timers.after(REST_MS, () => this.ask());
  }

  private async takeLogs({ ask, entries, next }: Extract<LinkMessage, { type: 'logs' }>): Promise<void> {
    if (!this.isWaitedFor(ask)) return;
    const { history, timers, note } = this.options;
    this.waiting?.cancel();
    const added = await history.addLogs(entries.map((entry) => ({ ...entry, data: entry.data as Json })));
    const { gap } = this;
    if (!this.isWaitedFor(ask) || gap?.toMs === undefined) {
      this.ask();
      return;
    }
    if (next === undefined) {
      note('history filled', `${gap.added + added} samples and journal entries since ${new Date(gap.fromMs).toISOString()} came from the other node`);
      this.keep(undefined);
      return;
    }
    this.keep({ ...gap, added: gap.added + added, logs: { begun: true, before: next } });
    this.waiting = timers.after(REST_MS, () => this.ask());
  }

  private isWaitedFor(ask: number): boolean {
    return ask === this.asked && this.gap !== undefined;
  }

  private keep(gap: Gap | undefined): void {
    this.gap = gap;
    if (gap === undefined) this.sinceMs = undefined;
    this.written = this.options.writeMark(MARK, gapJson(gap));
    this.run(this.written);
  }

  private run(work: Promise<void>): void {
    work.catch((error: unknown) => this.options.log.error('filling history', error));
  }
}

/** A page of what is stored here, for a node that asks. */
export async function answerWithHistory(message: Extract<LinkMessage, { type: 'history-ask' | 'logs-ask' }>, history: HistoryExchange, send: (message: LinkMessage) => void): Promise<void> {
  const { ask, fromMs, toMs } = message;
  if (message.type === 'history-ask') {
    const { pieces, next } = await history.historyPage(message.cursor, fromMs, toMs, PAGE_BYTES);
    send({ type: 'history', ask, pieces: pieces.map(([point, block]) => [point, Buffer.from(block).toString('base64')]), ...(next === undefined ? {} : { next }) });
  } else {
    const { entries, next } = await history.logPage(message.before, fromMs, toMs, PAGE_BYTES);
    send({ type: 'logs', ask, entries: [...entries], ...(next === undefined ? {} : { next }) });
  }
}

function gapJson(gap: Gap | undefined): Json {
  if (gap === undefined) return null;
  const { fromMs, toMs, cursor, added, logs } = gap;
  return { fromMs, added, ...(logs === undefined ? {} : { logs: { ...logs } }), ...(toMs === undefined ? {} : { toMs }), ...(cursor === undefined ? {} : { cursor: { point: cursor.point, afterMs: cursor.afterMs } }) };
}
