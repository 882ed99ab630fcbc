export { SimulatedDisk, type Operation } from './simulated-disk.js';
