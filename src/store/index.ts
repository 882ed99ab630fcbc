export type { Database } from './database.js';
export type { History } from './history/history.js';
export { Columns, type Sample } from './history/columns.js';
export { snapshotOf } from './snapshot.js';
export { Store, type StoreOptions } from './store.js';
export { Aggregator } from './history/aggregate.js';
export { openLevel } from './open-level.js';
export { EventLog, type NumberedEvent } from './event-log.js';
export type { PointDigest } from './history/digest.js';
