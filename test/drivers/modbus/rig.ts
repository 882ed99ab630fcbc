import { modbusTcp } from '../../../drivers/modbus/index.js';
import type { ModbusAddress, ModbusDevice } from '../../../drivers/modbus/types.js';
import { formatQuality, silentLog, type Clock, type Driver, type DriverHost, type DriverPoint, type ErrorCode, type PointValue, type PollClass, type Problems, type SampleBatch, type WriteRequest, type WriteRules } from '../../../src/contract/index.js';
import { realNetwork } from '../../../src/platform/network.js';
import { realClock, realRandom, realTimers } from '../../../src/platform/time.js';
import { VirtualPlc } from '../../../simulators/modbus-plc/index.js';
import { seededRandom } from '../../../simulators/virtual-time/index.js';

export interface Found {
  readonly code: ErrorCode;
  readonly message: string;
  readonly severity: 'error' | 'warning';
  readonly path: string;
}

/** Collects problems in a list. */
export function collectProblems(into: Found[], prefix: readonly (string | number)[] = []): Problems {
  const add = (severity: Found['severity']) => (code: ErrorCode, message: string, path: readonly (string | number)[] = []): void => {
    into.push({ code, message, severity, path: [...prefix, ...path].join('.') });
  };
  return { error: add('error'), warning: add('warning'), at: (...path) => collectProblems(into, [...prefix, ...path]) };
}

export interface PointSpec {
  readonly at: string | number;
  readonly type?: string;
  readonly scale?: number;
  readonly offset?: number;
  readonly wordOrder?: string;
  readonly byteOrder?: string;
}

export interface RigPoint extends PointSpec {
  readonly poll?: PollClass;
  readonly write?: Partial<WriteRules>;
}

const ruleDefaults: WriteRules = { priority: 16, verify: 'echo', repeatable: true };

/** Parses a device and its points as the configuration would; throws where it reports an error. */
export function parse(device: Record<string, unknown>, points: Record<string, RigPoint>, plug: Record<string, unknown> = {}): { device: ModbusDevice; points: DriverPoint<ModbusAddress>[] } {
  const found: Found[] = [];
  const problems = collectProblems(found);
  const parsedDevice = modbusTcp.parseDevice(device, { problems, plug });
  const parsedPoints = Object.entries(points).map(([name, { poll = 'fast', write, ...keys }], id) => {
    const parsed = parsedDevice && modbusTcp.parsePoint({ ...keys }, parsedDevice, { problems });
    if (parsed === undefined) throw new Error(`${name}: ${found.map((entry) => entry.message).join('; ')}`);
    return { id, name, device: 'plc', poll, ...parsed, ...(write === undefined ? {} : { write: { ...ruleDefaults, ...write } }) };
  });
  if (parsedDevice === undefined) throw new Error(found.map((entry) => entry.message).join('; '));
  return { device: parsedDevice, points: parsedPoints };
}

export function hostOf(parts: Partial<DriverHost> = {}): DriverHost {
  return {
    device: 'plc',
    clock: realClock,
    timers: realTimers,
    random: realRandom,
    log: silentLog,
    network: realNetwork,
    shared: (_, make) => make(),
    ...parts,
  };
}

/** A driver on a virtual PLC, over the machine's own loopback. */
export class Rig {
  readonly batches: SampleBatch[] = [];
  private constructor(readonly plc: VirtualPlc, readonly port: number, readonly driver: Driver, readonly points: readonly DriverPoint<ModbusAddress>[]) {
    driver.samples$.subscribe((batch) => this.batches.push(batch));
  }

  static async open(points: Record<string, RigPoint>, device: Record<string, unknown> = {}, host: Partial<DriverHost> = {}, plug: Record<string, unknown> = {}): Promise<Rig> {
    const plc = newPlc();
    plc.unit(1);
    const port = await plc.listen('127.0.0.1', 0);
    const parsed = parse({ host: '127.0.0.1', port, timeout: '150ms', ...device }, points, plug);
    const rig = new Rig(plc, port, modbusTcp.create(hostOf(host), parsed.device, parsed.points), parsed.points);
    rig.driver.start('active');
    return rig;
  }

  async close(): Promise<void> {
    await this.driver.stop();
    await this.plc.close();
  }

  id(name: string): number {
    const point = this.points.find((candidate) => candidate.name === name);
    if (point === undefined) throw new Error(`no point ${name}`);
    return point.id;
  }

  write(name: string, value: PointValue | null, options: Partial<WriteRequest> = {}): Promise<void> {
    return this.driver.write({ point: this.id(name), value, priority: 16, timeoutMs: 1000, permit: () => true, ...options });
  }

  /** Latest sample of each point: its value when good, else its quality in words. */
  latest(): Record<string, PointValue> {
    const result: Record<string, PointValue> = {};
    for (const batch of this.batches) {
      for (let row = 0; row < batch.length; row++) {
        const name = this.points[batch.points[row]!]!.name;
        const quality = batch.qualities[row]!;
        result[name] = quality === 0 ? (batch.texts?.get(row) ?? batch.values[row]!) : formatQuality(quality);
      }
    }
    return result;
  }

  /** Polls anew and returns what came. */
  async poll(pollClass: PollClass = 'fast'): Promise<{ reachable: boolean; values: Record<string, PointValue> }> {
    this.batches.length = 0;
    const { reachable } = await this.driver.poll(pollClass);
    return { reachable, values: this.latest() };
  }
}

export function newPlc(): VirtualPlc {
  return new VirtualPlc({ network: realNetwork, clock: realClock, timers: realTimers, random: seededRandom('plc') });
}

/** Waits for a condition, with a deadline that only a failing test meets. */
export async function until(condition: () => boolean, what: string, deadlineMs = 5000): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** The real clock, which a test can put forward. */
export function skippingClock(): Clock & { skip(ms: number): void } {
  let skippedMs = 0;
  return {
    wallMs: () => realClock.wallMs() + skippedMs,
    monotonicMs: () => realClock.monotonicMs() + skippedMs,
    skip: (ms) => {
      skippedMs += ms;
    },
  };
}
