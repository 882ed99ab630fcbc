import modbusSerial from 'modbus-serial';
import { modbusTcp } from '../../drivers/modbus/index.js';
import { Image, PointTable } from '../../src/image/index.js';
import { hostOf, parse } from '../drivers/modbus/rig.js';
import type { BenchOptions } from './main.js';
import { deadUnitShare as measureDeadUnit } from './modbus-dead-unit.js';
import { startModbusPeer } from './modbus-peer.js';

const { default: ModbusRTU } = modbusSerial;
/** Short and in turn, and the best slice of each counts: what else the machine does only ever slows down. */
const SLICE_MS = 250;
const REGISTERS = 125;
/** Nearly all that one unit can hold. */
const BLOCKS = 512;

/**
 * Reads of 125 registers from one fast server: libmodbus in sequence, modbus-serial in sequence, and the driver, with
 * each register decoded and taken into an image. Then a bus at 19200 baud with eight units, all alive and with one dead.
 */
export async function modbusBench({ cycles, log }: BenchOptions): Promise<Record<string, unknown>> {
  const deadUnitShare = await measureDeadUnit(log);
  const peer = await startModbusPeer();
  if (peer === undefined) {
    log('no gcc or no libmodbus-dev: nothing to compare with');
    return { sequentialVsLibmodbus: null, pipelinedVsLibmodbus: null, vsModbusSerial: null, deadUnitShare, registersPerSecond: null };
  }
  try {
    const rounds = { libmodbus: [] as number[], sequence: [] as number[], pipelined: [] as number[], serial: [] as number[] };
    for (let cycle = 0; cycle < cycles; cycle++) {
      // In turn within each cycle, so that what else the machine does meets all of them.
      rounds.libmodbus.push(peer.libmodbus(SLICE_MS));
      rounds.sequence.push(await driverRate(peer.port, 1));
      rounds.pipelined.push(await driverRate(peer.port, 16));
      rounds.serial.push(await modbusSerialRate(peer.port));
      log(Object.entries(rounds).map(([name, rates]) => `${name} ${Math.round(rates.at(-1) ?? NaN)}/s`).join(' · '));
    }
    const [libmodbus, sequence, pipelined, serial] = [rounds.libmodbus, rounds.sequence, rounds.pipelined, rounds.serial].map((rates) => Math.max(...rates)) as [number, number, number, number];
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

/** Requests per second of the driver, into an image as the gateway would. */
async function driverRate(port: number, maxInFlight: number): Promise<number> {
  const spec = Object.fromEntries(Array.from({ length: BLOCKS * REGISTERS }, (_, offset) => [`R${offset}`, { at: `hr:${offset}` }]));
  const { device, points } = parse({ host: '127.0.0.1', port, maxInFlight }, spec);
  const image = new Image(new PointTable('bench', points));
  const driver = modbusTcp.create(hostOf(), device, points);
  let samples = 0;
  driver.samples$.subscribe((batch) => {
    samples += batch.length;
    image.ingest(batch);
  });
  driver.start('active');
  await driver.poll('fast');
  samples = 0;
  const startMs = performance.now();
  while (performance.now() - startMs < SLICE_MS) await driver.poll('fast');
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
  while (performance.now() - startMs < SLICE_MS) {
    await client.readHoldingRegisters(0, REGISTERS);
    requests++;
  }
  const rate = requests / ((performance.now() - startMs) / 1000);
  await new Promise<void>((resolve) => client.close(() => resolve()));
  return rate;
}

function ratio(a: number, b: number): number {
  return Math.round((a / b) * 100) / 100;
}
