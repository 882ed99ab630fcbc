import assert from 'node:assert/strict';
import { detectionBudgetMs, worstDetectionMs } from '../../src/redundancy/index.js';
import { SETTINGS, World, WITNESSED } from './world.js';

/** R11: that each setting does what it says; refusals of unsafe ones are tested with the configuration. */
describe('pair: settings', () => {
  it('notice silence within the stated worst case, and not before the heartbeat budget', async () => {
    for (const settings of [{}, { pingRateMs: 100, missedPings: 4 }, { pingRateMs: 400, missedPings: 2 }, { pingRateMs: 100, pingTimeoutMs: 850 }, WITNESSED]) {
      const world = await new World({ settings }).inSync();
      const { pingRateMs } = world.settings;
      const silenceMs = detectionBudgetMs(world.settings);
      world.a.powerOff();
      const tookMs = await world.until(() => world.b.pair.status().self.role === 'active', 10_000);
      const worstMs = worstDetectionMs(world.settings);
      assert.equal(world.b.pair.status().worstDetectionMs, worstMs);
      // The activation itself (its frame on disk, the answer of a witness) comes on top of the detection.
      assert.ok(tookMs >= silenceMs - pingRateMs && tookMs <= worstMs + pingRateMs + 50, `${tookMs} ms, worst ${worstMs} ms`);
    }
  });

  it('webSocketTimeout: a connection that is not greeted within it is ended', async () => {
    const world = await new World({ settings: { webSocketTimeoutMs: 400 } }).inSync();
    const stranger = world.net.host('10.0.0.9', world.time.node());
    let openedMs = 0;
    let closedMs = 0;
    stranger.transport.dial({ host: world.a.address, port: 7000 }, 1_000, { onOpen: () => (openedMs = world.time.monotonicMs()), onMessage: () => undefined, onClose: () => (closedMs = world.time.monotonicMs()) });
    await world.until(() => closedMs > 0, 5_000);
    assert.ok(Math.abs(closedMs - openedMs - 400) < 10, `${closedMs - openedMs} ms`);
  });

  it('httpConnectTimeout: a path that neither answers nor refuses is waited for that long', async () => {
    const world = await new World({ settings: { withoutWitness: 'prefer-safety', httpConnectTimeoutMs: 100, pingRateMs: 500, missedPings: 2 } }).inSync();
    // The first probe hangs on a cut cable; the next one is due as soon as it has given up.
    world.net.path(world.b.address, world.a.address).cut();
    world.a.kill();
    await world.time.advance(150);
    world.net.path(world.b.address, world.a.address).heal();
    assert.ok((await world.until(() => world.b.role === 'active', 5_000)) < 400);
  });

  it('connectionWait: a node that was alone starts alone after it', async () => {
    for (const connectionWaitMs of [2_000, 5_000]) {
      const world = new World({ settings: { connectionWaitMs } });
      await world.wait(world.a.start());
      await world.wait(world.b.start());
      await world.untilInSync();
      world.b.powerOff();
      await world.time.advance(5_000);
      world.a.kill();
      await world.wait(world.a.start());
      const tookMs = await world.until(() => world.a.role === 'active', 10_000);
      assert.ok(tookMs >= connectionWaitMs && tookMs < connectionWaitMs + 200, `${tookMs} ms`);
    }
  });

  it('are those of the defaults where nothing else is said', () => {
    assert.equal(worstDetectionMs(SETTINGS), 750 + 250 + 50);
  });
});
