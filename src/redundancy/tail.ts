import type { ConfigurationInfo, Log, PointValue, SampleBatch } from '../contract/index.js';
import { SampleBuilder } from '../contract/index.js';
import type { Frame, Json, LogEntry, PairState, Publisher } from '../image/index.js';
import { CONFIGURATION_HISTORY, configurationHistory } from './documents.js';
import type { LinkMessage } from './link-messages.js';

/** What a node recorded while it was apart, and the pair's history does not contain. On its own disk. */
export interface Aside {
  forks(): Promise<string[]>;
  frames(fork: string, afterSeq: number, limit: number): Promise<Frame[]>;
  drop(fork: string): Promise<void>;
}

export type TailMessage = Extract<LinkMessage, { type: 'tail' }>;
type WireSample = TailMessage['samples'][number];

const CHUNK_FRAMES = 64;

/** Keyed state of what a node did apart and the pair does not agree with, for a person to adopt or drop. */
export const CONFLICTS = 'conflict/';
/** Of these, configurations. */
export const CONFLICTING_DOCUMENTS = `${CONFLICTS}configuration/`;

/**
 * Commands that are listed as conflicts at the most. More than that nobody looks through, and each snapshot has all of them: the
 * oldest are in the audit only, as everything that was commanded apart is.
 */
const MOST_LISTED = 5_000;

/**
 * How much of a tail is in the pair's history: in the very frame that took it in, so that whoever leads next does not take
 * it in again. A tail that its node could not forget in time (control moved meanwhile) is offered anew.
 */
const MERGED = 'merged/';
/** Tails of which that is remembered. */
const MERGED_KEPT = 32;

interface Merged {
  readonly upTo: number;
  /** Pair time, for which to forget first. */
  readonly timeMs: number;
}

/**
 * The standby's side of a merge (rule 9): offers the tails that it set aside, piece by piece, to the active. A tail
 * is forgotten only when its last piece is on both disks; a broken link begins it anew, which does no harm.
 */
export class TailSender {
  private answer: ((merged: boolean) => void) | undefined;
  private ended = false;

  constructor(private readonly options: { readonly aside: Aside; readonly state: PairState; readonly log: Log; readonly send: (message: LinkMessage) => void; /** The active knows what to do with configurations. */ readonly sendsDocuments: boolean }) {}

  async run(): Promise<void> {
    const { aside, state, log, send, sendsDocuments } = this.options;
    await passTails({ aside, state, log, sendsDocuments }, async (piece) => {
      if (this.ended) return false;
      send(piece);
      return new Promise<boolean>((resolve) => (this.answer = resolve));
    });
  }

  merged(): void {
    this.answer?.(true);
  }

  end(): void {
    this.ended = true;
    this.answer?.(false);
  }
}

/** Every tail that lies aside, piece by piece. A tail is forgotten once its last piece has been taken; false ends it all. */
export async function passTails({ aside, state, log, sendsDocuments }: { readonly aside: Aside; readonly state: PairState; readonly log: Log; readonly sendsDocuments: boolean }, take: (piece: TailMessage) => Promise<boolean>): Promise<void> {
  for (const fork of await aside.forks()) {
    let upTo = 0;
    for (;;) {
      const frames = await aside.frames(fork, upTo, CHUNK_FRAMES);
      const last = frames.at(-1);
      if (last === undefined) break;
      upTo = last.seq;
      const logs = frames.flatMap((frame) => frame.logs.map(wireLog));
      const samples = frames.flatMap((frame) => wireSamples(frame.samples, state));
      if (!(await take({ type: 'tail', fork, upTo, logs, samples, commands: frames.flatMap((frame) => puttingApart(frame, sendsDocuments)) }))) return;
    }
    await aside.drop(fork);
    log.info(`tail ${fork} has been merged into the pair's history`);
  }
}

export interface TailMergerOptions {
  /** Where what is known already is found; without it everything is taken in (the other node's disk may not have it). */
  readonly known?: { hasLog(kind: string, id: string): Promise<boolean> };
  readonly state: PairState;
  readonly publisher: Publisher;
  /** Resolves when both nodes have it on disk. */
  readonly confirm: (seq: number) => Promise<unknown>;
  readonly note?: (what: string, evidence: string) => void;
}

/**
 * The active's side: a union by id. Log entries and trend samples keep their ids and times; commands that this node
 * never heard of have no effect and are listed as conflicts for a person. Returns the number of records taken in.
 */
