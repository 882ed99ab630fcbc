import { parseArgs } from 'node:util';
import { realNetwork } from '../../src/platform/network.js';
import { realClock, realRandom, realTimers } from '../../src/platform/time.js';
import { BuildingField } from '../building/field.js';
import { addressesIn } from './addresses.js';
import { inspectBuilding, setModel } from './inspect-building.js';
import { serveInspection } from './inspection.js';
import { portIn } from './ports.js';
import { announceReady, stopWithParent } from './process-life.js';

/** The demo building with its five virtual devices, until the process is asked to end. */
export async function runBuilding(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { addresses: { type: 'string', default: '{}' }, 'inspect-port': { type: 'string', default: '0' }, seed: { type: 'string', default: '1' } },
  });
  const utcOffsetMs = -60_000 * new Date().getTimezoneOffset();
  const field = new BuildingField(
    { network: realNetwork, clock: realClock, timers: realTimers, random: realRandom },
    { addresses: addressesIn(values.addresses), seed: Number(values.seed), utcOffsetMs },
  );
  await field.start();
  const inspection = await serveInspection({
    devices: inspectBuilding(field),
    model: () => ({ state: field.state, inputs: field.inputs }),
    setModel: (name, value) => setModel(field, name, value),
  }, portIn(values['inspect-port'], '--inspect-port'));
  stopWithParent(async () => {
    await Promise.all([field.stop(), inspection.close()]);
  });
  announceReady({ addresses: Object.fromEntries(field.devices.map((device) => [device.name, device.address])), inspectPort: inspection.port });
}
