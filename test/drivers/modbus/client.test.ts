import assert from 'node:assert/strict';
import fc from 'fast-check';
import { reconnectDelayMs } from '../../../drivers/modbus/backoff.js';
import type { LinkAnswer, LinkRequest } from '../../../drivers/modbus/link.js';
import { MbapChannel } from '../../../drivers/modbus/mbap-channel.js';
import { readRequest, writeRegisterRequest } from '../../../drivers/modbus/pdu.js';
import { UnitLink } from '../../../drivers/modbus/unit-link.js';
import { isTandemError } from '../../../src/contract/index.js';
import { seededRandom, VirtualClock } from '../../../simulators/virtual-time/index.js';
import { hostOf } from './rig.js';
import { ScriptedNetwork } from './scripted-network.js';

const read: LinkRequest = { unit: 1, pdu: readRequest('hr', 0, 1), urgent: false, timeoutMs: 100 };
const good = [3, 2, 0, 42];

function setup(maxInFlight = 1) {
  const time = new VirtualClock();
  const network = new ScriptedNetwork();
  const host = hostOf({ clock: time, timers: time, network, random: seededRandom(1) });
  const client = new UnitLink(() => new MbapChannel(host, [{ host: 'plc', port: 502, connectTimeoutMs: 100 }]), 1, maxInFlight);
  client.start();
  /** The outcome of a request, as it stands. */
  const ask = (request: Partial<LinkRequest> = {}) => {
    const outcome: { value: string } = { value: 'pending' };
    client.request({ ...read, ...request }).then(
      (answer: LinkAnswer) => void (outcome.value = Buffer.from(answer.pdu).toString('hex')),
      (error: unknown) => void (outcome.value = isTandemError(error) ? error.code : String(error)),
    );
    return outcome;
  };
  return { time, network, client, ask };
}

describe('Modbus TCP client: answers', () => {
  it('stamps the answer with the wall clock at its receipt', async () => {
    const { time, network, client } = setup();
    network.last.open();
    const answer = client.request(read);
    await time.advance(30);
    const receivedMs = time.wallMs();
    network.last.answer(0, good);
    await time.advance(50);
    assert.equal((await answer).timeMs, receivedMs);
  });

  it('counts the deadline from the writing, not from the queueing', async () => {
    const { time, network, ask } = setup();
    network.last.open();
    const [first, second] = [ask(), ask()];
    await time.advance(90);
    network.last.answer(0, good);
    await time.advance(90);
    assert.deepEqual([first.value, second.value], ['0302002a', 'pending']);
    network.last.answer(1, good);
    await time.settle();
    assert.equal(second.value, '0302002a');
  });

  it('never gives a late answer to the request after it', async () => {
    const { time, network, client, ask } = setup();
    network.last.open();
    const first = ask();
    await time.advance(101);
    const second = ask();
    network.last.answer(0, [3, 2, 0xba, 0xad]);
    await time.settle();
    assert.deepEqual([first.value, second.value, client.counters.late], ['FIELD_TIMEOUT', 'pending', 1]);
    network.last.answer(1, good);
    network.last.answer(1, [3, 2, 0xba, 0xad]);
    network.last.answer(1, good, (frame) => (frame[0]! ^= 0x40));
    await time.settle();
    assert.equal(second.value, '0302002a');
    assert.deepEqual([client.counters.duplicates, client.counters.foreign], [1, 1]);
  });

  it('refuses answers from another unit, of another function, or of another length', async () => {
    const { time, network, client, ask } = setup();
    network.last.open();
    const outcomes = [ask(), ask(), ask(), ask()];
    network.last.answer(0, good, (frame) => (frame[6] = 2));
    network.last.answer(1, [4, 2, 0, 42]);
    network.last.answer(2, [3, 4, 0, 42, 0, 42]);
    network.last.answer(3, [3]);
    await time.settle();
    assert.deepEqual(outcomes.map(({ value }) => value), Array(4).fill('FIELD_MALFORMED'));
    assert.deepEqual([client.counters.foreign, client.counters.malformed, client.counters.answers], [1, 3, 0]);
    assert.equal(network.last.closed, false, 'the stream itself is sound');
  });

  it('tells exceptions from a gateway that has lost the unit', async () => {
    const { time, network, ask } = setup(3);
    network.last.open();
    const outcomes = [ask(), ask(), ask()];
    [2, 0x0a, 0x0b].forEach((code, index) => network.last.answer(index, [0x83, code]));
    await time.settle();
    assert.deepEqual(outcomes.map(({ value }) => value), ['FIELD_REJECTED', 'FIELD_UNREACHABLE', 'FIELD_UNREACHABLE']);
  });

  it('keeps to maxInFlight and takes answers in any order', async () => {
    const { time, network, ask } = setup(3);
    network.last.open();
    const outcomes = Array.from({ length: 7 }, () => ask());
    assert.equal(network.last.frames.length, 3);
    network.last.answer(2, [3, 2, 0, 2]);
    network.last.answer(0, [3, 2, 0, 0]);
    await time.settle();
    assert.equal(network.last.frames.length, 5);
    assert.deepEqual(outcomes.map(({ value }) => value), ['03020000', 'pending', '03020002', 'pending', 'pending', 'pending', 'pending']);
  });

  it('never reuses an id that a request or a late answer may still hold', async () => {
    const { time, network, ask } = setup(2);
    network.last.open();
    ask({ timeoutMs: 50 });
    await time.advance(60);
    ask({ timeoutMs: 1e9 });
    const held = network.last.frames.slice(0, 2).map((frame) => (frame[0]! << 8) | frame[1]!);
    const ids = new Set<number>();
    for (let count = 0; count < 65_700; count++) {
      ask();
      const frame = network.last.frames.at(-1)!;
      ids.add((frame[0]! << 8) | frame[1]!);
      network.last.answer(network.last.frames.length - 1, good);
    }
    await time.settle();
    assert.equal(ids.size, 65_534);
    for (const id of held) assert.equal(ids.has(id), false);
  });
});

