import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SampleBuilder, silentLog, type PointDefinition } from '../../src/contract/index.js';
import { EMPTY_BATCH, encodeFrame, PairState, PointTable, type Frame } from '../../src/image/index.js';
import { openLevel, Store, type Database } from '../../src/store/index.js';

export const POINTS: readonly PointDefinition[] = ['T1', 'T2', 'Text'].map((name, id) => ({ id, name, kind: id === 2 ? 'text' : 'number', device: 'D', poll: 'normal' }));
export const table = new PointTable('rev1', POINTS);

/** A folder that is gone after the test. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'tandem-store-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface Opened {
  readonly store: Store;
  readonly state: PairState;
  readonly damaged: string | undefined;
  readonly repaired: string | undefined;
}

export async function openStore(db: Database, options: { table?: PointTable; journalBytes?: number; breathe?: () => Promise<void> } = {}): Promise<Opened> {
  const store = new Store({ db, table: options.table ?? table, log: silentLog, journalBytes: options.journalBytes ?? 1 << 20, ...(options.breathe === undefined ? {} : { breathe: options.breathe }) });
  const state = new PairState(options.table ?? table);
  const { damaged, repaired } = await store.load(state);
  return { store, state, damaged, repaired };
}

export async function openFolder(path: string, options: Parameters<typeof openStore>[1] = {}): Promise<Opened> {
  return openStore(await openLevel(path), options);
}

/** Frame `seq`: T1 is 10 × seq, a key, an audit entry and a trend sample at `seq` seconds. */
export function frameOf(seq: number, over: Partial<Frame> = {}): Frame {
  const builder = new SampleBuilder();
  builder.add(0, seq * 10, 0, seq * 1_000);
  if (seq % 5 === 0) builder.add(2, `text ${seq}`, 0, seq * 1_000);
  const values = builder.take();
  return {
    epoch: { number: 1, node: 'A', nonce: 'aa' },
    seq,
    fromSeq: seq,
    revision: 'rev1',
    pairTimeMs: seq * 1_000,
    values,
    samples: values,
    puts: [{ key: `k/${seq % 3}`, value: seq }],
    logs: [{ id: `1.${seq}.0.aa`, kind: 'audit', timeMs: seq * 1_000, data: { seq } }],
    ...over,
  };
}

/** As the active does it: into the state, then into the store. */
export function append({ store, state }: Opened, frame: Frame): void {
  state.apply(frame);
  store.append(frame, encodeFrame(frame));
}

export function snapshot(seq: number, over: Partial<Frame> = {}): Frame {
  return frameOf(seq, { snapshot: true, samples: EMPTY_BATCH, logs: [], ...over });
}
