import assert from 'node:assert/strict';
import { exposition } from '../../src/clients/rest-metrics.js';
import type { AlarmStateName } from '../../src/contract/index.js';
import { metricsOf } from '../../src/gateway/metrics.js';
import { demoAlarm, demoTable, FakeNode, TOKEN } from './fake-node.js';

/** A sample line of the text format 0.0.4. */
const SAMPLE = /^[a-z_]+(\{([a-z]+="([^"\\\n]|\\["\\n])*",?)+\})? -?[0-9.e+-]+$/;

describe('clients: metrics', () => {
  it('tell of role, frames, lag, devices, clients, memory and stalls in the text format of Prometheus', () => {
    const node = new FakeNode('A', demoTable());
    const alarm = (state: AlarmStateName, priority: number) => ({ ...demoAlarm(state, state), priority });
    const devices = [{ name: 'plc "1"\\\n', driver: 'modbus-tcp', activity: 'active', online: true, points: 1, counters: { requests: 7, holes: 2, hostLastPollMs: 250 }, cycles: [] } as const];
    const text = exposition(metricsOf({ status: node.status(), devices, points: 14, alarms: [alarm('unacknowledged', 1), alarm('unacknowledged', 1), alarm('shelved', 3), alarm('normal', 1)], unknownExpressions: 3, clients: 2, bufferedBytes: 0, process: { rssBytes: 1_000, heapBytes: 500, cpuSeconds: 1.5, loopStallMs: 12 } }));
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    for (const line of lines) assert.match(line, SAMPLE);
    for (const wanted of ['tandem_role{role="standby"} 1', 'tandem_frames_total 0', 'tandem_sync_lag_frames 0', 'tandem_clients 2', 'tandem_expressions_unknown 3', 'tandem_device_counter_total{device="plc \\"1\\"\\\\\\n",counter="requests"} 7', 'tandem_device_present{device="plc \\"1\\"\\\\\\n",what="holes"} 2', 'tandem_device_duration_seconds{device="plc \\"1\\"\\\\\\n",duration="hostLastPoll"} 0.25', 'tandem_alarms{state="unacknowledged",priority="1"} 2', 'tandem_alarms{state="shelved",priority="3"} 1', 'tandem_loop_stall_seconds 0.012', 'process_resident_memory_bytes 1000']) {
      assert.ok(lines.includes(wanted), `${wanted} in\n${text}`);
    }
    // What goes down again is no counter.
    assert.ok(!/tandem_device_counter_total\{[^}]*(holes|Ms)"/.test(text) && !text.includes('state="normal"'));
    // Each family is described once, before its samples.
    const described = [...text.matchAll(/^# TYPE (\S+) (gauge|counter)$/gm)].map(([, name]) => name);
    assert.equal(new Set(described).size, described.length);
  });

  it('are for who may read', async () => {
    const node = new FakeNode('A', demoTable(), { access: 'login' });
    await node.server.start();
    const status = async (headers: Record<string, string>): Promise<number> => (await fetch(`${node.server.url}/metrics`, { headers })).status;
    assert.deepEqual([await status({}), await status({ authorization: `Bearer ${TOKEN}` })], [401, 200]);
    await node.server.stop();
  });
});