describe('Modbus TCP client: connection', () => {
  it('gives up a stream that makes no sense, and connects again', async () => {
    const { time, network, client, ask } = setup();
    network.last.open();
    ask();
    network.last.answer(0, good);
    const outcome = ask();
    network.last.receive(Uint8Array.from(Buffer.from('HTTP/1.1 400 Bad Request')));
    await time.settle();
    assert.deepEqual([outcome.value, network.connections[0]!.closed, client.counters.brokenStreams], ['FIELD_CLOSED', true, 1]);
    await time.advance(100);
    assert.equal(network.connections.length, 2);
  });

  it('settles everything in flight on a reset, and keeps what waits for the next connection', async () => {
    const { time, network, ask } = setup(2);
    network.last.open();
    ask();
    network.last.answer(0, good);
    const outcomes = [ask(), ask(), ask()];
    network.last.close('reset');
    await time.settle();
    assert.deepEqual(outcomes.map(({ value }) => value), ['FIELD_CLOSED', 'FIELD_CLOSED', 'pending']);
    await time.advance(100);
    network.last.open();
    network.last.answer(0, good);
    await time.settle();
    assert.equal(outcomes[2]!.value, '0302002a');
  });

  it('fails at once while the device is away, and connects by itself when it is back', async () => {
    const { time, network, ask } = setup();
    const waiting = ask();
    network.last.close('refused');
    await time.settle();
    const later = ask();
    await time.settle();
    assert.deepEqual([waiting.value, later.value], ['FIELD_UNREACHABLE', 'FIELD_UNREACHABLE']);
    network.onConnect = (connection) => connection.close('refused');
    await time.advance(60_000);
    const attempts = network.connections.length;
    assert.ok(attempts >= 110 && attempts <= 250, `${attempts} attempts in a minute`);
    network.onConnect = (connection) => void time.after(1, () => connection.open());
    await time.advance(5000);
    const outcome = ask();
    network.last.answer(0, good);
    await time.settle();
    assert.equal(outcome.value, '0302002a');
  });

  it('takes a connection that stays silent for half open, and makes a new one', async () => {
    const { time, network, ask } = setup();
    network.last.open();
    const outcomes = [ask(), ask(), ask(), ask()];
    await time.advance(301);
    assert.deepEqual(outcomes.map(({ value }) => value), ['FIELD_TIMEOUT', 'FIELD_TIMEOUT', 'FIELD_TIMEOUT', 'FIELD_UNREACHABLE']);
    assert.equal(network.connections[0]!.closed, true);
  });

  it('gives up a connection whose frame does not come whole', async () => {
    const { time, network, ask } = setup();
    network.last.open();
    const outcome = ask();
    network.last.receive(Uint8Array.of(0, 1, 0, 0, 0, 5));
    await time.advance(101);
    assert.deepEqual([outcome.value, network.last.closed], ['FIELD_TIMEOUT', true]);
  });

  it('stops: settles everything, leaves no connection and no timer', async () => {
    const { time, network, client, ask } = setup(2);
    network.last.open();
    const outcomes = [ask(), ask(), ask()];
    await client.stop();
    await time.settle();
    assert.deepEqual(outcomes.map(({ value }) => value), Array(3).fill('FIELD_CLOSED'));
    assert.deepEqual([network.last.closed, time.pending], [true, 0]);
    assert.equal(ask().value, 'pending');
    await time.advance(10_000);
    assert.equal(network.connections.length, 1);
    client.start();
    network.last.open();
    const again = ask();
    network.last.answer(0, good);
    await time.settle();
    assert.equal(again.value, '0302002a');
  });

  it('waits between attempts longer each time, within limits and never in step', () => {
    fc.assert(fc.property(fc.nat(1000), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, chance) => {
      const delayMs = reconnectDelayMs(attempt, chance);
      assert.ok(delayMs >= 50 && delayMs <= 4000);
      assert.ok(reconnectDelayMs(attempt + 1, chance) >= delayMs);
    }));
    assert.notEqual(reconnectDelayMs(3, 0.1), reconnectDelayMs(3, 0.9));
  });
});