export async function mergeTail(message: TailMessage, options: TailMergerOptions): Promise<number> {
  const { known, state, confirm } = options;
  const fresh: LogEntry[] = [];
  for (const entry of message.logs) if ((await known?.hasLog(entry.kind, entry.id)) !== true) fresh.push({ ...entry, data: entry.data as Json });
  // From here on in one go: the same piece may have come again meanwhile, on a new connection.
  const merged = (state.keyed.get(MERGED + message.fork) as Merged | undefined)?.upTo ?? 0;
  const taken = merged >= message.upTo ? NOTHING : adopt(message, fresh, options);
  // Also where nothing is new: the tail is forgotten once this has resolved, and what brought it may still be under way.
  await confirm(taken.seq ?? state.position.seq);
  return taken.count;
}

const NOTHING = { count: 0, seq: undefined };

function adopt({ fork, upTo, commands, samples: rows }: TailMessage, fresh: readonly LogEntry[], { state, publisher, note }: TailMergerOptions): { count: number; seq: number | undefined } {
  const conflicts = commands
    .map(({ key, value }) => ({ isKnown: state.keyed.get(key) !== undefined, put: { key: key.replace('command/', CONFLICTS), value: value as Json } }))
    .map((entry) => (entry.put.key.startsWith(CONFIGURATION_HISTORY) ? documentApart(entry.put.value, state) : entry))
    .filter(({ isKnown, put }) => !isKnown && state.keyed.get(put.key) === undefined)
    .map(({ put }) => put);
  const samples = new SampleBuilder();
  for (const [name, timeMs, value, quality] of rows) {
    const point = state.table.find(name);
    if (point !== undefined) samples.add(point.id, fromWire(value), quality, timeMs);
  }
  const count = fresh.length + conflicts.length + samples.length;
  if (count === 0) return NOTHING;
  const unlisted = beyondList(conflicts, state);
  if (unlisted.length > 0) note?.('conflicts no longer listed', `${unlisted.length} of the oldest commands that were given apart are in the audit only: ${MOST_LISTED} are listed`);
  return { count, seq: publisher.adopt(fresh, samples.take(), [...conflicts, ...unlisted, ...remembered(fork, { upTo, timeMs: state.pairTimeMs }, state)]) };
}

/** The oldest listed commands that make room for new ones, as deletions. */
function beyondList(fresh: readonly { key: string; value: Json }[], { keyed }: PairState): { key: string; value: null }[] {
  const listed = new Map([...keyed.entries(CONFLICTS), ...fresh.map(({ key, value }) => [key, value] as const)].filter(([key]) => !key.startsWith(CONFLICTING_DOCUMENTS)));
  if (listed.size <= MOST_LISTED) return [];
  const since = (value: Json): number => (value as unknown as { readonly timeMs: number }).timeMs;
  const oldest = [...listed].sort(([, a], [, b]) => since(a) - since(b)).slice(0, listed.size - MOST_LISTED);
  return oldest.map(([key]) => ({ key, value: null }));
}

function remembered(fork: string, merged: Merged, { keyed }: PairState): { key: string; value: Json }[] {
  const others = [...keyed.entries(MERGED)].filter(([key]) => key !== MERGED + fork).sort(([, a], [, b]) => (b as unknown as Merged).timeMs - (a as unknown as Merged).timeMs);
  return [{ key: MERGED + fork, value: { ...merged } }, ...others.slice(MERGED_KEPT - 1).map(([key]) => ({ key, value: null }))];
}

function wireLog(entry: LogEntry): TailMessage['logs'][number] {
  return { id: entry.id, kind: entry.kind, timeMs: entry.timeMs, data: entry.data };
}

function wireSamples(batch: SampleBatch, state: PairState): WireSample[] {
  return Array.from({ length: batch.length }, (_, row): WireSample => {
    const value = batch.texts?.get(row) ?? (batch.values[row] as number);
    const wire = typeof value === 'bigint' ? { integer: value.toString() } : Number.isNaN(value) ? null : value;
    return [state.table.byId(batch.points[row] as number).name, batch.times[row] as number, wire, batch.qualities[row] as number];
  });
}

function fromWire(value: WireSample[2]): PointValue {
  if (value === null) return NaN;
  return typeof value === 'object' ? BigInt(value.integer) : value;
}

/** A configuration that was put into force apart: a conflict, unless the pair has had the same one. Its number means nothing here. */
function documentApart(value: Json, state: PairState): { isKnown: boolean; put: { key: string; value: Json } } {
  const { revision } = value as unknown as ConfigurationInfo;
  return { isKnown: configurationHistory(state.keyed).some((info) => info.revision === revision), put: { key: CONFLICTING_DOCUMENTS + revision, value } };
}

/** What a person may want to adopt: commands, and configurations. */
function puttingApart(frame: Frame, withDocuments: boolean): { key: string; value: Json }[] {
  return frame.puts.filter(({ key, value }) => value !== null && (key.startsWith('command/') || (withDocuments && key.startsWith(CONFIGURATION_HISTORY)))).map(({ key, value }) => ({ key, value }));
}
