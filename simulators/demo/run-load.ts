import { parseArgs } from 'node:util';
import { realClock, realRandom, realTimers } from '../../src/platform/time.js';
import { realNetwork } from '../../src/platform/network.js';
import { LoadPlc, unitsFor, writableCount, writableStart } from '../load/load-plc.js';
import { VirtualPlc } from '../modbus-plc/index.js';
import { inspectPlc } from './inspect-plc.js';
import { BadRequest } from './inspected.js';
import { serveInspection } from './inspection.js';
import { portIn } from './ports.js';
import { announceReady, stopWithParent } from './process-life.js';

const usage = 'tandem simulate load --points 1000 --host 127.0.0.1 --port 5021 --inspect-port 5080';

/** A virtual PLC of which every register changes ten times a second, until the process is asked to end. */
export async function runLoad(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { points: { type: 'string', default: '1000' }, host: { type: 'string', default: '127.0.0.1' }, port: { type: 'string', default: '0' }, 'inspect-port': { type: 'string', default: '0' } },
  });
  const points = Number(values.points);
  if (!Number.isInteger(points) || points < 1 || points > 1_000_000) throw new Error(`--points is a whole number from 1 to 1000000: ${usage}`);
  const plc = new VirtualPlc({ network: realNetwork, clock: realClock, timers: realTimers, random: realRandom });
  const load = new LoadPlc(plc, points);
  const address = { host: values.host, port: await plc.listen(values.host, portIn(values.port, '--port')) };
  const device = inspectPlc({ name: 'load', plc, address, set: (point, value) => setWritable(plc, point, value) });
  const inspection = await serveInspection({ devices: [device], model: () => ({ points, units: unitsFor(points), counter: load.counter, writable: plc.unit(1).get('hr', writableStart, writableCount) }) }, portIn(values['inspect-port'], '--inspect-port'));
  load.start(realTimers);
  stopWithParent(async () => {
    load.stop();
    await Promise.all([plc.close(), inspection.close()]);
  });
  announceReady({ address, points, inspectPort: inspection.port });
}

/** `W000` … by hand, as a local panel would; the points that count cannot be held. */
function setWritable(plc: VirtualPlc, point: string, value: number | null): void {
  const index = /^W(\d{3})$/.exec(point)?.[1];
  if (index === undefined || Number(index) >= writableCount || value === null) throw new BadRequest('only W000 to W099 can be set, to a number');
  plc.unit(1).set('hr', writableStart + Number(index), [value]);
}
