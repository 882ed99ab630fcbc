import assert from 'node:assert/strict';
import { system } from '../../../drivers/system/index.js';
import { qualityOf, silentLog, type DriverHost, type DriverPoint, type PointValue, type SampleBatch } from '../../../src/contract/index.js';
import { seededRandom, VirtualClock } from '../../../simulators/virtual-time/index.js';

function parsed(at: string): { kind: string | undefined; errors: string[] } {
  const errors: string[] = [];
  const problems = { error: (_code: string, message: string) => void errors.push(message), warning: () => undefined };
  return { kind: system.parsePoint({ at }, {}, { problems } as unknown as Parameters<typeof system.parsePoint>[2])?.kind, errors };
}

describe('driver system', () => {
  it('knows what it can be asked for, and says so', () => {
    for (const [at, kind] of [['active', 'text'], ['protected', 'boolean'], ['sync-lag', 'number'], ['device/plc 1', 'boolean'], ['A/disk-free', 'number'], ['standby/role', 'text']] as const) assert.deepEqual(parsed(at), { kind, errors: [] });
    for (const at of ['disk-free', 'A/disk', 'a b/memory', 'device/', 'constructor', 'A/constructor']) {
      const { kind, errors } = parsed(at);
      assert.equal(kind, undefined, at);
      assert.match(errors.join(), /is nothing that the system knows: active, protected, .*active\/certificate-days/);
    }
  });

  it('tells what is known as good values, and what is not as bad ones', async () => {
    const facts = new Map<string, PointValue>([['active', 'A'], ['A/memory', 120]]);
    const time = new VirtualClock();
    const host = { device: 'system', clock: time, timers: time, random: seededRandom(1), log: silentLog, facts: () => facts } as unknown as DriverHost;
    const points = ['active', 'A/memory', 'standby/memory'].map((address, id): DriverPoint<string> => ({ id, name: address, kind: id === 0 ? 'text' : 'number', device: 'system', poll: id === 2 ? 'slow' : 'fast', address }));
    const driver = system.create(host, {}, points);
    const batches: SampleBatch[] = [];
    driver.samples$.subscribe((batch) => batches.push(batch));
    driver.start('active');
    assert.deepEqual(await driver.poll('fast'), { reachable: true, points: 2 });
    assert.deepEqual([batches[0]?.texts?.get(0), batches[0]?.values[1], [...(batches[0]?.qualities ?? [])]], ['A', 120, [qualityOf('good'), qualityOf('good')]]);
    await driver.poll('slow');
    assert.deepEqual([...(batches[1]?.qualities ?? [])], [qualityOf('bad')]);
    assert.equal(await driver.read(1), 120);
    await assert.rejects(driver.read(2), /nothing is known of standby\/memory/);
    await assert.rejects(driver.write({ point: 0, value: 1, priority: 8, timeoutMs: 1, permit: () => true }), /cannot be written/);
  });
});
