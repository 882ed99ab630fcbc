export { SerialLine } from './line.js';
