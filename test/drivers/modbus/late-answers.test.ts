import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { Bus } from '../../../drivers/modbus/bus.js';
import { serialBus } from '../../../drivers/modbus/bus-settings.js';
import type { LinkAnswer } from '../../../drivers/modbus/link.js';
import { readRequest, writeRegisterRequest } from '../../../drivers/modbus/pdu.js';
import type { Spare } from '../../../drivers/modbus/plan.js';
import { rtuFraming } from '../../../drivers/modbus/rtu.js';
import { UnitLink } from '../../../drivers/modbus/unit-link.js';
import { isTandemError, silentLog, type Network, type TcpEvents } from '../../../src/contract/index.js';
import { seededRandom, VirtualClock } from '../../../simulators/virtual-time/index.js';

const TIMEOUT_MS = 100;
const UNIT = 5;

/** A bus at its port, with the test at the other end of the line. */
class Line {
  readonly time = new VirtualClock();
  /** What the bus has sent, as hexadecimal PDUs. */
  readonly sent: string[] = [];
  readonly link: UnitLink;
  private events: TcpEvents | undefined;

  constructor() {
    const none = (): never => assert.fail('there is a serial port only');
    const network: Network = {
      connectTcp: none, listenTcp: none, openUdp: none,
      openSerial: (target, events) => {
        this.events = events;
        this.time.after(0, () => events.onOpen?.());
        return { remote: { host: target.path, port: 0 }, bufferedBytes: 0, destroy: () => events.onClose('local'), write: (data) => this.sent.push(Buffer.from(data.subarray(1, -2)).toString('hex')) };
      },
    };
    const bus = new Bus({ clock: this.time, timers: this.time, random: seededRandom(1), log: silentLog, network }, serialBus({ path: 'port', baud: 19_200, dataBits: 8, parity: 'even', stopBits: 1 }, 'rtu'));
    this.link = new UnitLink(() => bus, UNIT);
    this.link.start();
  }

  /** The registers that a read gave, or the code of its error. */
  async read(start: number, count: number, spare?: Spare): Promise<readonly number[] | string> {
    return this.outcome(readRequest('hr', start, count), spare).then((answer) => (typeof answer === 'string' ? answer : Array.from({ length: count }, (_, index) => (answer.pdu[2 + 2 * index]! << 8) | answer.pdu[3 + 2 * index]!)));
  }

  outcome(pdu: Uint8Array, spare?: Spare): Promise<LinkAnswer | string> {
    return this.link.request({ unit: UNIT, pdu, urgent: false, timeoutMs: TIMEOUT_MS, ...(spare === undefined ? {} : { spare }) }).catch((error: unknown) => (isTandemError(error) ? error.code : String(error)));
  }

  /** Several frames in one piece. */
  hear(...pdus: readonly (readonly number[])[]): void {
    this.events?.onData(Buffer.concat(pdus.map((pdu) => rtuFraming.encode(UNIT, Uint8Array.from(pdu)))));
  }
}

const registers = (...values: readonly number[]): readonly number[] => [3, 2 * values.length, ...values.flatMap((value) => [value >> 8, value & 0xff])];
const upTo4: Spare = () => 4;

describe('Modbus bus: answers that come late', () => {
  it('after a timeout one register more is read, so that the late answer is known by its length even where the right one is lost', async () => {
    const line = new Line();
    const first = line.read(0, 2, upTo4);
    await line.time.advance(210);
    assert.equal(await first, 'FIELD_TIMEOUT');
    const second = line.read(100, 2, upTo4);
    await line.time.advance(5);
    assert.deepEqual(line.sent, ['0300000002', '0300640003']);
    line.hear(registers(1, 2));
    await line.time.advance(200);
    assert.equal(await second, 'FIELD_TIMEOUT');
    assert.deepEqual([line.link.counters.late, line.link.counters.answers], [1, 0]);
    // Three registers are still owed, two are not any more. (Silent twice, it is left alone for a while.)
    const third = line.read(100, 2, upTo4);
    await line.time.advance(400);
    line.hear(registers(7, 8));
    assert.deepEqual([await third, line.sent.at(-1)], [[7, 8], '0300640002']);
  });

  it('both in one piece, in either order: the right one counts', async () => {
    for (const late of [[registers(1, 2), registers(7, 8, 9)], [registers(7, 8, 9), registers(1, 2)]]) {
      const line = new Line();
      const first = line.read(0, 2, upTo4);
      await line.time.advance(210);
      assert.equal(await first, 'FIELD_TIMEOUT');
      const second = line.read(100, 2, upTo4);
      await line.time.advance(5);
      line.hear(...late);
      assert.deepEqual(await second, [7, 8]);
      await line.time.advance(60);
      assert.equal(line.link.counters.late, 1);
    }
  });

  it('a burst of everything that was asked while the unit was silent for minutes', async () => {
    const line = new Line();
    for (let ask = 0; ask < 12; ask++) {
      const lost = line.read(10 * ask, 2, upTo4);
      await line.time.advance(5_000);
      assert.equal(await lost, 'FIELD_TIMEOUT');
    }
    const asked = line.read(500, 2, upTo4);
    await line.time.advance(5);
    const owed = line.sent.map((pdu, ask) => registers(...Array.from({ length: Number.parseInt(pdu.slice(6), 16) }, () => ask)));
    line.hear(...owed);
    await line.time.advance(200);
    const outcome = await asked;
    assert.ok(['FIELD_MALFORMED', [12, 12]].some((right) => isDeepStrictEqual(right, outcome)), JSON.stringify(outcome));
  });

  it('where nothing more may be read, or the device refuses it, two answers are none', async () => {
    for (const [spare, refuses] of [[undefined, false], [upTo4, true]] as const) {
      const line = new Line();
      const first = line.read(0, 2, spare);
      await line.time.advance(210);
      assert.equal(await first, 'FIELD_TIMEOUT');
      const second = line.read(0, 2, spare);
      await line.time.advance(5);
      if (refuses) {
        line.hear([0x83, 2]);
        await line.time.advance(5);
      }
      assert.equal(line.sent.at(-1), '0300000002');
      line.hear(registers(1, 2), registers(7, 8));
      await line.time.advance(150);
      assert.equal(await second, 'FIELD_MALFORMED');
      // One alone counts, once the whole of its time is over.
      const third = line.read(0, 2, spare);
      await line.time.advance(5);
      line.hear(registers(7, 8));
      await line.time.advance(150);
      assert.deepEqual(await third, [7, 8]);
    }
  });

  it('the echo of an earlier write is not taken for that of the next', async () => {
    const line = new Line();
    const probe = line.read(0, 1);
    await line.time.advance(5);
    line.hear(registers(0));
    await probe;
    const first = line.outcome(writeRegisterRequest(9, 1));
    await line.time.advance(210);
    assert.equal(await first, 'FIELD_TIMEOUT');
    const second = line.outcome(writeRegisterRequest(9, 2));
    await line.time.advance(5);
    line.hear([6, 0, 9, 0, 1]);
    line.hear([6, 0, 9, 0, 2]);
    await line.time.advance(150);
    assert.notEqual(typeof (await second), 'string');
    assert.equal(line.link.counters.late, 1);
  });
});
