import assert from 'node:assert/strict';
import { silentLog, type OutboundRequest, type RedundancySettings } from '../../src/contract/index.js';
import { DeadMan } from '../../src/gateway/dead-man.js';
import { VirtualClock } from '../../simulators/virtual-time/index.js';
import { SETTINGS } from '../redundancy/world.js';

function world(settings: Partial<RedundancySettings>) {
  const time = new VirtualClock();
  const seen = { permit: true, fails: false, status: 200, written: [] as number[], asked: [] as OutboundRequest[] };
  const deadMan = new DeadMan({
    settings: () => ({ ...SETTINGS, ...settings }),
    permit: () => seen.permit,
    pairTime: () => time.wallMs(),
    clock: time,
    log: silentLog,
    write: async (_point, value) => {
      if (seen.fails) throw new Error('no answer');
      seen.written.push(value);
    },
    ask: async (request) => {
      seen.asked.push(request);
      return seen.status;
    },
  });
  time.every(100, () => deadMan.tick());
  return { time, seen, deadMan };
}

describe('dead man\'s handle', () => {
  it('counts up the watchdog while this node may act, and not a moment longer', async () => {
    const { time, seen } = world({ watchdog: { point: 'W', everyMs: 1_000 } });
    await time.advance(10_050);
    assert.ok(seen.written.length >= 9, `${seen.written.length}`);
    assert.equal(new Set(seen.written).size, seen.written.length, 'each time another value');
    assert.ok(seen.written.every((value) => value >= 0 && value < 32_768));
    seen.permit = false;
    const before = seen.written.length;
    await time.advance(10_000);
    assert.equal(seen.written.length, before);
  });

  it('tells a server, and alarms when that or the register fails three times', async () => {
    const { time, seen, deadMan } = world({ watchdog: { point: 'W', everyMs: 1_000 }, deadMan: { url: 'https://watch.example/1', method: 'POST', everyMs: 5_000 } });
    await time.advance(20_050);
    assert.equal(seen.asked.length, 4);
    assert.deepEqual(seen.asked[0], { url: 'https://watch.example/1', method: 'POST', timeoutMs: 5_000 });
    assert.deepEqual(deadMan.alarms(), []);
    seen.fails = true;
    seen.status = 503;
    await time.advance(20_000);
    assert.deepEqual(deadMan.alarms().map(({ name }) => name), ['watchdog', 'dead-man']);
    seen.fails = false;
    seen.status = 204;
    await time.advance(6_000);
    assert.deepEqual(deadMan.alarms(), []);
  });
});
