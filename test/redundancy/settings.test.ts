import assert from 'node:assert/strict';
import { detectionBudgetMs, settingsToTake, worstDetectionMs } from '../../src/redundancy/index.js';
import type { RedundancySettings } from '../../src/contract/index.js';
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

/** As when a configuration that says so comes into force on both, the active first. */
async function change(world: World, settings: Partial<RedundancySettings>): Promise<void> {
  for (const node of [world.active(), world.other(world.active())]) {
    node.live!.want({ ...node.live!.current, ...settings });
    await world.time.advance(2);
  }
}

/** How often the standby is told something, per second. */
async function beatsPerSecond(world: World): Promise<number> {
  let heard = 0;
  world.b.heard = () => (heard += 1);
  await world.time.advance(10_000);
  world.b.heard = undefined;
  return heard / 10;
}

describe('pair: settings that change under way', () => {
  it('ping rate, budget, lease and worst case follow at once on both, up and down, and the pair stays in sync', async () => {
    const world = await new World().inSync();
    for (const settings of [{ pingRateMs: 50, missedPings: 4, failoverTimeMs: 400 }, { pingRateMs: 1_000, missedPings: 5, failoverTimeMs: 6_000 }, { pingRateMs: 100, missedPings: 3, failoverTimeMs: 500 }]) {
      await change(world, settings);
      for (let i = 0; i < 100; i++) {
        await world.time.advance(100);
        assert.equal(world.a.isInSync, true, `in sync ${i} under ${JSON.stringify(settings)}`);
      }
      const rate = await beatsPerSecond(world);
      assert.ok(rate >= 900 / settings.pingRateMs && rate <= 1_300 / settings.pingRateMs, `${rate} beats a second`);
      for (const node of world.nodes) assert.equal(node.pair.status().worstDetectionMs, worstDetectionMs({ ...SETTINGS, ...settings }));
    }
    assert.match(JSON.stringify(world.a.pair.status().events), /settings changed.*pingRate 1000 ms → 100 ms/);
    world.a.powerOff();
    const tookMs = await world.until(() => world.b.role === 'active', 5_000);
    assert.ok(tookMs <= worstDetectionMs({ ...SETTINGS, pingRateMs: 100, missedPings: 3, failoverTimeMs: 500 }) + 150, `${tookMs} ms`);
    assert.deepEqual(world.errors, []);
  });

  it('a longer lease waits for the other node: frozen before that, the active is fenced by the shorter one', async () => {
    const world = await new World().inSync();
    world.cut();
    // Only the active has it, and the standby does not know: it goes by 750 ms.
    world.a.live!.want({ ...SETTINGS, pingRateMs: 2_000, missedPings: 5, failoverTimeMs: 12_000 });
    await world.time.advance(60);
    world.a.freeze();
    await world.until(() => world.b.role === 'active');
    world.a.thaw();
    assert.equal(world.a.permitted, false);
  });

  it('policies follow: recovery, drill, arbitration, retry count, confirmation', async () => {
    const world = await new World().inSync();
    await change(world, { recovery: 'automatic', arbitration: 'priority', retryCount: 3, confirmWaitMs: 300, fieldSwitch: { margin: 4, holdMs: 9_000 } });
    const { recovery, arbitration, fieldSwitch } = world.b.pair.status();
    assert.deepEqual({ recovery: recovery.mode, arbitration, fieldSwitch }, { recovery: 'automatic', arbitration: 'priority', fieldSwitch: { margin: 4, holdMs: 9_000 } });
    world.net.path(world.b.address, world.a.address).cut();
    const askedMs = world.time.monotonicMs();
    assert.equal(await world.wait(world.a.confirmed('k', 1)), 'unprotected');
    assert.ok(world.time.monotonicMs() - askedMs < 400);
    world.net.path(world.b.address, world.a.address).heal();
    await world.untilInSync();
    world.a.kill();
    await world.until(() => world.b.role === 'active');
    await world.wait(world.a.start());
    // The restarted node reads its own configuration; in these tests that is the first one.
    world.a.live!.want({ ...SETTINGS, recovery: 'automatic' });
    await world.until(() => world.a.role === 'active', 60_000);
  });

  it('what has been promised to a witness waits for the next start, and is told', async () => {
    const world = await new World({ settings: WITNESSED }).inSync();
    await change(world, { pingRateMs: 100, witness: { ...WITNESSED.witness!, leaseMs: 700 }, recoveryHoldMs: 9_000 });
    for (const node of world.nodes) {
      assert.deepEqual(node.pair.status().settingsWaiting, ['witness', 'pingRate']);
      assert.equal(node.live!.current.pingRateMs, 250);
      assert.equal(node.live!.current.recoveryHoldMs, 9_000);
      const rows = node.live!.rows({ id: 'A', mode: 'main', data: '/d', url: '', console: { host: 'a', port: 1 }, link: { host: 'a', port: 8099 } }, 'on');
      assert.deepEqual(rows.find(({ name }) => name === 'pingRate'), { name: 'pingRate', source: 'site', inForce: '250 ms', configured: '100 ms', needsRestart: true });
      assert.deepEqual(rows.find(({ name }) => name === 'listen.link'), { name: 'listen.link', source: 'node', inForce: 'a:8099', needsRestart: false });
    }
    assert.deepEqual(settingsToTake(SETTINGS, { ...SETTINGS, witness: WITNESSED.witness! }).waiting, ['witness'], 'to have one at all, too');
  });
});
