export type { Database } from './database.js';
export type { Sample } from './history-block.js';
export { snapshotOf, Store, type StoreOptions } from './store.js';
export { openLevel } from './open-level.js';
