import { playJobs } from '../../over-cores.js';
import type { FuzzTransport } from './fuzz-line.js';
import { fuzzLine } from './fuzz-run.js';

/** A job is "transport frames seed". */
playJobs<string>((job) => {
  const [transport, wanted, ...seed] = job.split(' ');
  return fuzzLine(transport as FuzzTransport, Number(wanted), seed.join(' '));
});
