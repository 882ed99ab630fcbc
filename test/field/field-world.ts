import { silentLog, type DeviceDefinition, type Network, type PointDefinition, type PollClass, type SampleBatch, type StandbyActivity, type WriteRules } from '../../src/contract/index.js';
import { Field } from '../../src/field/index.js';
import { seededRandom, VirtualClock } from '../../simulators/virtual-time/index.js';
import { fakeModule, type FakeDevice } from './fake-driver.js';

export interface FieldWorld {
  readonly time: VirtualClock;
  readonly field: Field;
  readonly batches: { readonly atMs: number; readonly batch: SampleBatch }[];
  permit: boolean;
  strained: boolean;
}

export interface DeviceSpec {
  readonly device: FakeDevice;
  readonly standby?: StandbyActivity;
  readonly compare?: true;
  /** Poll class of each point. */
  readonly points?: readonly PollClass[];
}

export const periodMs = { fast: 1_000, normal: 5_000, slow: 60_000 };

/** Points get ids in the order of the specs. */
export function fieldWorld(specs: readonly DeviceSpec[], options: { priorities?: boolean; driver?: string; verify?: WriteRules['verify'] } = {}): FieldWorld {
  const time = new VirtualClock();
  let id = 0;
  const devices = specs.map(({ device, standby = 'silent', compare, points = ['fast'] }, index): DeviceDefinition => ({
    name: `D${index}`, driver: options.driver ?? 'fake', settings: device, standby, ...(compare === undefined ? {} : { compare }), writeTimeoutMs: 2_000,
    points: points.map((poll): PointDefinition & { address: unknown } => ({
      id: id++, name: `P${id - 1}`, kind: 'number', device: `D${index}`, poll, address: undefined,
      write: { priority: 12, verify: options.verify ?? 'none', repeatable: true },
    })),
  }));
  const noNetwork: Network = {
    connectTcp: () => { throw new RangeError('no network here'); },
    listenTcp: () => Promise.reject(new RangeError('no network here')),
    openUdp: () => Promise.reject(new RangeError('no network here')),
  };
  const world = { permit: true, strained: false };
  const field = new Field({
    devices, modules: [fakeModule(options.priorities)], polling: { periodMs }, clock: time, timers: time,
    random: seededRandom(1), log: silentLog, network: noNetwork, permit: () => world.permit, strained: () => world.strained,
  });
  const batches: FieldWorld['batches'] = [];
  field.samples$.subscribe((batch) => batches.push({ atMs: time.monotonicMs(), batch }));
  return Object.assign(world, { time, field, batches });
}

/** Lets a transition finish that may need time. */
export async function become(world: FieldWorld, role: 'active' | 'standby' | 'stopped'): Promise<void> {
  await world.time.advanceWhile(world.field.setRole(role), 60_000);
}

export function counter(world: FieldWorld, device: number, name: string): number {
  return world.field.devices()[device]?.counters[name] ?? NaN;
}
