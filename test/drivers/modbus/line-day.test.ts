import assert from 'node:assert/strict';
import { modbusRtuTcp } from '../../../drivers/modbus/index.js';
import { isGood, isTandemError, type Driver, type Network, type TcpConnection, type TcpEvents } from '../../../src/contract/index.js';
import { VirtualPlc, type FaultKind } from '../../../simulators/modbus-plc/index.js';
import { seededRandom, VirtualClock, type SeededRandom } from '../../../simulators/virtual-time/index.js';
import { parseBus, sharingHost } from './bus-rig.js';

/** MODBUS_DAY_SEED replays another day. */
const seed = process.env.MODBUS_DAY_SEED ?? 'a day on the line';
const HOURS = 24;
const PERIOD_MS = 5_000;
const UNITS = 8;
const REGISTERS = 10;
const TIMEOUT_MS = 500;
const SETPOINT = 500;

/** What each request may meet, and how often. (`wrong-echo` is for writes: no check sum could show it in a read.) */
const faults: readonly (readonly [FaultKind, rate: number, functionCode?: number])[] = [
  [{ kind: 'drop' }, 0.01], [{ kind: 'hang' }, 0.005], [{ kind: 'delay', delayMs: 300 }, 0.01], [{ kind: 'delay', delayMs: 650 }, 0.005], [{ kind: 'delay', delayMs: 1_200 }, 0.003],
  [{ kind: 'late' }, 0.003], [{ kind: 'wrong-unit' }, 0.003], [{ kind: 'wrong-function' }, 0.003], [{ kind: 'wrong-length' }, 0.003], [{ kind: 'bad-crc' }, 0.01],
  [{ kind: 'duplicate' }, 0.005], [{ kind: 'cut-short' }, 0.005], [{ kind: 'garbage' }, 0.005], [{ kind: 'exception', code: 4 }, 0.002], [{ kind: 'busy' }, 0.005], [{ kind: 'wrong-echo' }, 0.05, 6],
];

/** Register `address` of `unit` in second `second`: tells when it was read. */
const valueAt = (unit: number, address: number, second: number): number => (second + address * 131 + unit * 4_099) & 0xffff;
const secondOf = (unit: number, address: number, value: number): number => (value - address * 131 - unit * 4_099) & 0xffff;

/** A line with noise on it, to the one PLC; `unplug` closes the port. */
class NoisyLine implements Network {
  noise = 0;
  spoilt = 0;
  private current: { driver: TcpEvents; plc: TcpEvents } | undefined;

  constructor(private readonly time: VirtualClock, private readonly random: SeededRandom, private readonly plc: () => VirtualPlc) {}

  connectTcp(target: { readonly host: string; readonly port: number }, events: TcpEvents): TcpConnection {
    const remote = { host: target.host, port: target.port };
    const holder: { ends?: { driver: TcpEvents; plc: TcpEvents } } = {};
    const close = (): void => {
      const { ends } = holder;
      if (ends === undefined || this.current !== ends) return;
      this.current = undefined;
      this.time.after(0, () => {
        ends.plc.onClose('ended');
        ends.driver.onClose('local');
      });
    };
    const end = (to: () => TcpEvents | undefined): TcpConnection => ({
      remote,
      bufferedBytes: 0,
      write: (data) => {
        const heard = this.heard(data);
        this.time.after(0, () => {
          if (this.current !== undefined && this.current === holder.ends) to()?.onData(heard);
        });
      },
      destroy: close,
    });
    const plc = this.plc().accept(end(() => holder.ends?.driver), { baud: 9_600 });
    holder.ends = { driver: events, plc };
    this.current = holder.ends;
    this.time.after(1, () => events.onOpen?.());
    return end(() => holder.ends?.plc);
  }

  unplug(): void {
    const { current } = this;
    this.current = undefined;
    current?.plc.onClose('ended');
    current?.driver.onClose('ended');
  }

  listenTcp(): never {
    throw new Error('nobody listens on a line');
  }

  openUdp(): never {
    throw new Error('there is no UDP on a line');
  }

  /** Some frames with up to three wrong bits, which a CRC-16 shows always, or with stray bytes. */
  private heard(data: Uint8Array): Uint8Array {
    const { random } = this;
    if (random.next() >= this.noise) return data.slice();
    this.spoilt++;
    const copy = data.slice();
    if (random.below(3) > 0) {
      for (let bits = 1 + random.below(3); bits > 0; bits--) copy[random.below(copy.length)]! ^= 1 << random.below(8);
      return copy;
    }
    const stray = Uint8Array.from({ length: 1 + random.below(8) }, () => random.below(256));
    return random.below(2) === 0 ? Uint8Array.of(...stray, ...copy) : Uint8Array.of(...copy, ...stray);
  }
}

