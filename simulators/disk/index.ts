export { SimulatedDisk } from './simulated-disk.js';
