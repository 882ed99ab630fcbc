import assert from 'node:assert/strict';
import { siteOf, siteWith } from './fake-driver.js';

describe('config: what a short document means', () => {
  it('has defaults for redundancy and polling', () => {
    const site = siteOf(siteWith(''));
    assert.equal(site.name, 'test');
    assert.equal(site.timezone, 'Europe/Berlin');
    assert.deepEqual(site.redundancy, {
      recovery: 'automatic',
      recoveryHoldMs: 300_000,
      maxHandBacksPerHour: 2,
      activity: 'warm',
      pingRateMs: 250,
      missedPings: 3,
      failoverTimeMs: 1_000,
      connectionWaitMs: 60_000,
      staleWaitMs: 300_000,
      withoutWitness: 'prefer-availability',
      confirmWaitMs: 2_000,
      clockSkewLimitMs: 2_000,
      compareHoldMs: 10_000,
      arbitration: 'field',
      fieldSwitch: { margin: 1, holdMs: 30_000 },
      drillEveryMs: 0,
      retryCount: 10,
      httpConnectTimeoutMs: 750,
      webSocketTimeoutMs: 1_000,
    });
    assert.deepEqual(site.polling, { periodMs: { fast: 250, normal: 1_000, slow: 10_000 } });
    assert.deepEqual([site.devices, site.points, site.alarms, site.trends], [[], [], [], []]);
  });

  it('has defaults for devices, points, writes and alarms', () => {
    const site = siteOf(siteWith('devices: {d: {driver: fake, host: h}}\npoints: {a: {device: d, at: "num:1", write: true}}\nalarms: {x: {point: a, high: 1}}\n'));
    const [device] = site.devices;
    assert.equal(device?.standby, 'collect');
    assert.equal(device.writeTimeoutMs, 2_000);
    const write = { priority: 8, verify: 'readback', repeatable: true };
    assert.deepEqual(site.points, [{ id: 0, name: 'a', kind: 'number', device: 'd', write, poll: 'normal' }]);
    assert.deepEqual(device.points, [{ ...site.points[0], address: 'num:1', alarmed: true }]);
    const rest = { onDelayMs: 0, offDelayMs: 0, priority: 3, device: 'd' };
    assert.deepEqual(site.alarms, [
      { name: 'x', watch: { kind: 'limits', point: 0, high: 1, deadband: 0 }, class: 'general', ...rest },
      { name: 'communication/d', watch: { kind: 'communication', device: 'd', behind: [] }, class: 'communication', ...rest, onDelayMs: 15_000 },
    ]);
  });

  it('reads the feedback of a write', () => {
    const site = siteOf(siteWith('devices: {d: {driver: fake, host: h}}\npoints:\n  a: {device: d, at: "num:1", write: {verify: {point: b, within: 20s, tolerance: 0.5}}}\n  b: {device: d, at: "bit:2", write: {verify: {point: a}}}\n'));
    assert.deepEqual(site.points.map(({ write }) => write?.verify), [{ point: 'b', withinMs: 20_000, tolerance: 0.5 }, { point: 'a', withinMs: 5_000 }]);
  });

  it('reads every key of points, alarms and trends', () => {
    const site = siteOf(siteWith(`devices: {d: {driver: fake, host: h, writeTimeout: 5s}}
points:
  a: {device: d, at: "num:1", unit: kW, area: A/B, description: Power, poll: slow, cov: 0.5, write: {priority: 3, min: 1, max: 2, verify: echo, repeatable: false}}
  b: {device: d, at: "num:2"}
alarms: {x: {point: b, low: 1, high: 9, deadband: 2, onDelay: 1min, offDelay: 30s, priority: 1, class: hvac, instruction: Run}}
history: {maxSize: 1.5GB}
trends:
  - {points: [a], mode: interval, every: 1min, keep: 30d}
  - {points: ["*"], deadband: 0.1, atLeastEvery: 15min}
`));
    assert.deepEqual(site.points[0], {
      id: 0, name: 'a', kind: 'number', device: 'd', unit: 'kW', area: 'A/B', description: 'Power', poll: 'slow', cov: 0.5,
      write: { priority: 3, min: 1, max: 2, verify: 'echo', repeatable: false },
    });
    assert.equal(site.devices[0]?.writeTimeoutMs, 5_000);
    assert.deepEqual(site.alarms[0], { name: 'x', watch: { kind: 'limits', point: 1, low: 1, high: 9, deadband: 2 }, onDelayMs: 60_000, offDelayMs: 30_000, priority: 1, class: 'hvac', device: 'd', instruction: 'Run' });
    assert.deepEqual(site.trends, [
      { points: [0], mode: 'interval', deadband: 0, everyMs: 60_000, keepMs: 30 * 86_400_000 },
      { points: [1], mode: 'change', deadband: 0.1, everyMs: 900_000, keepMs: 3 * 365 * 86_400_000 },
    ]);
    assert.deepEqual(site.history, { maxBytes: 1.5e9 });
  });

  it('turns states into the kind of the point', () => {
    const site = siteOf(siteWith(`devices: {d: {driver: fake, host: h}}
points:
  bit: {device: d, at: "bit:1", states: [stop, run]}
  num: {device: d, at: "num:1", states: [off, low, high]}
  two: {device: d, at: "num:2", states: [off, on]}
  plain: {device: d, at: "bit:2"}
  big: {device: d, at: "big:1"}
`));
    assert.deepEqual(site.points.map(({ name, kind }) => [name, kind]), [['bit', 'boolean'], ['num', 'enum'], ['two', 'enum'], ['plain', 'boolean'], ['big', 'integer64']]);
  });

  it('numbers points in document order, even where their names are numbers', () => {
    const site = siteOf(siteWith('devices: {d: {driver: fake, host: h}}\npoints: {z: {device: d, at: "num:1"}, 20: {device: d, at: "num:2"}, 3: {device: d, at: "num:3"}}\n'));
    assert.deepEqual(site.points.map(({ id, name }) => [id, name]), [[0, 'z'], [1, '20'], [2, '3']]);
  });

  it('combines what site, device and driver say about the standby', () => {
    const standby = (activity: string): Record<string, string> => {
      const site = siteOf(siteWith(`redundancy: {activity: ${activity}}
devices:
  plain: {driver: fake, host: h}
  less: {driver: fake, host: h, standby: listen}
  exclusive: {driver: fake, host: h, exclusive: true}
  silent: {driver: fake, host: h, standby: silent}
  bus: {driver: fake-bus, host: h}
  more: {driver: fake-bus, host: h, standby: collect}
`));
      return Object.fromEntries(site.devices.map((device) => [device.name, device.standby]));
    };
    const warm = { plain: 'collect', less: 'listen', exclusive: 'silent', silent: 'silent', bus: 'listen', more: 'listen' };
    assert.deepEqual(standby('warm'), warm);
    assert.deepEqual(standby('hot'), warm);
    const compared = (activity: string): string[] => siteOf(siteWith(`redundancy: {activity: ${activity}}\ndevices: {plain: {driver: fake, host: h}, collect: {driver: fake, host: h, standby: collect}, compare: {driver: fake, host: h, standby: compare}, exclusive: {driver: fake, host: h, exclusive: true}, bus: {driver: fake-bus, host: h}}\n`)).devices.filter(({ compare }) => compare === true).map(({ name }) => name);
    assert.deepEqual([compared('hot'), compared('warm'), compared('cold')], [['plain', 'compare'], ['compare'], []]);
    assert.deepEqual(new Set(Object.values(standby('cold'))), new Set(['silent']));
  });

  it('gives each trend point to the first entry that names it', () => {
    const site = siteOf(siteWith(`devices: {d: {driver: fake, host: h}}
points: {a.T: {device: d, at: "num:1"}, b.T: {device: d, at: "num:2"}, b.Name: {device: d, at: "txt:3"}}
trends: [{points: [b.T]}, {points: ["*.T", "b*"]}]
`));
    assert.deepEqual(site.trends.map(({ points }) => points), [[1], [0]]);
  });
});
