import assert from 'node:assert/strict';
import { modbusTcp } from '../../../drivers/modbus/index.js';
import { isGood } from '../../../src/contract/index.js';
import { seededRandom, VirtualClock, type SeededRandom } from '../../../simulators/virtual-time/index.js';
import { hostOf, parse, type RigPoint } from './rig.js';
import { answerTo, ScriptedNetwork, type ScriptedConnection } from './scripted-network.js';

const FRAMES = 100_000;

/** Blocks of different sizes, so that even an answer under another's transaction id cannot pass for it. */
const blockStarts = [0, 100, 200, 300, 400];
const points = Object.fromEntries(blockStarts.flatMap((start, size) =>
  Array.from({ length: size + 1 }, (_, index): [string, RigPoint] => [`P${start + index}`, { at: `hr:${start + index}` }])));

/** What register `address` holds during poll `round`: each value is seen in one round only, so that a late one shows. */
const valueAt = (address: number, round: number): number => (address * 7919 + round * 31) & 0xffff;

/** Spoils the frame, never its data: of the data, Modbus TCP has no check. */
function spoil(frame: Uint8Array, random: SeededRandom, outstanding: readonly Uint8Array[]): readonly Uint8Array[] {
  const at = (index: number): Uint8Array => {
    const copy = frame.slice();
    copy[index] = random.below(256);
    return copy;
  };
  switch (random.below(16)) {
    case 0: return [];
    case 1: return [frame.slice(0, random.below(frame.length))];
    case 2: return [frame, frame];
    case 3: return [Uint8Array.of(...frame, ...Array.from({ length: 1 + random.below(20) }, () => random.below(256)))];
    case 4: return [at(2)];
    case 5: return [at(4)];
    case 6: return [at(5)];
    case 7: return [at(6)];
    case 8: return [at(7)];
    case 9: return [at(8)];
    case 10: {
      const other = outstanding[random.below(outstanding.length)]!;
      return [Uint8Array.of(other[0]!, other[1]!, ...frame.slice(2))];
    }
    case 11: return [Uint8Array.from({ length: 1 + random.below(40) }, () => random.below(256))];
    case 12: return [answerTo(frame, [0x83, random.below(256)])];
    case 13: return [frame.slice(0, 5), frame.slice(5)];
    case 14: return [answerTo(frame, [3])];
    default: return [frame];
  }
}

describe('Modbus driver: spoilt answers', () => {
  it(`${FRAMES} frames from a seed: nothing crashes, and no wrong value is good`, async function () {
    this.timeout(60_000);
    const random = seededRandom('modbus fuzz');
    const time = new VirtualClock();
    const network = new ScriptedNetwork();
    const { device, points: parsed } = parse({ host: 'plc', timeout: '20ms', maxInFlight: 3 }, points);
    const driver = modbusTcp.create(hostOf({ clock: time, timers: time, network, random }), device, parsed);
    let [round, frames, goodValues] = [0, 0, 0];
    const late: Uint8Array[] = [];

    let cutShort: ScriptedConnection | undefined;

    const answer = (connection: ScriptedConnection, request: Uint8Array): void => {
      frames++;
      const [start, count] = [(request[8]! << 8) | request[9]!, (request[10]! << 8) | request[11]!];
      const data = Array.from({ length: count }, (_, index) => valueAt(start + index, round)).flatMap((value) => [value >> 8, value & 0xff]);
      const right = answerTo(request, [3, 2 * count, ...data]);
      if (random.below(12) === 0) late.push(right);
      const stale = random.below(8) === 0 ? late.splice(0) : [];
      const sent = random.below(3) === 0 ? spoil(right, random, connection.frames.slice(-3)) : [right];
      time.after(random.below(10), () => {
        // A device that loses bytes inside a frame and then goes on cannot be found out: there is no check sum.
        // One that falls silent in the middle can.
        if (connection === cutShort) return;
        if (sent[0] !== undefined && sent[0].length < right.length && sent.length === 1) cutShort = connection;
        for (const bytes of [...stale, ...sent]) connection.receive(bytes);
      });
    };
    network.onConnect = (connection) => {
      // Frames that the old connection owed die with it.
      late.length = 0;
      connection.onFrame = (request) => answer(connection, request);
      time.after(1, () => connection.open());
    };
    driver.samples$.subscribe((batch) => {
      for (let row = 0; row < batch.length; row++) {
        if (!isGood(batch.qualities[row]!)) continue;
        goodValues++;
        const { offset } = parsed[batch.points[row]!]!.address;
        assert.equal(batch.values[row], valueAt(offset, round), `hr:${offset} in round ${round}`);
      }
    });
    driver.start('active');
    while (frames < FRAMES) {
      await time.advanceWhile(driver.poll('fast'), 60_000);
      round++;
      if (round % 50 === 0) await time.advance(5000);
    }
    await driver.stop();
    const counters = driver.counters();
    assert.ok(goodValues > FRAMES / 2, `${goodValues} good values`);
    for (const name of ['timeouts', 'late', 'duplicates', 'foreign', 'malformed', 'brokenStreams', 'exceptions']) assert.ok(counters[name]! > 50, `${name}: ${counters[name]!}`);
    assert.equal(time.pending, 0);
  });
});
