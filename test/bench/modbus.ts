import { Socket } from 'node:net';
import modbusSerial from 'modbus-serial';
import { modbusTcp } from '../../drivers/modbus/index.js';
import { Image, PointTable } from '../../src/image/index.js';
import { hostOf, parse } from '../drivers/modbus/rig.js';
import { withCoresAwake } from './awake.js';
import type { BenchOptions } from './main.js';
import { deadUnitShare as measureDeadUnit } from './modbus-dead-unit.js';
import { startModbusPeer } from './modbus-peer.js';

const { default: ModbusRTU } = modbusSerial;
/** Short and in turn, and the best slice of each counts: what else the machine does only ever slows down. */
const SLICE_MS = 60;
const WARM_UP_MS = 1_500;
const REGISTERS = 125;
/** Nearly all that one unit can hold. */
const BLOCKS = 512;

/**
 * Reads of 125 registers from one fast server: libmodbus in sequence, a bare socket of Node, modbus-serial in sequence, and
 * the driver, with each register decoded and taken into an image. Then a bus at 19200 baud with eight units, all alive and with one dead.
 */
export async function modbusBench({ cycles, log }: BenchOptions): Promise<Record<string, unknown>> {
  const deadUnitShare = await measureDeadUnit(log);
  const peer = await startModbusPeer();
  if (peer === undefined) {
    log('no gcc or no libmodbus-dev: nothing to compare with');
    return { sequentialVsLibmodbus: null, pipelinedVsLibmodbus: null, vsModbusSerial: null, deadUnitShare, registersPerSecond: null, bareSocketVsLibmodbus: null, sequentialVsBareSocket: null };
  }
  const [sequential, concurrent] = [await measuredDriver(peer.port, 1), await measuredDriver(peer.port, 16)];
  const measuredInTurn = async (): Promise<Rounds> => {
    const rounds: Rounds = { libmodbus: [], bare: [], sequence: [], pipelined: [], serial: [] };
    for (let cycle = 0; cycle < cycles; cycle++) {
      // In turn within each cycle, so that what else the machine does meets all of them.
      rounds.libmodbus.push(peer.libmodbus(SLICE_MS));
      rounds.bare.push(await bareSocketRate(peer.port));
      rounds.sequence.push(await sequential.rate());
      rounds.pipelined.push(await concurrent.rate());
      rounds.serial.push(await modbusSerialRate(peer.port));
      log(Object.entries(rounds).map(([name, rates]) => `${name} ${Math.round(rates.at(-1) ?? NaN)}/s`).join(' · '));
    }
    return rounds;
  };
  try {
    const rounds = await withCoresAwake(measuredInTurn);
    const [libmodbus, bare, sequence, pipelined, serial] = [rounds.libmodbus, rounds.bare, rounds.sequence, rounds.pipelined, rounds.serial].map((rates) => Math.max(...rates)) as [number, number, number, number, number];
    return {
      sequentialVsLibmodbus: ratio(sequence, libmodbus),
      pipelinedVsLibmodbus: ratio(pipelined, libmodbus),
      vsModbusSerial: ratio(sequence, serial),
      deadUnitShare,
      registersPerSecond: Math.round(pipelined * REGISTERS),
      bareSocketVsLibmodbus: ratio(bare, libmodbus),
      sequentialVsBareSocket: ratio(sequence, bare),
    };
  } finally {
    await Promise.all([sequential.stop(), concurrent.stop()]);
    peer.stop();
  }
}

/** Requests per second of each slice. */
type Rounds = Record<'libmodbus' | 'bare' | 'sequence' | 'pipelined' | 'serial', number[]>;

interface MeasuredDriver {
  /** Requests per second, over a slice. */
  rate(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * The driver on every register, into an image as the gateway would. Made once, and polling for as long as the compiler needs: what
 * 64,000 points leave behind when they are made, and the first second of a program that runs for months, are no part of its speed.
 */
async function measuredDriver(port: number, maxInFlight: number): Promise<MeasuredDriver> {
  const spec = Object.fromEntries(Array.from({ length: BLOCKS * REGISTERS }, (_, offset) => [`R${offset}`, { at: `hr:${offset}` }]));
  const { device, points } = parse({ host: '127.0.0.1', port, maxInFlight }, spec);
  const image = new Image(new PointTable('bench', points));
  const driver = modbusTcp.create(hostOf(), device, points);
  let samples = 0;
  driver.samples$.subscribe((batch) => {
    samples += batch.length;
    image.ingest(batch);
  });
  const rateOver = async (ms: number): Promise<number> => {
    samples = 0;
    const startMs = performance.now();
    while (performance.now() - startMs < ms) await driver.poll('fast');
    return samples / REGISTERS / ((performance.now() - startMs) / 1000);
  };
  driver.start('active');
  await rateOver(WARM_UP_MS);
  return { rate: async () => rateOver(SLICE_MS), stop: async () => driver.stop() };
}

/**
 * What a socket of Node allows in sequence: one request that never changes, written from within the handler of the answer
 * before, which is counted and not looked at.
 */
async function bareSocketRate(port: number): Promise<number> {
  const request = Buffer.from([0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, REGISTERS]);
  const answerBytes = 9 + 2 * REGISTERS;
  let [received, answers] = [0, 0];
  const buffer = Buffer.allocUnsafeSlow(16 << 10);
  const take = (length: number): boolean => {
    received += length;
    if (received < answerBytes) return true;
    received -= answerBytes;
    answers++;
    socket.write(request);
    return true;
  };
  const socket: Socket = new Socket({ onread: { buffer, callback: take } } as ConstructorParameters<typeof Socket>[0]);
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.connect({ host: '127.0.0.1', port, noDelay: true }, resolve);
  });
  const startMs = performance.now();
  socket.write(request);
  await new Promise((resolve) => setTimeout(resolve, SLICE_MS));
  const rate = answers / ((performance.now() - startMs) / 1000);
  socket.destroy();
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