describe('Modbus RTU: a day on a bad line', () => {
  it(`${HOURS} hours, ${UNITS} units, seed "${seed}": no wrong value is good, and every unit is heard`, async function () {
    this.timeout(120_000);
    const random = seededRandom(seed);
    const time = new VirtualClock();
    const second = (): number => Math.floor(time.monotonicMs() / 1_000);
    const plc = new VirtualPlc({ network: { connectTcp: () => fail(), listenTcp: () => fail(), openUdp: () => fail() }, clock: time, timers: time, random: random.fork('plc'), background: (unit) => (_area, address) => valueAt(unit, address, second()) });
    const line = new NoisyLine(time, random.fork('line'), () => plc);
    const host = sharingHost({ clock: time, timers: time, random: random.fork('driver'), network: line });
    const counts = { polls: 0, good: 0, wrong: 0, late: 0, bad: 0, unreachable: 0, writes: 0, writesFailed: 0, writesLost: 0, unplugged: 0, deadSpells: 0 };
    const goodOf = new Array<number>(UNITS + 1).fill(0);
    const askedAtMs = new Array<number>(UNITS + 1).fill(0);

    const drivers = Array.from({ length: UNITS }, (_, index): Driver => {
      const unit = index + 1;
      plc.unit(unit);
      const registers = Object.fromEntries(Array.from({ length: REGISTERS }, (_none, address) => [`R${address}`, { at: `hr:${address}` }]));
      const { device, points } = parseBus(modbusRtuTcp, { host: 'line', port: 1, unit, timeout: `${TIMEOUT_MS}ms` }, { ...registers, Sp: { at: `hr:${SETPOINT}`, poll: 'slow', write: {} } });
      const driver = modbusRtuTcp.create(host, device, points);
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
          // Held by that register at no time since the poll began.
          const ageS = (second() - secondOf(unit, address, batch.values[row]!)) & 0xffff;
          if (ageS * 1_000 <= time.monotonicMs() - askedAtMs[unit]! + 1_000) continue;
          // What answers an earlier request for the same registers, seconds ago, is late; anything else is another's.
          if (ageS <= 5) counts.late++;
          else counts.wrong++;
        }
      });
      driver.start('active');
      return driver;
    });
    for (const [fault, rate, functionCode] of faults) plc.faults.inject(fault, { rate, ...(functionCode === undefined ? {} : { function: functionCode }) });
    line.noise = 0.01;

    let dead: { unit: number; untilMs: number; end: () => void } | undefined;
    const cycles = (HOURS * 3_600_000) / PERIOD_MS;
    for (let cycle = 0; cycle < cycles; cycle++) {
      const dueMs = (cycle + 1) * PERIOD_MS;
      if (dead !== undefined && dead.untilMs < time.monotonicMs()) {
        dead.end();
        dead = undefined;
      }
      if (dead === undefined && random.below(200) === 0) {
        const unit = 1 + random.below(UNITS);
        // Before the others, which it hides while it lasts.
        dead = { unit, untilMs: time.monotonicMs() + 10_000 + random.below(300_000), end: plc.faults.injectFirst({ kind: 'dead' }, { unit }) };
        counts.deadSpells++;
      }
      if (random.below(500) === 0) {
        counts.unplugged++;
        line.unplug();
      }
      const polls = drivers.map(async (driver, index) => {
        counts.polls++;
        askedAtMs[index + 1] = time.monotonicMs();
        if (!(await driver.poll('fast')).reachable) counts.unreachable++;
      });
      if (cycle % 12 === 0) polls.push(writeOne(1 + random.below(UNITS), cycle & 0xffff));
      await time.advanceWhile(Promise.all(polls), 120_000);
      if (time.monotonicMs() < dueMs) await time.advance(dueMs - time.monotonicMs());
    }
    const counted = drivers[0]!.counters();
    await time.advanceWhile(Promise.all(drivers.map((driver) => driver.stop())), 60_000);
    console.log(`      ${JSON.stringify({ ...counts, spoiltByNoise: line.spoilt, requests: plc.ledger.requestsOf('line') })}`);
    assert.deepEqual({ wrong: counts.wrong, late: counts.late, writesLost: counts.writesLost }, { wrong: 0, late: 0, writesLost: 0 });
    assert.ok(counts.good > 0.85 * cycles * UNITS * REGISTERS, 'the line was of use');
    for (let unit = 1; unit <= UNITS; unit++) assert.ok(goodOf[unit]! > 0.8 * cycles * REGISTERS, `unit ${unit} was heard`);
    assert.ok(counts.unreachable > 0 && counts.deadSpells > 10 && counts.unplugged > 10 && Object.keys(counted).length > 0);

    async function writeOne(unit: number, value: number): Promise<void> {
      try {
        await drivers[unit - 1]!.write({ point: REGISTERS, value, priority: 16, timeoutMs: 3_000, permit: () => true });
        counts.writes++;
        if (plc.unit(unit).get('hr', SETPOINT)[0] !== value) counts.writesLost++;
      } catch (error) {
        assert.ok(isTandemError(error), String(error));
        counts.writesFailed++;
      }
    }
  });
});

function fail(): never {
  throw new Error('the PLC hangs on the line only');
}
