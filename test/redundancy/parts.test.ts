import assert from 'node:assert/strict';
import type { NodeMode, NodeState, Role } from '../../src/contract/index.js';
import { initialRoleState, PairClock } from '../../src/redundancy/index.js';
import { Lease } from '../../src/redundancy/lease.js';
import { ownState, peerState } from '../../src/redundancy/status.js';
import { Visibility } from '../../src/redundancy/visibility.js';
import { EMPTY_BATCH, type Frame } from '../../src/image/index.js';
import { VirtualClock } from '../../simulators/virtual-time/index.js';

describe('pair clock', () => {
  it('begins at the wall clock and runs with it', async () => {
    const time = new VirtualClock();
    const clock = new PairClock(time);
    assert.equal(clock.now(), time.wallMs());
    await time.advance(10_000);
    assert.equal(clock.now(), time.wallMs());
  });

  it('slews to a wall clock that was set, by 5 % of the time that passes, and never goes back', async () => {
    const time = new VirtualClock();
    const clock = new PairClock(time);
    const began = clock.now();
    for (const step of [-60_000, 120_000]) {
      time.stepWall(step);
      let last = clock.now();
      for (let i = 0; i < 50; i++) {
        await time.advance(100);
        const now = clock.now();
        const passed = now - last;
        assert.ok(passed >= 95 - 1e-6 && passed <= 105 + 1e-6, `${passed} ms in 100 ms`);
        last = now;
      }
    }
    await time.advance(3 * 3_600_000);
    assert.ok(Math.abs(clock.now() - time.wallMs()) < 1);
    assert.ok(clock.now() > began);
  });

  it('takes over a time that is ahead, and passes over one that is behind', async () => {
    const time = new VirtualClock();
    const clock = new PairClock(time);
    const now = clock.now();
    clock.observe(now + 5_000);
    assert.equal(clock.now(), now + 5_000);
    clock.observe(now - 5_000);
    assert.equal(clock.now(), now + 5_000);
    await time.advance(100);
    assert.ok(clock.now() > now + 5_000);
  });

  it('asked several times in one instant does not move', () => {
    const clock = new PairClock(new VirtualClock());
    assert.equal(clock.now(), clock.now());
  });
});

describe('lease', () => {
  it('permits while the loop turns and the role says so, and ends by itself', async () => {
    const time = new VirtualClock();
    const lease = new Lease(time, 300);
    assert.equal(lease.permits(), false);
    lease.renew(true);
    await time.advance(300);
    assert.equal(lease.permits(), true);
    assert.equal(lease.stalledMs(), 0);
    await time.advance(1);
    assert.equal(lease.permits(), false);
    assert.equal(lease.stalledMs(), 301);
    lease.renew(false);
    assert.equal(lease.permits(), false);
    lease.renew(true);
    lease.close();
    assert.equal(lease.permits(), false);
  });
});

function frame(seq: number): Frame {
  return { epoch: { number: 1, node: 'A', nonce: 'n' }, seq, fromSeq: seq, revision: 'r', pairTimeMs: 0, values: EMPTY_BATCH, samples: EMPTY_BATCH, puts: [], logs: [] };
}

describe('visibility', () => {
  function rig(): { time: VirtualClock; visibility: Visibility; seen: number[] } {
    const time = new VirtualClock();
    const visibility = new Visibility(time, time, 250);
    visibility.begin(0);
    const seen: number[] = [];
    visibility.visible$.subscribe(({ seq }) => void seen.push(seq));
    return { time, visibility, seen };
  }

  it('shows a frame at once where nobody is waited for', () => {
    const { visibility, seen } = rig();
    visibility.add(frame(1), false);
    assert.deepEqual(seen, [1]);
  });

  it('shows what was acknowledged, and keeps the rest', () => {
    const { visibility, seen } = rig();
    for (const seq of [1, 2, 3]) visibility.add(frame(seq), true);
    assert.deepEqual(seen, []);
    visibility.acknowledge(2);
    assert.deepEqual(seen, [1, 2]);
    visibility.releaseAll();
    assert.deepEqual(seen, [1, 2, 3]);
  });

  it('waits 250 ms for a slow standby and no longer, frame by frame', async () => {
    const { time, visibility, seen } = rig();
    visibility.add(frame(1), true);
    await time.advance(100);
    visibility.add(frame(2), true);
    await time.advance(149);
    assert.deepEqual(seen, []);
    await time.advance(1);
    assert.deepEqual(seen, [1]);
    await time.advance(100);
    assert.deepEqual(seen, [1, 2]);
    assert.equal(time.pending, 0);
  });

  it('keeps the order when the standby is lost while frames wait', () => {
    const { visibility, seen } = rig();
    visibility.add(frame(1), true);
    visibility.add(frame(2), false);
    assert.deepEqual(seen, []);
    visibility.acknowledge(1);
    assert.deepEqual(seen, [1, 2]);
  });

  it('tells who waits for a frame when it can be seen', async () => {
    const { visibility } = rig();
    const order: string[] = [];
    const waiting = visibility.whenVisible(2).then(() => order.push('seen'));
    visibility.add(frame(1), true);
    visibility.add(frame(2), true);
    order.push('added');
    visibility.acknowledge(2);
    await waiting;
    await visibility.whenVisible(1);
    assert.deepEqual(order, ['added', 'seen']);
  });
});

/** R2, all of it. */
describe('what is shown of a node', () => {
  const own: Readonly<Record<Role, NodeState>> = { starting: 'unknown', standby: 'standby', active: 'running', yielding: 'running' };
  const roles = Object.keys(own) as Role[];

  for (const role of roles) it(`itself as ${role}: ${own[role]}`, () => assert.equal(ownState(role), own[role]));

  for (const mode of ['main', 'backup'] as const satisfies readonly NodeMode[]) {
    for (const role of roles) {
      const { peer } = initialRoleState('following', { epoch: 0, seq: 0 }, false, 0);
      for (const told of [...roles, 'unknown'] as const) {
        const expected = told === 'unknown' ? 'unknown' : own[told];
        it(`the other one, connected, that is ${told} (to a ${role} ${mode}): ${expected}`, () => assert.equal(peerState({ ...peer, link: 'up', role: told }, mode, role), expected));
      }
      const lost = role === 'starting' ? 'unknown' : mode === 'main' ? 'disconnected' : 'faulted';
      it(`the other one, not connected (to a ${role} ${mode}): ${lost}`, () => assert.equal(peerState({ ...peer, link: 'down', role: 'active' }, mode, role), lost));
    }
  }
});
