import type { AbstractBatchOperation, AbstractLevel } from 'abstract-level';

/** Any abstract-level database with text keys and binary values: LevelDB on a machine, memory in a simulation. */
export type Database = AbstractLevel<string | Buffer | Uint8Array, string, Buffer>;
export type Operation = AbstractBatchOperation<Database, string, Buffer>;

/** Resolve after fsync. LevelDB's own option; abstract-level passes it through (and a simulated disk obeys it). */
export const DURABLY = { sync: true, keyEncoding: 'utf8' } as const;
