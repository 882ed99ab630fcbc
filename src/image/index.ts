export * from './epoch-list.js';
export * from './frame-codec.js';
export * from './frame.js';
export * from './image.js';
export * from './keyed-state.js';
export * from './pair-state.js';
export * from './point-table.js';
export * from './publisher.js';
