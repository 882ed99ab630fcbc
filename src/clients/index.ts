export * from './client-server.js';
export * from './node-api.js';
