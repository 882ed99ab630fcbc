import assert from 'node:assert/strict';
import { seededRandom, VirtualClock, VIRTUAL_START_MS } from '../../simulators/virtual-time/index.js';

describe('virtual time', () => {
  it('runs events in the order of their time, then of their asking, and lets promises go on between them', async () => {
    const time = new VirtualClock();
    const seen: string[] = [];
    time.after(20, () => seen.push('c'));
    time.after(10, () => {
      seen.push('a');
      void Promise.resolve().then(() => Promise.resolve()).then(() => seen.push('a, continued'));
    });
    time.after(10, () => seen.push('b'));
    await time.advance(15);
    assert.deepEqual(seen, ['a', 'a, continued', 'b']);
    assert.equal(time.monotonicMs(), 15);
    await time.advance(5);
    assert.deepEqual(seen.at(-1), 'c');
    assert.equal(time.pending, 0);
  });

  it('keeps periods without drift and lets a period cancel itself', async () => {
    const time = new VirtualClock();
    const at: number[] = [];
    const timer = time.every(100, () => {
      at.push(time.monotonicMs());
      if (at.length === 3) timer.cancel();
    });
    await time.advance(1_000);
    assert.deepEqual(at, [100, 200, 300]);
    assert.equal(time.pending, 0);
  });

  it('runs what waits for I/O after all that is due in the same instant', async () => {
    const time = new VirtualClock();
    const seen: string[] = [];
    time.after(10, () => {
      time.afterIo(() => seen.push('after io'));
      time.after(0, () => seen.push('delivered in the same instant'));
    });
    time.after(10, () => seen.push('also due'));
    await time.advance(10);
    assert.deepEqual(seen, ['also due', 'delivered in the same instant', 'after io']);
  });

  it('hands on what an event throws and can be advanced again', async () => {
    const time = new VirtualClock();
    time.after(1, () => {
      throw new RangeError('planted');
    });
    await assert.rejects(time.advance(10), /planted/);
    await time.advance(10);
    assert.equal(time.monotonicMs(), 11);
  });

  it('finds an endless loop at one instant', async () => {
    const time = new VirtualClock();
    const again = (): void => void time.after(0, again);
    again();
    await assert.rejects(time.advance(1), /stands still/);
  });

  it('waits for a condition or a promise and says when it does not come', async () => {
    const time = new VirtualClock();
    let ready = false;
    time.after(70, () => (ready = true));
    assert.equal(await time.advanceUntil(() => ready, 1_000), 70);
    await assert.rejects(time.advanceUntil(() => !ready, 50), /50 ms of virtual time/);
    const answer = new Promise<number>((resolve) => void time.after(30, () => resolve(42)));
    assert.equal(await time.advanceWhile(answer, 100), 42);
  });

  it('moves wall time apart from monotonic time', async () => {
    const time = new VirtualClock();
    time.stepWall(-5_000);
    await time.advance(1_000);
    assert.equal(time.wallMs(), VIRTUAL_START_MS - 4_000);
    assert.equal(time.monotonicMs(), 1_000);
  });

  it('freezes one machine while the other goes on, and halts it for good', async () => {
    const time = new VirtualClock();
    const a = time.node({ wallOffsetMs: 250 });
    const b = time.node();
    const seen: string[] = [];
    a.every(100, () => seen.push(`a ${time.monotonicMs()}`));
    b.every(200, () => seen.push(`b ${time.monotonicMs()}`));
    assert.equal(a.wallMs() - b.wallMs(), 250);
    await time.advance(100);
    a.freeze();
    await time.advance(350);
    a.thaw();
    await time.advance(60);
    assert.deepEqual(seen, ['a 100', 'b 200', 'b 400', 'a 450', 'a 500']);
    a.halt();
    assert.equal(a.pending, 0);
    await time.advance(200);
    assert.deepEqual(seen.at(-1), 'b 600');
  });

  it('gives the same chance for the same seed, and streams that do not disturb each other', () => {
    const draw = (seed: string): number[] => {
      const random = seededRandom(seed);
      return Array.from({ length: 8 }, () => random.next());
    };
    assert.deepEqual(draw('x'), draw('x'));
    assert.notDeepEqual(draw('x'), draw('y'));
    const world = seededRandom(7);
    const fork = world.fork('network').next();
    world.next();
    assert.equal(world.fork('network').next(), fork);
    assert.match(world.hex(8), /^[0-9a-f]{16}$/);
    assert.ok(Array.from({ length: 1000 }, () => world.below(3)).every((value) => value >= 0 && value < 3));
  });
});
