/** The virtual devices of the BACnet bench, in a process of their own: told what to do by messages of its parent. */
import { realNetwork } from '../../src/platform/network.js';
import { realClock, realRandom, realTimers } from '../../src/platform/time.js';
import { VirtualBacnetDevice } from '../../simulators/bacnet-device/index.js';

export interface Layout {
  readonly devices: number;
  readonly objects: number;
}

/** `ready`: where the devices are. `changed`: notifications that the bench caused. */
export type FromDevices =
  | { readonly kind: 'ready'; readonly at: readonly { readonly host: string; readonly port: number }[] }
  | { readonly kind: 'changed'; readonly changes: number };
/** Changes present values at `perSecond`, evenly, for `forMs`. */
export interface Change { readonly perSecond: number; readonly forMs: number }

const TICK_MS = 5;

export function valueOf(device: number, object: number): number {
  return device * 1_000 + object;
}

async function serve({ devices: count, objects }: Layout): Promise<void> {
  const world = { network: realNetwork, clock: realClock, timers: realTimers, random: realRandom };
  const devices = Array.from({ length: count }, (_, instance) => new VirtualBacnetDevice(world, { instance }));
  const at = [];
  for (const [number, device] of devices.entries()) {
    for (let instance = 0; instance < objects; instance++) device.addObject({ type: 'AV', instance, value: valueOf(number, instance) });
    at.push(await device.listen(`127.0.2.${number + 1}`, 0));
  }
  process.on('message', ({ perSecond, forMs }: Change) => void change(devices, objects, perSecond, forMs));
  process.send?.({ kind: 'ready', at } satisfies FromDevices);
}

async function change(devices: readonly VirtualBacnetDevice[], objects: number, perSecond: number, forMs: number): Promise<void> {
  const start = performance.now();
  const all = (perSecond * forMs) / 1_000;
  let changes = 0;
  while (changes < all) {
    const due = Math.min(all, ((performance.now() - start) / 1_000) * perSecond);
    for (; changes < due; changes++) devices[changes % devices.length]?.setPresentValue(`AV:${Math.floor(changes / devices.length) % objects}`, changes + 0.5);
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  process.send?.({ kind: 'changed', changes } satisfies FromDevices);
}

const layout = process.argv[2];
if (layout !== undefined && process.send !== undefined) {
  process.on('disconnect', () => process.exit(0));
  await serve(JSON.parse(layout) as Layout);
}
