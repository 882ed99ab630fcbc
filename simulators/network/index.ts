export { SimulatedNetwork } from './network.js';
export type { SimulatedHost } from './host.js';
export { KERNEL_BYTES, type Path } from './path.js';
export * from './heartbeats.js';
