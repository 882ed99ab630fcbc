import { modbusRtu } from '../../../drivers/modbus/index.js';
import { isGood, isTandemError, type Driver } from '../../../src/contract/index.js';
import { VirtualPlc, type FaultKind } from '../../../simulators/modbus-plc/index.js';
import { SerialLine } from '../../../simulators/serial-line/index.js';
import { seededRandom, VirtualClock } from '../../../simulators/virtual-time/index.js';
import { parseBus, sharingHost } from './bus-rig.js';

const PERIOD_MS = 10_000;
export const UNITS = 8;
/** In two blocks of one shape, so that an answer says nothing of which of them it is for. */
const BLOCKS = [0, 100] as const;
const REGISTERS = 10;
export const POINTS = BLOCKS.length * REGISTERS;
const TIMEOUT_MS = 500;
const SETPOINT = 500;
const DRIVER_PORT = '/dev/ttyUSB0';

/** What each request may meet, and how often. (`wrong-echo` is for writes: no check sum could show it in a read.) */
const faults: readonly (readonly [FaultKind, rate: number, functionCode?: number])[] = [
  [{ kind: 'drop' }, 0.01], [{ kind: 'hang' }, 0.005], [{ kind: 'delay', delayMs: 300 }, 0.01], [{ kind: 'delay', delayMs: 650 }, 0.005], [{ kind: 'delay', delayMs: 1_200 }, 0.003],
  [{ kind: 'late' }, 0.003], [{ kind: 'wrong-unit' }, 0.003], [{ kind: 'wrong-function' }, 0.003], [{ kind: 'wrong-length' }, 0.003], [{ kind: 'bad-crc' }, 0.01],
  [{ kind: 'duplicate' }, 0.005], [{ kind: 'cut-short' }, 0.005], [{ kind: 'garbage' }, 0.005], [{ kind: 'exception', code: 4 }, 0.002], [{ kind: 'busy' }, 0.005], [{ kind: 'wrong-echo' }, 0.05, 6],
];

/** Register `address` of `unit` in second `second`: tells when it was read. */
const valueAt = (unit: number, address: number, second: number): number => (second + address * 131 + unit * 4_099) & 0xffff;
const secondOf = (unit: number, address: number, value: number): number => (value - address * 131 - unit * 4_099) & 0xffff;

/** What a day was like. */
export interface LineDay {
  readonly polls: number;
  readonly good: number;
  /** Good, and held by that register at no time since the poll began, nor shortly before. */
  readonly wrong: number;
  /** Good, and the answer to an earlier request. */
  readonly late: number;
  readonly bad: number;
  readonly unreachable: number;
  readonly writes: number;
  readonly writesFailed: number;
  /** Reported as done, and not there. */
  readonly writesLost: number;
  readonly unplugged: number;
  readonly deadSpells: number;
  readonly spoilt: number;
  readonly collisions: number;
  readonly requests: number;
  /** Late answers that the driver knew as such. */
  readonly known: number;
  readonly goodOf: readonly number[];
  readonly cycles: number;
}