describe('Modbus TCP client: effects', () => {
  const write: Partial<LinkRequest> = { pdu: writeRegisterRequest(0, 7), urgent: true };

  it('lets the urgent pass the others and asks for the permit when the bytes leave', async () => {
    const { time, network, ask } = setup();
    network.last.open();
    ask();
    ask();
    let allowed = true;
    const first = ask({ ...write, permit: () => allowed });
    const second = ask({ ...write, permit: () => allowed });
    network.last.answer(0, good);
    assert.equal(network.last.frames[1]![7], 6, 'the write goes before the read that waited longer');
    allowed = false;
    network.last.answer(1, [6, 0, 0, 0, 7]);
    await time.settle();
    assert.deepEqual([first.value, second.value], ['0600000007', 'FENCED']);
    assert.deepEqual(network.last.frames.map((frame) => frame[7]), [3, 6, 3]);
  });

  it('sends nothing whose time is over, and nothing behind bytes that do not leave', async () => {
    const { time, network, client, ask } = setup();
    const expired = ask({ ...write, permit: () => true, expiresAtMs: 50 });
    await time.advance(60);
    network.last.open();
    network.last.bufferedBytes = 1;
    const stuck = ask({ ...write, permit: () => true });
    await time.settle();
    assert.deepEqual([expired.value, stuck.value, network.last.frames.length], ['FIELD_TIMEOUT', 'FIELD_UNREACHABLE', 0]);
    assert.equal(client.counters.expired, 1);
  });

  it('cuts the connection under a write that nobody waits for any more', async () => {
    const { time, network, ask } = setup();
    network.last.open();
    const outcome = ask({ ...write, permit: () => true });
    await time.advance(101);
    assert.deepEqual([outcome.value, network.connections[0]!.wasReset], ['FIELD_TIMEOUT', true]);
  });

  it('does not take another echo for its own', async () => {
    const { time, network, client, ask } = setup();
    network.last.open();
    const outcome = ask({ ...write, permit: () => true });
    network.last.answer(0, [6, 0, 0, 0, 8]);
    await time.settle();
    assert.deepEqual([outcome.value, client.counters.mismatches], ['FIELD_NOT_VERIFIED', 1]);
  });
});
