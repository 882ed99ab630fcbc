import assert from 'node:assert/strict';
import { silentLog, type NodeHealth, type RedundancyStatus } from '../../src/contract/index.js';
import { SystemFacts } from '../../src/gateway/system-facts.js';
import { VirtualClock } from '../../simulators/virtual-time/index.js';

function world() {
  const time = new VirtualClock();
  const seen = { free: 2e9, peer: undefined as NodeHealth | undefined };
  const status = { self: { id: 'A', role: 'active' }, peer: { id: 'B', role: 'standby' }, protected: true, sync: { state: 'in-sync', lagFrames: 3 }, certificateDaysLeft: 41 } as unknown as RedundancyStatus;
  const facts = new SystemFacts({
    node: 'A',
    minDiskFreeBytes: 1e9,
    clock: time,
    log: silentLog,
    measure: async () => ({ diskFreeBytes: seen.free, memoryBytes: 150e6 }),
    status: () => status,
    peer: () => seen.peer,
    devices: () => [{ name: 'plc', online: true }, { name: 'ahu', online: false }],
  });
  const timer = time.every(100, () => facts.tick(100));
  return { time, seen, facts, timer };
}

describe('system points', () => {
  it('say what the active node knows of itself, of the other one and of the field', async () => {
    const { time, seen, facts } = world();
    seen.peer = { diskFreeBytes: 5e9, loopStallMs: 12 };
    await time.advance(6_000);
    const expected = { active: 'A', protected: 1, 'sync-lag': 3, 'standby-connected': 1, held: 0, 'devices-offline': 1, 'device/plc': 1, 'device/ahu': 0, 'A/role': 'active', 'active/disk-free': 2_000, 'A/memory': 150, 'A/certificate-days': 41, 'B/disk-free': 5_000, 'standby/loop-stall': 12, 'standby/role': 'standby' };
    for (const [at, value] of Object.entries(expected)) assert.equal(facts.facts().get(at), value, at);
    assert.equal(facts.facts().get('B/memory'), undefined, 'the other node did not say');
  });

  it('remember for a minute or two how long the event loop stood still', async () => {
    const { time, facts, timer } = world();
    await time.advance(5_000);
    assert.equal(facts.health().loopStallMs, 0);
    timer.cancel();
    await time.advance(850);
    facts.tick(100);
    const again = time.every(100, () => facts.tick(100));
    await time.advance(50_000);
    assert.ok(Math.abs((facts.health().loopStallMs ?? 0) - 750) <= 100, String(facts.health().loopStallMs));
    await time.advance(130_000);
    assert.equal(facts.health().loopStallMs, 0);
    again.cancel();
  });

  it('alarm a disk that gets full, of either node, by name', async () => {
    const { time, seen, facts } = world();
    await time.advance(6_000);
    assert.deepEqual(facts.alarms(), []);
    seen.free = 9e8;
    seen.peer = { diskFreeBytes: 1e8, diskLow: true };
    await time.advance(6_000);
    assert.deepEqual(facts.alarms().map(({ name }) => name), ['disk-low/A', 'disk-low/B']);
    assert.match(facts.alarms()[0]?.message ?? '', /node A is nearly full: 900 MB left/);
    assert.equal(facts.health().diskLow, true, 'the other node is told');
  });
});
