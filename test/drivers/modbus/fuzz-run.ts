import assert from 'node:assert/strict';
import { modbusRtuTcp, modbusTcp } from '../../../drivers/modbus/index.js';
import { isGood, isTandemError, type Driver } from '../../../src/contract/index.js';
import { seededRandom, VirtualClock } from '../../../simulators/virtual-time/index.js';
import { parseBus, sharingHost } from './bus-rig.js';
import { framingOf, mangled, Oracle, type Asked, type FuzzTransport } from './fuzz-line.js';
import { parse, type RigPoint } from './rig.js';
import { ScriptedNetwork, type ScriptedConnection } from './scripted-network.js';

const TIMEOUT_MS = 20;
const UNITS = 3;
/** Two blocks of different sizes. */
const blocks = [{ start: 0, count: 4 }, { start: 100, count: 2 }];
const points = Object.fromEntries(blocks.flatMap(({ start, count }) => Array.from({ length: count }, (_, index): [string, RigPoint] => [`R${start + index}`, { at: `hr:${start + index}`, write: { verify: 'none' } }])));

/** What a register holds in one round; seen in one round only, so that an old value shows. */
const valueAt = (unit: number, register: number, round: number): number => (unit * 977 + register * 7_919 + round * 31) & 0xffff;

/** Frames of `transport` from `seed`, spoilt in every way, until `wanted` were sent: nothing crashes or hangs, and nothing is good that the device did not send. */
export async function fuzzLine(transport: FuzzTransport, wanted: number, seed: string): Promise<void> {
  const random = seededRandom(seed);
  const time = new VirtualClock();
  const network = new ScriptedNetwork();
  /** One for each connection of this round. */
  let oracles: { oracle: Oracle; connection: ScriptedConnection }[] = [];
  const framing = framingOf(transport);
  const host = sharingHost({ clock: time, timers: time, network, random });
  let [round, sent, good, settledWrites] = [0, 0, 0, 0];
  let others: Uint8Array[] = [];
  const drivers = Array.from({ length: UNITS }, (_, index): Driver => {
    const unit = index + 1;
    const common = { host: 'plc', port: 502, unit, timeout: `${TIMEOUT_MS}ms` };
    const module = transport === 'tcp' ? modbusTcp : modbusRtuTcp;
    const parsed = transport === 'tcp' ? parse({ ...common, maxInFlight: 3 }, points) : parseBus(modbusRtuTcp, { ...common, framing: transport }, points);
    const driver = module.create(host, parsed.device as never, parsed.points);
    driver.samples$.subscribe((batch) => {
      for (let row = 0; row < batch.length; row++) {
        if (!isGood(batch.qualities[row]!)) continue;
        good++;
        const { offset } = parsed.points[batch.points[row]!]!.address;
        assert.ok(oracles.some(({ oracle }) => oracle.wasSent(unit, offset, batch.values[row]!)), `unit ${unit} hr:${offset} is ${batch.values[row]!} in round ${round}, frame ${sent}: never sent`);
      }
    });
    return driver;
  });

  const answer = (connection: ScriptedConnection, oracle: Oracle, asked: Asked): void => {
    const registers = Array.from({ length: asked.count }, (_, index) => valueAt(asked.unit, asked.start + index, round));
    const pieces = mangled(transport, asked, registers, others, random);
    sent += Math.max(1, pieces.length);
    others = [...others.slice(-3), ...pieces];
    // Most in time, some after the deadline.
    let delayMs = random.below(10) === 0 ? TIMEOUT_MS - 3 + random.below(TIMEOUT_MS) : random.below(3);
    for (const piece of pieces) {
      time.after(delayMs, () => {
        if (connection.closed) return;
        oracle.received(piece);
        connection.receive(piece);
      });
      delayMs += random.below(3);
    }
  };
  network.onConnect = (connection) => {
    const requests = framingOf(transport);
    const oracle = new Oracle(transport);
    oracles.push({ oracle, connection });
    connection.onFrame = (frame) => {
      for (const { unit, pdu, transaction } of requests.read(frame) ?? []) {
        if (pdu[0] !== 3) {
          // A write: answered rightly or not at all. What it does on the line is over by then.
          if (random.below(2) === 0) time.after(1, () => connection.receive(framing.encode(unit, pdu, transaction)));
          continue;
        }
        const asked: Asked = { unit, transaction, start: (pdu[1]! << 8) | pdu[2]!, count: (pdu[3]! << 8) | pdu[4]! };
        oracle.asked(asked);
        answer(connection, oracle, asked);
      }
    };
    time.after(1, () => connection.open());
  };
  for (const driver of drivers) driver.start('active');
  while (sent < wanted) {
    oracles = oracles.filter(({ connection }) => !connection.closed);
    for (const { oracle } of oracles) oracle.newRound();
    await time.advanceWhile(Promise.all(drivers.map((driver) => driver.poll('fast'))), 60_000);
    round++;
    if (round % 40 === 0) {
      const write = drivers[round % UNITS]!.write({ point: round % 6, value: round & 0xff, priority: 16, timeoutMs: 500, permit: () => true });
      await time.advanceWhile(write.catch((error: unknown) => assert.ok(isTandemError(error), String(error))), 60_000);
      settledWrites++;
    }
    // Refused registers are asked for again after a minute.
    if (round % 25 === 0) await time.advance(61_000);
  }
  await Promise.all(drivers.map((driver) => driver.stop()));
  const counted: Record<string, number> = {};
  for (const driver of drivers) for (const [name, count] of Object.entries(driver.counters())) counted[name] = (counted[name] ?? 0) + count;
  assert.ok(good > wanted / 4, `${good} good values`);
  assert.ok(settledWrites > 0);
  for (const name of ['timeouts', 'malformed', 'exceptions', 'answers']) assert.ok(counted[name]! > wanted / 10_000, `${name}: ${counted[name]!}`);
  await time.advance(120_000);
  assert.equal(time.pending, 0);
}
