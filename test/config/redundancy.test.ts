import assert from 'node:assert/strict';
import { problemsOf, siteOf, siteWith } from './fake-driver.js';

describe('config: redundancy settings', () => {
  /** keys of `redundancy:` (from column 14 on) → what is wrong, without `site.yaml:2:` */
  const unsafe: readonly (readonly [keys: string, ...problems: string[]])[] = [
    ['pingRate: 10ms', '24 error CONFIG_UNSAFE redundancy.pingRate: pingRate 10 ms is too fast: at least 20ms'],
    ['missedPings: 1', '27 error CONFIG_UNSAFE redundancy.missedPings: missedPings must be at least 2: one lost packet is not a dead peer (found 1)'],
    ['pingRate: 500ms', '24 error CONFIG_UNSAFE redundancy.pingRate: silence is noticed after pingRate × missedPings = 1500 ms, later than failoverTime 1000 ms'],
    ['pingTimeout: 400ms', '27 error CONFIG_UNSAFE redundancy.pingTimeout: pingTimeout 400 ms must be at least twice pingRate (250 ms): one lost packet is not a dead peer'],
    ['pingTimeout: 1200ms', '27 error CONFIG_UNSAFE redundancy.pingTimeout: silence is noticed after pingTimeout = 1200 ms, later than failoverTime 1000 ms'],
    ['missedPings: 3, pingTimeout: 750ms', '43 error CONFIG_CLASH redundancy.pingTimeout: give `missedPings` or `pingTimeout`, not both: they say the same, in periods and in time'],
    ['failoverTime: 500ms', '28 error CONFIG_UNSAFE redundancy.failoverTime: silence is noticed after pingRate × missedPings = 750 ms, later than failoverTime 500 ms'],
    ['failoverTime: 150ms, pingRate: 50ms',
      '28 error CONFIG_UNSAFE redundancy.failoverTime: failoverTime 150 ms cannot be kept: at least 200ms',
      '45 warning CONFIG_UNSAFE redundancy.pingRate: the peer counts as silent after 150 ms; a busy machine may pause that long, so use this on a dedicated link only'],
    ['recoveryHold: 500ms', '28 error CONFIG_UNSAFE redundancy.recoveryHold: recoveryHold 500 ms must not be shorter than failoverTime 1000 ms'],
    ['connectionWait: 0s', '30 error CONFIG_UNSAFE redundancy.connectionWait: connectionWait 0 ms must not be shorter than failoverTime 1000 ms: a starting node would not wait for its peer'],
    ['staleWait: 30s', '25 error CONFIG_UNSAFE redundancy.staleWait: staleWait 30000 ms must not be shorter than connectionWait 60000 ms: a node that may have been overtaken would start first'],
    ['connectionWait: 10min', '30 error CONFIG_UNSAFE redundancy.connectionWait: staleWait 300000 ms must not be shorter than connectionWait 600000 ms: a node that may have been overtaken would start first'],
    ['confirmWait: 100ms', '27 error CONFIG_UNSAFE redundancy.confirmWait: confirmWait 100 ms must not be shorter than pingRate 250 ms'],
    ['maxHandBacksPerHour: -1', '35 error CONFIG_INVALID redundancy.maxHandBacksPerHour: must be at least 0 (found -1)'],
    ['recovery: auto', '24 error CONFIG_INVALID redundancy.recovery: must be one of automatic, manual (found "auto")'],
    ['drillEvery: 5min', '26 error CONFIG_UNSAFE redundancy.drillEvery: drillEvery 300000 ms is too often: at least 1h'],
    ['httpConnectTimeout: 2s', '34 error CONFIG_UNSAFE redundancy.httpConnectTimeout: httpConnectTimeout 2000 ms must not be longer than failoverTime 1000 ms: silence would be noticed before a refusal'],
    ['webSocketTimeout: 2min', '32 error CONFIG_UNSAFE redundancy.webSocketTimeout: webSocketTimeout 120000 ms must not be longer than connectionWait 60000 ms: a node would start alone while it is being greeted'],
    ['fieldSwitchHold: 500ms', '31 error CONFIG_UNSAFE redundancy.fieldSwitchHold: fieldSwitchHold 500 ms must not be shorter than failoverTime 1000 ms: a device that answers once more would move control'],
    ['arbitration: epoch', '27 error CONFIG_INVALID redundancy.arbitration: must be one of field, longest-active, main, priority (found "epoch")'],
    ['fieldSwitch: never, fieldSwitchMargin: 2', '53 warning CONFIG_INVALID redundancy.fieldSwitchMargin: `fieldSwitch: never` leaves this without effect'],
    ['pingrate: 250ms', '14 error CONFIG_UNKNOWN_KEY redundancy.pingrate: there is no key `pingrate` here; did you mean `pingRate`?'],
    ['activity: hot'],
    ['confirmWait: 20s'],
    ['compareHold: 1s', '27 error CONFIG_UNSAFE redundancy.compareHold: compareHold 1000 ms must not be shorter than confirmWait 2000 ms: so far the image of a standby may be behind'],
  ];

  for (const [keys, ...expected] of unsafe) {
    it(keys, () => assert.deepEqual(problemsOf(siteWith(`redundancy: {${keys}}\n`)), expected.map((problem) => `site.yaml:2:${problem}`)));
  }

  const witness: readonly (readonly [keys: string, problem: string])[] = [
    ['witness: {address: w, promise: 700ms}', '45 error CONFIG_UNSAFE redundancy.witness.promise: promise 700 ms is too short: a lease of 500 ms and a write of 250 ms may last 752 ms by another clock, and two nodes would write'],
    ['witness: {address: w, lease: 300ms}', '43 error CONFIG_UNSAFE redundancy.witness.lease: lease 300 ms must be at least one and a half times pingRate (250 ms): every late beat would stop the plant\'s writes'],
    ['witness: {address: w, longestWrite: 2s}', '50 error CONFIG_UNSAFE redundancy.witness.longestWrite: a takeover has to wait for the promise of 2506 ms, longer than failoverTime 1000 ms'],
    ['witness: {address: w, disarmAfter: 100ms}', '49 error CONFIG_UNSAFE redundancy.witness.disarmAfter: disarmAfter 100 ms must not be shorter than failoverTime 1000 ms'],
  ];

  for (const [keys, expected] of witness) {
    it(keys, () => assert.deepEqual(problemsOf(siteWith(`redundancy: {${keys}}\n`)), [`site.yaml:2:${expected}`]));
  }

  it('reads signs of life outside of the link, and refuses what both nodes could not do', () => {
    const points = 'devices: {plc: {driver: fake, host: h}, bus: {driver: fake, host: h, standby: silent}}\npoints:\n  a: {device: plc, at: "num:1", write: true}\n  b: {device: plc, at: "num:2", write: true}\n  s: {device: bus, at: "num:3", write: true}\n  r: {device: plc, at: "num:4"}\n';
    const { registers, watchdog, deadMan } = siteOf(siteWith(`redundancy: {registers: {points: {A: a, B: b}}, watchdog: {point: s}, deadMan: {url: "https://w.example/1"}}\n${points}`)).redundancy;
    assert.deepEqual({ registers, watchdog, deadMan }, { registers: { points: { A: 'a', B: 'b' }, everyMs: 250 }, watchdog: { point: 's', everyMs: 1_000 }, deadMan: { url: 'https://w.example/1', method: 'GET', everyMs: 30_000 } });
    const wrong = (keys: string): string[] => problemsOf(siteWith(`redundancy: {${keys}}\n${points}`)).map((line) => line.replace(/^\S+ /, ''));
    assert.deepEqual(wrong('registers: {points: {A: a, B: s}}'), ['error CONFIG_CLASH redundancy.registers.points.B: `s` is on device `bus`, which the standby does not read: both nodes must reach a register']);
    assert.deepEqual(wrong('registers: {points: {A: a, B: a}}'), ['error CONFIG_CLASH redundancy.registers.points.B: `a` is used twice: each needs a register of its own']);
    assert.deepEqual(wrong('registers: {points: {A: a, B: b}, every: 600ms}'), ['error CONFIG_UNSAFE redundancy.registers: a register that is written and read every 600 ms says nothing in time: at most half of failoverTime (1000 ms)']);
    assert.deepEqual(wrong('watchdog: {point: r}'), ['error CONFIG_INVALID redundancy.watchdog.point: `r` must be a number that can be written']);
    assert.deepEqual(wrong('watchdog: {point: x}'), ['error CONFIG_REFERENCE redundancy.watchdog.point: there is no point `x`; did you mean `a`?']);
    assert.deepEqual(wrong('deadMan: {url: ftp://x}'), ['error CONFIG_INVALID redundancy.deadMan.url: must be an address like https://watch.example/ping/4711 (found "ftp://x")']);
  });

  it('makes the times of a witness safe where they are not written', () => {
    assert.deepEqual(siteOf(siteWith('redundancy: {witness: {address: w}}\n')).redundancy.witness, { host: 'w', port: 8098, leaseMs: 500, promiseMs: 752, longestWriteMs: 250, disarmAfterMs: 60_000 });
  });

  it('reads pingTimeout in place of missedPings, for what follows from it too', () => {
    const { redundancy } = siteOf(siteWith('redundancy: {pingTimeout: 620ms}\n'));
    assert.deepEqual([redundancy.pingTimeoutMs, redundancy.httpConnectTimeoutMs], [620, 620]);
  });

  it('lets a move for the field wait for two rounds of the standby, which asks seldom', () => {
    const hold = (keys: string): number | undefined => siteOf(siteWith(keys)).redundancy.fieldSwitch?.holdMs;
    assert.deepEqual([hold('polling: {slow: 10s}\n'), hold('polling: {slow: 1min}\n')], [30_000, 180_000]);
    assert.deepEqual(problemsOf(siteWith('redundancy: {fieldSwitchHold: 1min}\npolling: {slow: 40s}\n')), ['site.yaml:2:31 error CONFIG_UNSAFE redundancy.fieldSwitchHold: fieldSwitchHold 60000 ms must be at least twice polling.slow (40000 ms): the standby asks its devices that seldom']);
  });

  it('reads the weight of a device', () => {
    assert.equal(siteOf(siteWith('devices: {d: {driver: fake, host: h, weight: 2.5}}\n')).devices[0]?.weight, 2.5);
    assert.match(problemsOf(siteWith('devices: {d: {driver: fake, host: h, weight: -1}}\n'))[0] ?? '', /devices\.d\.weight/);
  });

  it('never moves control for the field where that is said', () => {
    assert.equal(siteOf(siteWith('redundancy: {fieldSwitch: never}\n')).redundancy.fieldSwitch, undefined);
  });

  it('reads all of them', () => {
    const keys = 'recovery: manual, recoveryHold: 5s, maxHandBacksPerHour: 60, activity: cold, pingRate: 100ms, missedPings: 5, failoverTime: 2s, connectionWait: 5s, staleWait: 10s, withoutWitness: prefer-safety, confirmWait: 1s, compareHold: 1min, drillEvery: 1d, retryCount: 5, httpConnectTimeout: 400ms, webSocketTimeout: 900ms, arbitration: main, fieldSwitchMargin: 2.5, fieldSwitchHold: 1min';
    assert.deepEqual(siteOf(siteWith(`redundancy: {${keys}}\n`)).redundancy, {
      recovery: 'manual', recoveryHoldMs: 5_000, maxHandBacksPerHour: 60, activity: 'cold', pingRateMs: 100, missedPings: 5,
      failoverTimeMs: 2_000, connectionWaitMs: 5_000, staleWaitMs: 10_000, withoutWitness: 'prefer-safety', confirmWaitMs: 1_000, compareHoldMs: 60_000, clockSkewLimitMs: 2_000,
      drillEveryMs: 86_400_000, retryCount: 5, httpConnectTimeoutMs: 400, webSocketTimeoutMs: 900, arbitration: 'main', fieldSwitch: { margin: 2.5, holdMs: 60_000 },
    });
  });
});
