import { parseArgs } from 'node:util';
import { bacnetBench } from './bacnet.js';
import { consoleBench } from './console.js';
import { configurationBench } from './configuration.js';
import { e2eBench } from './e2e.js';
import { failoverBench } from './failover.js';
import { fanoutBench } from './fanout.js';
import { functionsBench } from './functions.js';
import { historyBench } from './history.js';
import { imageBench } from './image.js';
import { modbusBench } from './modbus.js';
import { syncBench } from './sync.js';

export interface BenchOptions {
  readonly cycles: number;
  readonly points: number;
  /** Bench `functions`: kills of real nodes, in place of its other figures. */
  readonly kills: number;
  /** Period of polling, milliseconds; left out, as fast as the bench can use. */
  readonly pollMs?: number;
  /** Parts to run, where a bench has several; all where it is empty. */
  readonly only: readonly string[];
  readonly log: (line: string) => void;
}

/** A bench prints its story through `log` and returns its figures, which `--json` prints as the last line. */
type Bench = (options: BenchOptions) => Promise<Readonly<Record<string, unknown>>>;

const benches: Readonly<Record<string, { run: Bench; cycles: number; points: number }>> = {
  history: { run: historyBench, cycles: 3, points: 5_000 },
  image: { run: imageBench, cycles: 5, points: 1_000_000 },
  bacnet: { run: bacnetBench, cycles: 3, points: 4_000 },
  modbus: { run: modbusBench, cycles: 60, points: 8_000 },
  sync: { run: syncBench, cycles: 3, points: 100_000 },
  e2e: { run: e2eBench, cycles: 1, points: 10_000 },
  fanout: { run: fanoutBench, cycles: 10, points: 1_000 },
  console: { run: consoleBench, cycles: 5, points: 100_000 },
  failover: { run: failoverBench, cycles: 20, points: 1_000 },
  configuration: { run: configurationBench, cycles: 2, points: 10_000 },
  functions: { run: functionsBench, cycles: 3, points: 100_000 },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, cycles: { type: 'string' }, points: { type: 'string' }, kills: { type: 'string', default: '0' }, poll: { type: 'string' }, only: { type: 'string', default: '' } },
});
const bench = benches[positionals[0] ?? ''];
if (bench === undefined) {
  console.error(`usage: npm run bench -- ${Object.keys(benches).join('|')} [--cycles N] [--points N] [--kills N] [--poll MS] [--only PART,…] [--json]`);
  process.exit(2);
}
const figures = await bench.run({
  cycles: Number(values.cycles ?? bench.cycles),
  points: Number(values.points ?? bench.points),
  kills: Number(values.kills),
  ...(values.poll === undefined ? {} : { pollMs: Number(values.poll) }),
  only: values.only.split(',').filter((part) => part !== ''),
  // With --json the last line of standard output is the figures; the story is told beside it, so that a long run that ends badly can be read.
  log: (line) => (values.json ? process.stderr : process.stdout).write(`${line}\n`),
});
console.log(values.json ? JSON.stringify(figures) : JSON.stringify(figures, null, 2));
process.exit(0);
