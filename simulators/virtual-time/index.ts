export * from './seeded-random.js';
export * from './virtual-clock.js';
export * from './node-clock.js';
