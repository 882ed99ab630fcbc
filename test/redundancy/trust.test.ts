import assert from 'node:assert/strict';
import { MemoryTrust } from './memory-trust.js';
import type { TestNode } from './node.js';
import { World } from './world.js';

/** A pair with TLS on both; `pinned` as by node documents. */
async function started({ pinned = false, days = 1_000 } = {}): Promise<World> {
  const world = new World();
  for (const node of world.nodes) node.certificates = new MemoryTrust(node.id, days);
  if (pinned) for (const node of world.nodes) node.certificates!.pins = [{ fingerprint: world.other(node).certificates!.own().fingerprint, name: 'peer' }];
  await world.wait(Promise.all(world.nodes.map(async (node) => node.start())));
  return world;
}

const approve = (world: World, node: TestNode): void => void node.trust!.act('approve', world.other(node).certificates!.own().fingerprint, 'anna');
const approveConnection = (world: World, node: TestNode): void => void node.trust!.act('approve-connection', world.other(node).certificates!.own().fingerprint, 'anna');
const revoke = (world: World, node: TestNode): void => void node.trust!.act('revoke', world.other(node).certificates!.own().fingerprint, 'anna');

describe('trust: the pair', () => {
  it('lists unknown certificates on both sides, and forms when both and the connection are approved', async () => {
    const world = await started();
    await world.time.advance(1_000);
    for (const node of world.nodes) {
      const [pending] = node.trust!.status().certificates;
      assert.equal(pending?.fingerprint, world.other(node).certificates!.own().fingerprint);
      assert.equal(pending.state, 'pending');
      assert.match(node.pair.status().sync.reason ?? '', /^certificate: that of [AB] .* waits for approval/);
      assert.equal(node.pair.status().sync.state, 'refused');
    }
    approve(world, world.a);
    await world.time.advance(3_000);
    assert.match(world.a.pair.status().sync.reason ?? '', /waits for approval at node B/, 'one side is not enough');
    approve(world, world.b);
    await world.time.advance(3_000);
    assert.match(world.b.pair.status().sync.reason ?? '', /the connection with A .* waits for approval/);
    approveConnection(world, world.b);
    await world.untilInSync();
    assert.equal(world.a.trust!.status().certificates[0]?.by, 'the other node', 'the word of one travels to the other');
    for (const node of world.nodes) assert.equal(node.pair.status().tls, 'on');
  });

  it('an unapproved backup never becomes active, however long it is alone; the main does', async () => {
    const world = await started();
    await world.until(() => world.a.role === 'active', 10_000);
    world.a.kill();
    await world.time.advance(600_000);
    assert.equal(world.b.role, 'starting');
    assert.equal(world.b.pair.status().barred, 'no connection with a main has been approved');
    assert.ok(world.b.pair.status().alarms!.some((alarm) => alarm.includes('does not take over')));
  });

  it('starts by itself with fingerprints in the node documents, and fails over like any other', async () => {
    const world = await started({ pinned: true });
    await world.untilInSync();
    world.a.kill();
    await world.until(() => world.b.role === 'active', 2_000);
  });

  for (const [where, revoker] of [['the active', 'a'], ['the standby', 'b']] as const) {
    it(`revoked at ${where} while connected: the link ends at once, and nobody takes over`, async () => {
      const world = await started({ pinned: true });
      await world.untilInSync();
      revoke(world, world[revoker]);
      await world.time.advance(200);
      assert.equal(world.a.isInSync, false);
      for (const node of world.nodes) {
        assert.equal(node.pair.status().sync.state, 'refused');
        assert.match(node.pair.status().sync.reason ?? '', /has been revoked at node/);
      }
      await world.time.advance(300_000);
      assert.equal(world.a.role, 'active');
      assert.equal(world.b.role, 'standby');
      world[revoker].certificates!.pins = [];
      world[revoker].trust!.act('approve', world.other(world[revoker]).certificates!.own().fingerprint, 'anna');
      world[revoker].trust!.act('approve-connection', world.other(world[revoker]).certificates!.own().fingerprint, 'anna');
      await world.untilInSync();
    });
  }

  it('a partner that comes back with another certificate is a stranger until it is approved, and is shown', async () => {
    const world = await started({ pinned: true });
    await world.untilInSync();
    world.a.kill();
    await world.until(() => world.b.role === 'active', 5_000);
    // The machine was replaced: its key is another one, and it knows nobody.
    world.a.certificates = new MemoryTrust('A replaced');
    await world.wait(world.a.start());
    await world.time.advance(60_000);
    assert.equal(world.b.role, 'active');
    assert.equal(world.a.role, 'starting', 'the backup is active and says so even to a stranger');
    assert.match(world.b.pair.status().sync.reason ?? '', /certificate: that of A replaced .* waits for approval at node B/);
    assert.ok(world.b.pair.status().alarms!.some((alarm) => alarm.includes('A replaced')), 'alarmed beside the approved one');
    for (const node of world.nodes) approve(world, node);
    approveConnection(world, world.b);
    await world.untilInSync();
  });

  it('hands over to a renewed certificate without a gap, and both accept no other after it', async () => {
    const world = await started({ pinned: true, days: 89 });
    const old = { a: world.a.certificates!.own().fingerprint, b: world.b.certificates!.own().fingerprint };
    await world.untilInSync();
    await world.until(() => world.a.certificates!.own().fingerprint !== old.a && world.b.certificates!.own().fingerprint !== old.b, 5_000);
    assert.equal(world.a.isInSync, true, 'the link has not been touched');
    for (const node of world.nodes) {
      world.other(node).kill();
      await world.until(() => node.role === 'active', 5_000);
      await world.wait(world.other(node).start());
      await world.untilInSync();
    }
    for (const node of world.nodes) {
      const known = node.trust!.status().certificates;
      assert.deepEqual(known.map(({ fingerprint, state }) => [fingerprint, state]), [[world.other(node).certificates!.own().fingerprint, 'approved']]);
    }
  });

  it('counts the days and alarms when renewal has not worked', async () => {
    const world = new World();
    world.a.certificates = new MemoryTrust('A', 20);
    world.a.certificates.pins = [{ fingerprint: new MemoryTrust('B').own().fingerprint, name: 'B' }];
    await world.wait(world.a.start());
    await world.time.advance(10_000);
    const { certificateDaysLeft, alarms } = world.a.pair.status();
    assert.ok(certificateDaysLeft! <= 20);
    assert.ok(alarms!.some((alarm) => /the certificate of this node ends in \d+ days, and its successor is not known to every partner/.test(alarm)), alarms!.join());
  });

  for (const [fate, lose] of [['is killed', 'kill'], ['is frozen', 'freeze']] as const) {
    it(`a stranger who keeps calling does not keep the active alive that ${fate}`, async () => {
      const world = await started({ pinned: true });
      await world.untilInSync();
      const stranger = callFrom(world, '10.0.0.9', new MemoryTrust('stranger'));
      await world.time.advance(1_000);
      assert.equal(world.b.isInSync || world.b.pair.status().protected, true, 'nor does it disturb the pair');
      world.a[lose]();
      const tookMs = await world.until(() => world.b.role === 'active', 5_000);
      assert.ok(tookMs <= 1_500, `took over after ${tookMs} ms`);
      assert.ok(stranger.refused > 5, `called ${stranger.refused} times`);
      assert.equal(world.b.pair.status().sync.reason, undefined, 'a stranger is not the partner');
    });
  }

  it('who calls from where the partner was is not taken for dead, whatever it shows: its key may be lost', async () => {
    const world = await started({ pinned: true });
    await world.untilInSync();
    world.b.kill();
    await world.time.advance(2_000);
    world.a.kill();
    // The backup, which was not in sync when it stopped, waits for the main; that has another key, and says so.
    world.a.certificates = new MemoryTrust('A replaced');
    await world.wait(Promise.all([world.a.start(), world.b.start()]));
    await world.time.advance(120_000);
    assert.notEqual(world.b.role, 'active');
    assert.match(world.b.pair.status().sync.reason ?? '', /that of A replaced .* waits for approval/);
  });
});

/** A machine that is nobody's partner calls the link of node B every 100 ms. */
function callFrom(world: World, address: string, certificates: MemoryTrust): { refused: number } {
  const machine = world.time.node();
  const host = world.net.host(address, machine);
  host.certificate = () => certificates.own();
  const calls = { refused: 0 };
  machine.every(100, () => {
    host.transport.dial({ host: world.b.address, port: 7000 }, 1_000, {
      onMessage: (message) => {
        if (String(message).includes('"refuse"')) calls.refused += 1;
      },
      onClose: () => undefined,
    });
  });
  return calls;
}
