export type * from './access-api.js';
export * from './client-server.js';
export * from './node-api.js';
