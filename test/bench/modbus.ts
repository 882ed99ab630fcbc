import modbusSerial from 'modbus-serial';
import { modbusTcp } from '../../drivers/modbus/index.js';
import { BusRig } from '../drivers/modbus/bus-rig.js';
import { hostOf, parse } from '../drivers/modbus/rig.js';
import type { BenchOptions } from './main.js';
import { startModbusPeer } from './modbus-peer.js';

const { default: ModbusRTU } = modbusSerial;
const REGISTERS = 125;
const BLOCKS = 64;

/**
 * Reads of 125 registers from one fast server: libmodbus in sequence, modbus-serial in sequence, and the driver, with
 * each register decoded into samples. Then a bus at 19200 baud with eight units, all alive and with one dead.
 */
export async function modbusBench({ cycles, log }: BenchOptions): Promise<Record<string, unknown>> {
  const deadUnitShare = await deadUnit(log);
  const peer = await startModbusPeer();
  if (peer === undefined) {
    log('no gcc or no libmodbus-dev: nothing to compare with');
    return { sequentialVsLibmodbus: null, pipelinedVsLibmodbus: null, vsModbusSerial: null, deadUnitShare, registersPerSecond: null };
  }
  try {
    const rounds = { libmodbus: [] as number[], sequence: [] as number[], pipelined: [] as number[], serial: [] as number[] };
    for (let cycle = 0; cycle < cycles; cycle++) {
      // In turn within each cycle, so that what else the machine does meets all of them.
      rounds.libmodbus.push(peer.libmodbus(20_000));
      rounds.sequence.push(await driverRate(peer.port, 1));
      rounds.pipelined.push(await driverRate(peer.port, 16));
      rounds.serial.push(await modbusSerialRate(peer.port));
      log(Object.entries(rounds).map(([name, rates]) => `${name} ${Math.round(rates.at(-1) ?? NaN)}/s`).join(' · '));
    }
    const [libmodbus, sequence, pipelined, serial] = [rounds.libmodbus, rounds.sequence, rounds.pipelined, rounds.serial].map(median) as [number, number, number, number];
    return {
      sequentialVsLibmodbus: ratio(sequence, libmodbus),
      pipelinedVsLibmodbus: ratio(pipelined, libmodbus),
      vsModbusSerial: ratio(sequence, serial),
      deadUnitShare,
      registersPerSecond: Math.round(pipelined * REGISTERS),
    };
  } finally {
    peer.stop();
  }
}

/** Requests per second of the driver, polls of 64 blocks. */
async function driverRate(port: number, maxInFlight: number): Promise<number> {
  const spec = Object.fromEntries(Array.from({ length: BLOCKS * REGISTERS }, (_, offset) => [`R${offset}`, { at: `hr:${offset}` }]));
  const { device, points } = parse({ host: '127.0.0.1', port, maxInFlight }, spec);
  const driver = modbusTcp.create(hostOf(), device, points);
  let samples = 0;
  driver.samples$.subscribe((batch) => (samples += batch.length));
  driver.start('active');
  await driver.poll('fast');
  samples = 0;
  const startMs = performance.now();
  while (performance.now() - startMs < 800) await driver.poll('fast');
  const rate = samples / REGISTERS / ((performance.now() - startMs) / 1000);
  await driver.stop();
  return rate;
}

async function modbusSerialRate(port: number): Promise<number> {
  const client = new ModbusRTU();
  await client.connectTCP('127.0.0.1', { port });
  client.setID(1);
  const startMs = performance.now();
  let requests = 0;
  while (performance.now() - startMs < 800) {
    await client.readHoldingRegisters(0, REGISTERS);
    requests++;
  }
  const rate = requests / ((performance.now() - startMs) / 1000);
  await new Promise<void>((resolve) => client.close(() => resolve()));
  return rate;
}

/** Polls per second of seven live units beside a dead one, as a share of their rate when all eight are alive. */
async function deadUnit(log: (line: string) => void): Promise<number> {
  const rig = await BusRig.open(8, { bus: { baud: 19_200 }, timeout: '500ms' });
  const rates = async (ms: number): Promise<number> => {
    const endMs = performance.now() + ms;
    let live = 0;
    let dead: Promise<unknown> = Promise.resolve();
    let deadBusy = false;
    await Promise.all([1, 2, 3, 4, 5, 6, 7].map(async (unit) => {
      while (performance.now() < endMs) {
        if (!deadBusy) {
          deadBusy = true;
          dead = rig.poll(8).finally(() => (deadBusy = false));
        }
        if ((await rig.poll(unit)).reachable) live++;
      }
    }));
    void dead;
    return live / (ms / 1000);
  };
  const alive = await rates(3_000);
  rig.plc.faults.inject({ kind: 'hang' }, { unit: 8 });
  const withDead = await rates(12_000);
  await rig.close();
  log(`seven live units: ${alive.toFixed(1)} polls/s beside a live one, ${withDead.toFixed(1)} beside a dead one`);
  return ratio(withDead, alive);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function ratio(a: number, b: number): number {
  return Math.round((a / b) * 100) / 100;
}