/** A line of eight units at 9600 baud, polled every ten seconds for so many hours, with every fault there is by chance. */
export async function liveThrough(seed: string, hours: number, isExact = false): Promise<LineDay> {
  const random = seededRandom(seed);
  const time = new VirtualClock();
  const second = (): number => Math.floor(time.monotonicMs() / 1_000);
  const line = new SerialLine(time, random.fork('line'));
  const network = line.network();
  const plc = new VirtualPlc({ network, clock: time, timers: time, random: random.fork('plc'), background: (unit) => (_area, address) => valueAt(unit, address, second()) });
  await time.advanceWhile(plc.openSerial({ path: 'plc', baud: 9_600, dataBits: 8, parity: 'even', stopBits: 1 }), 1_000);
  const host = sharingHost({ clock: time, timers: time, random: random.fork('driver'), network });
  const counts = { polls: 0, good: 0, wrong: 0, late: 0, bad: 0, unreachable: 0, writes: 0, writesFailed: 0, writesLost: 0, unplugged: 0, deadSpells: 0 };
  const goodOf = new Array<number>(UNITS + 1).fill(0);
  const askedAtMs = new Array<number>(UNITS + 1).fill(0);
  const addresses = BLOCKS.flatMap((start) => Array.from({ length: REGISTERS }, (_, index) => start + index));

  const drivers = Array.from({ length: UNITS }, (_, index): Driver => {
    const unit = index + 1;
    plc.unit(unit);
    const registers = Object.fromEntries(addresses.map((address) => [`R${address}`, { at: `hr:${address}` }]));
    const { device, points } = parseBus(modbusRtu, { unit, timeout: `${TIMEOUT_MS}ms`, ...(isExact ? { maxGap: 0 } : {}) }, { ...registers, Sp: { at: `hr:${SETPOINT}`, poll: 'slow', write: {} } }, { line: { kind: 'modbus-rtu', baud: 9_600 }, plug: { port: DRIVER_PORT } });
    const driver = modbusRtu.create(host, device, points);
    driver.samples$.subscribe((batch) => {
      for (let row = 0; row < batch.length; row++) {
        const address = points[batch.points[row]!]!.address.offset;
        if (address === SETPOINT) continue;
        if (!isGood(batch.qualities[row]!)) {
          counts.bad++;
          continue;
        }
        counts.good++;
        goodOf[unit]!++;
        const ageS = (second() - secondOf(unit, address, batch.values[row]!)) & 0xffff;
        if (ageS * 1_000 <= time.monotonicMs() - askedAtMs[unit]! + 1_000) continue;
        if (ageS <= 60) counts.late++;
        else counts.wrong++;
      }
    });
    driver.start('active');
    return driver;
  });
  for (const [fault, rate, functionCode] of faults) plc.faults.inject(fault, { rate, ...(functionCode === undefined ? {} : { function: functionCode }) });
  line.noise = 0.01;
  line.pieces = 0.05;

  const writeOne = async (unit: number, value: number): Promise<void> => {
    try {
      await drivers[unit - 1]!.write({ point: POINTS, value, priority: 16, timeoutMs: 3_000, permit: () => true });
      counts.writes++;
      if (plc.unit(unit).get('hr', SETPOINT)[0] !== value) counts.writesLost++;
    } catch (error) {
      if (!isTandemError(error)) throw error;
      counts.writesFailed++;
    }
  };

  let dead: { unit: number; untilMs: number; end: () => void } | undefined;
  const cycles = (hours * 3_600_000) / PERIOD_MS;
  const startMs = time.monotonicMs();
  for (let cycle = 0; cycle < cycles; cycle++) {
    const dueMs = startMs + (cycle + 1) * PERIOD_MS;
    if (dead !== undefined && dead.untilMs < time.monotonicMs()) {
      dead.end();
      dead = undefined;
    }
    if (dead === undefined && random.below(100) === 0) {
      const unit = 1 + random.below(UNITS);
      // Before the others, which it hides while it lasts.
      dead = { unit, untilMs: time.monotonicMs() + 10_000 + random.below(300_000), end: plc.faults.injectFirst({ kind: 'dead' }, { unit }) };
      counts.deadSpells++;
    }
    if (random.below(250) === 0) {
      counts.unplugged++;
      line.unplug(DRIVER_PORT);
    }
    const polls = drivers.map(async (driver, index) => {
      counts.polls++;
      askedAtMs[index + 1] = time.monotonicMs();
      if (!(await driver.poll('fast')).reachable) counts.unreachable++;
    });
    if (cycle % 6 === 0) polls.push(writeOne(1 + random.below(UNITS), cycle & 0xffff));
    await time.advanceWhile(Promise.all(polls), 120_000);
    if (time.monotonicMs() < dueMs) await time.advance(dueMs - time.monotonicMs());
  }
  const known = drivers.reduce((sum, driver) => sum + (driver.counters().late ?? 0), 0);
  await time.advanceWhile(Promise.all(drivers.map((driver) => driver.stop())), 60_000);
  return { ...counts, spoilt: line.spoilt, collisions: line.collisions, requests: plc.ledger.requestsOf('plc'), known, goodOf, cycles };
}
