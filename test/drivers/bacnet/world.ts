import { bacnet } from '../../../drivers/bacnet/index.js';
import type { BacnetAddress, BacnetDevice } from '../../../drivers/bacnet/config.js';
import type { Address, Clock, Driver, DriverHost, DriverPoint, Network, ParseContext, PointDefinition, PointValue, Problems, Quality, Random, SharedResource, Timers } from '../../../src/contract/index.js';
import { silentLog } from '../../../src/contract/index.js';
import { VirtualBacnetDevice, type DeviceOptions } from '../../../simulators/bacnet-device/index.js';
import { seededRandom, VirtualClock } from '../../../simulators/virtual-time/index.js';
import { UdpNetwork } from './udp-network.js';

export const LINE = { kind: 'bacnet-ip', port: 47_808 } as const;

/** Collects problems as lines of text. */
export function collectProblems(found: string[] = [], at: readonly (string | number)[] = []): Problems & { readonly found: string[] } {
  const note = (code: string, message: string, path: readonly (string | number)[] = []): void => void found.push(`${[...at, ...path].join('.')}: ${code} ${message}`);
  return { found, error: note, warning: note, at: (...path) => collectProblems(found, [...at, ...path]) };
}

export function parseDevice(raw: Record<string, unknown>, plug: Record<string, unknown> = {}, line: NonNullable<ParseContext['line']> = LINE): BacnetDevice {
  const problems = collectProblems();
  const device = bacnet.parseDevice(raw, { problems, plug, line });
  if (device === undefined) throw new Error(problems.found.join('\n'));
  return device;
}

export type PointSpec = { object: string; property?: string } & Partial<Omit<PointDefinition, 'id'>>;

/** Points with ids 0, 1, … of `device`. */
export function pointsOf(device: BacnetDevice, specs: readonly PointSpec[]): DriverPoint<BacnetAddress>[] {
  return specs.map(({ object, property, ...rest }, id) => {
    const problems = collectProblems();
    const parsed = bacnet.parsePoint({ object, ...(property !== undefined && { property }) }, device, { problems });
    if (parsed === undefined) throw new Error(problems.found.join('\n'));
    return { id, name: object, device: 'd', poll: 'normal', ...rest, kind: parsed.kind, address: parsed.address };
  });
}

/** What a driver is given, and the last sample of every point. */
export function driverHost(parts: { clock: Clock; timers: Timers; random: Random; network: Network }): DriverHost & { close(): Promise<void> } {
  const shared = new Map<string, SharedResource>();
  return {
    ...parts,
    device: 'd',
    log: silentLog,
    shared: <T extends SharedResource>(key: string, make: () => T): T => {
      const known = shared.get(key) ?? make();
      shared.set(key, known);
      return known as T;
    },
    close: async () => {
      await Promise.all([...shared.values()].map((resource) => resource.close()));
    },
  };
}

export class Samples {
  readonly last = new Map<number, { value: PointValue; quality: Quality; timeMs: number }>();
  count = 0;

  constructor(driver: Driver) {
    driver.samples$.subscribe((batch) => {
      for (let row = 0; row < batch.length; row++) {
        this.count++;
        this.last.set(batch.points[row]!, { value: batch.texts?.get(row) ?? batch.values[row]!, quality: batch.qualities[row]!, timeMs: batch.times[row]! });
      }
    });
  }

  value(point: number): PointValue | undefined {
    return this.last.get(point)?.value;
  }

  quality(point: number): Quality | undefined {
    return this.last.get(point)?.quality;
  }
}

/** Virtual devices and drivers on one simulated LAN, on virtual time, from a seed. */
export class BacnetWorld {
  readonly time = new VirtualClock();
  readonly random;
  readonly lan: UdpNetwork;
  readonly host;

  constructor(seed: number | string = 1) {
    this.random = seededRandom(seed);
    this.lan = new UdpNetwork(this.time, this.random.fork('lan'));
    this.host = driverHost({ clock: this.time, timers: this.time, random: this.random.fork('driver'), network: this.lan.asNetwork() });
  }

  async device(host: string, options: DeviceOptions, broadcast: Address = { host: '10.0.0.255', port: LINE.port }): Promise<VirtualBacnetDevice> {
    const device = new VirtualBacnetDevice({ network: this.lan.asNetwork(), clock: this.time, timers: this.time, random: this.random.fork(host) }, options);
    await device.listen(host, LINE.port, broadcast);
    return device;
  }

  driver(raw: Record<string, unknown>, specs: readonly PointSpec[]): { driver: Driver; samples: Samples } {
    const device = parseDevice(raw, { address: '10.0.0.1', broadcast: '10.0.0.255' });
    const driver = bacnet.create(this.host, device, pointsOf(device, specs));
    return { driver, samples: new Samples(driver) };
  }
}
