import { modbusRtuTcp } from '../../../drivers/modbus/index.js';
import type { BusDevice } from '../../../drivers/modbus/bus-device.js';
import type { ModbusAddress } from '../../../drivers/modbus/types.js';
import type { Driver, DriverHost, DriverModule, DriverPoint, PointValue } from '../../../src/contract/index.js';
import { formatQuality } from '../../../src/contract/index.js';
import type { BusOptions, VirtualPlc } from '../../../simulators/modbus-plc/index.js';
import { collectProblems, hostOf, newPlc, type Found, type RigPoint } from './rig.js';

/** Parses for any bus driver; throws where it reports an error. */
export function parseBus(module: DriverModule<BusDevice, ModbusAddress>, device: Record<string, unknown>, points: Record<string, RigPoint>, context: Record<string, unknown> = {}): { device: BusDevice; points: DriverPoint<ModbusAddress>[] } {
  const found: Found[] = [];
  const problems = collectProblems(found);
  const parsed = module.parseDevice(device, { ...context, problems });
  if (parsed === undefined) throw new Error(found.map(({ message }) => message).join('; '));
  return {
    device: parsed,
    points: Object.entries(points).map(([name, { poll = 'fast', write, ...keys }], id) => {
      const point = module.parsePoint({ ...keys }, parsed, { problems });
      if (point === undefined) throw new Error(found.map(({ message }) => message).join('; '));
      return { id, name, device: 'm', poll, ...point, ...(write === undefined ? {} : { write: { priority: 16, verify: 'echo', repeatable: true, ...write } }) };
    }),
  };
}

/** A host whose devices share what they should. */
export function sharingHost(parts: Partial<DriverHost> = {}): DriverHost {
  const shared = new Map<string, unknown>();
  return hostOf({
    shared: <T>(key: string, make: () => T) => {
      if (!shared.has(key)) shared.set(key, make());
      return shared.get(key) as T;
    },
    ...parts,
  });
}

/** Drivers of several units on one bus, each with the registers hr:0… as points R0, R1, … */
export class BusRig {
  readonly units: { driver: Driver; values: Record<string, PointValue> }[] = [];
  private constructor(readonly plc: VirtualPlc, readonly port: number) {}

  static async open(units: number, options: { bus?: BusOptions; timeout?: string; points?: Record<string, RigPoint>; host?: Partial<DriverHost> } = {}): Promise<BusRig> {
    const plc = newPlc();
    const port = await plc.listen('127.0.0.1', 0, options.bus ?? {});
    const rig = new BusRig(plc, port);
    const host = sharingHost(options.host);
    for (let unit = 1; unit <= units; unit++) {
      plc.unit(unit).set('hr', 0, [unit * 100, unit * 100 + 1]);
      const { device, points } = parseBus(modbusRtuTcp, { host: '127.0.0.1', port, unit, timeout: options.timeout ?? '100ms' }, options.points ?? { R0: { at: 'hr:0', write: {} }, R1: { at: 'hr:1' } });
      const driver = modbusRtuTcp.create(host, device, points);
      const entry: { driver: Driver; values: Record<string, PointValue> } = { driver, values: {} };
      driver.samples$.subscribe((batch) => {
        for (let row = 0; row < batch.length; row++) entry.values[points[batch.points[row]!]!.name] = batch.qualities[row] === 0 ? batch.values[row]! : formatQuality(batch.qualities[row]!);
      });
      driver.start('active');
      rig.units.push(entry);
    }
    return rig;
  }

  async close(): Promise<void> {
    await Promise.all(this.units.map(({ driver }) => driver.stop()));
    await this.plc.close();
  }

  of(unit: number): { driver: Driver; values: Record<string, PointValue> } {
    return this.units[unit - 1]!;
  }

  async poll(unit: number): Promise<{ reachable: boolean; values: Record<string, PointValue> }> {
    const entry = this.of(unit);
    entry.values = {};
    const { reachable } = await entry.driver.poll('fast');
    return { reachable, values: entry.values };
  }

  write(unit: number, value: number): Promise<void> {
    return this.of(unit).driver.write({ point: 0, value, priority: 16, timeoutMs: 1000, permit: () => true });
  }
}
