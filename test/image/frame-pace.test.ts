import assert from 'node:assert/strict';
import { nextCutMs, paced, UNPACED, type PaceState } from '../../src/image/frame-pace.js';
import { seededRandom } from '../../simulators/virtual-time/index.js';

const rules = { frameMs: 20, quickMs: 5, burst: 6 };

/** Frames of changes that come at these times, each as soon as it may be cut. */
function cutsFor(changes: readonly number[]): number[] {
  let state: PaceState = UNPACED;
  const cuts: number[] = [];
  for (const atMs of changes) {
    if (atMs <= (cuts.at(-1) ?? -1)) continue;
    const cutMs = Math.max(atMs, nextCutMs(rules, state));
    cuts.push(cutMs);
    state = paced(rules, state, cutMs);
  }
  return cuts;
}

describe('pace of frames', () => {
  it('a change in quiet is framed at once', () => {
    assert.deepEqual(cutsFor([0, 1_000, 2_000]), [0, 1_000, 2_000]);
  });

  it('what quiet has saved up is spent, then the average holds; quiet saves up again', () => {
    const busy = Array.from({ length: 300 }, (_, ms) => ms);
    const cuts = cutsFor(busy);
    assert.deepEqual(cuts.slice(0, 5), [0, 5, 10, 15, 20]);
    assert.deepEqual(cuts.slice(-4).map((at, i, all) => at - (all[i - 1] ?? at)), [0, 20, 20, 20]);
    const later = cutsFor([...busy, ...busy.map((ms) => ms + 1_000)]).filter((at) => at >= 1_000);
    assert.deepEqual(later.slice(0, 5), [1_000, 1_005, 1_010, 1_015, 1_020]);
  });

  it('whatever comes, no more frames than the average and a burst, and nothing waits longer than an average frame', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const random = seededRandom(seed);
      const changes: number[] = [];
      for (let at = 0; at < 20_000; at += random.next() < 0.05 ? random.next() * 400 : random.next() * 8) changes.push(at);
      const cuts = cutsFor(changes);
      for (let from = 0; from < cuts.length; from++) {
        for (const frames of [2, 5, 20, 100]) {
          const [first, last] = [cuts[from] as number, cuts[from + frames - 1]];
          if (last === undefined) continue;
          assert.ok(frames <= (last - first) / rules.frameMs + rules.burst + 1 + 1e-9, `seed ${seed}: ${frames} frames within ${last - first} ms`);
          assert.ok(last - first >= (frames - 1) * rules.quickMs - 1e-9, `seed ${seed}: ${frames} frames within ${last - first} ms`);
        }
      }
      for (const at of changes) assert.ok(cuts.some((cut) => cut >= at && cut <= at + rules.frameMs + 1e-9), `seed ${seed}: the change at ${at} waits`);
    }
  });

  it('records that do not wait put nothing else off for longer than an average frame', () => {
    let state: PaceState = UNPACED;
    for (let ms = 0; ms < 1_000; ms++) state = paced(rules, state, ms);
    assert.ok(nextCutMs(rules, state) - 999 <= rules.frameMs);
  });
});
