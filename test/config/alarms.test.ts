import assert from 'node:assert/strict';
import { problemsOf, siteOf, siteWith } from './fake-driver.js';

const field = `devices:
  router: {driver: fake, host: r}
  d: {driver: fake, host: h, behind: router}
  e: {driver: fake, host: h, behind: d}
points:
  T: {device: d, at: "num:1", area: Tower/F1}
  U: {device: d, at: "num:2", unit: K}
  Cmd: {device: e, at: "bit:1", states: [stop, run], write: true}
  Sts: {device: e, at: "bit:2", states: [stop, run]}
  Mode: {device: e, at: "num:3", states: [off, day, night]}
  Text: {device: e, at: "txt:1"}
`;
const site = (rest: string): ReturnType<typeof siteOf> => siteOf(siteWith(field + rest));
const problems = (rest: string): string[] => problemsOf(siteWith(field + rest)).map((line) => line.replace(/^site\.yaml:\d+:\d+ /, ''));

describe('config: alarms', () => {
  it('reads what is watched, by the keys that are there', () => {
    const { alarms } = site(`alarms:
  a: {point: T, highHigh: 40, high: 30, low: 5, lowLow: 0, deadband: 1, outerPriority: 1}
  b: {point: Mode, state: [day, night]}
  c: {point: Sts, state: run}
  d: {point: Cmd, changes: true}
  e: {point: Cmd, feedback: Sts, onDelay: 30s}
  f: {point: T, rise: 5, fall: 4, per: 1min, deadband: 1}
  g: {when: "T - U > 5 && Sts == run", message: too hot, consequence: C, instruction: I, graphic: "#/points?search=T"}
`);
    assert.deepEqual(alarms.slice(0, 7).map(({ watch }) => watch), [
      { kind: 'limits', point: 0, highHigh: 40, high: 30, low: 5, lowLow: 0, deadband: 1 },
      { kind: 'state', point: 4, states: [1, 2] },
      { kind: 'state', point: 3, states: [1] },
      { kind: 'change', point: 2 },
      { kind: 'feedback', point: 2, feedback: 3, tolerance: 0 },
      { kind: 'rate', point: 0, rise: 5, fall: 4, perMs: 60_000, deadband: 1 },
      { ...alarms[6]?.watch, kind: 'expression', text: 'T - U > 5 && Sts == run' },
    ]);
    assert.deepEqual([alarms[0]?.outerPriority, alarms[0]?.area, alarms[0]?.device], [1, 'Tower/F1', 'd']);
    const { message, consequence, instruction, graphic, area } = alarms[6]!;
    assert.deepEqual([message, consequence, instruction, graphic, area], ['too hot', 'C', 'I', '#/points?search=T', 'Tower/F1']);
  });

  it('takes from its class what an alarm does not say itself', () => {
    const { alarms, lifeSafetyClasses } = site(`alarmClasses: {fire: {lifeSafety: true, priority: 1, acknowledge: both, latch: true, maxShelve: 10min}}
alarms:
  a: {point: T, high: 1, class: fire}
  b: {point: T, high: 1, class: fire, priority: 2, latch: false, acknowledge: raised, maxShelve: 24h}
`);
    assert.deepEqual(lifeSafetyClasses, ['fire']);
    const rules = alarms.slice(0, 2).map(({ priority, lifeSafety, acknowledge, latch, maxShelveMs }) => [priority, lifeSafety, acknowledge, latch, maxShelveMs]);
    assert.deepEqual(rules, [[1, true, 'both', true, 600_000], [2, true, undefined, undefined, undefined]]);
  });

  it('makes a communication alarm for each device, with the way to it, unless it is switched off', () => {
    const watched = (rest: string): unknown[] => site(rest).alarms.map(({ name, watch, onDelayMs, priority }) => [name, watch.kind === 'communication' ? watch.behind : [], onDelayMs, priority]);
    assert.deepEqual(watched(''), [['communication/router', [], 15_000, 3], ['communication/d', ['router'], 15_000, 3], ['communication/e', ['d', 'router'], 15_000, 3]]);
    assert.deepEqual(watched('communicationAlarms: {onDelay: 1min, priority: 1, except: [d, e*]}\n'), [['communication/router', [], 60_000, 1]]);
    assert.deepEqual(watched('communicationAlarms: false\n'), []);
  });

  it('reads areas: a tree by names, members by point or device', () => {
    const { areas, points, alarms } = site(`areas:
  Tower: {title: The tower}
  Tower/F1: {points: ["U*"]}
  Tower/Roof: {devices: [e]}
alarms: {a: {point: Cmd, changes: true}, b: {point: T, high: 1, area: Tower}}
`);
    assert.deepEqual(areas, [{ name: 'Tower', title: 'The tower' }, { name: 'Tower/F1' }, { name: 'Tower/Roof' }]);
    assert.deepEqual(points.map(({ area }) => area), ['Tower/F1', 'Tower/F1', 'Tower/Roof', 'Tower/Roof', 'Tower/Roof', 'Tower/Roof']);
    assert.deepEqual(alarms.slice(0, 2).map(({ area }) => area), ['Tower/Roof', 'Tower']);
    assert.deepEqual(site('').areas, [{ name: 'Tower/F1' }, { name: 'Tower' }]);
  });

  it('names each mistake', () => {
    assert.deepEqual(problems(`areas: {Tower/F1: {points: ["Z*"], devices: [dd]}}
alarms:
  a: {point: T, high: 1, state: run}
  b: {point: T, changes: true, deadband: 1}
  c: {point: T, changes: true, onDelay: 1s}
  d: {point: Mode, state: dawn}
  e: {point: Cmd, feedback: Cmd}
  f: {point: T, rise: 5}
  g: {when: "T > Uu"}
  h: {point: T, high: 1, suppressUnless: "Sts = run"}
  i: {point: T, high: 1, suppressWhen: "T > 1", suppressUnless: "T > 1"}
  j: {point: T, high: 1, outerPriority: 1}
  k: {point: T, high: 5, highHigh: 4}
  l: {point: T, high: 1, area: Tower/F2}
  m: {high: 1}
  n: {point: Text, changes: true}
  o: {point: T, rise: 5, per: 10s, deadband: 5}
  communication/x: {point: T, high: 1}
alarmClasses: {fire: {prioritie: 1}}
`).map((line) => line.replace(/; did you mean.*/, '')), [
      'warning CONFIG_REFERENCE areas.Tower/F1.points[0]: no point matches `Z*`',
      'error CONFIG_REFERENCE areas.Tower/F1.devices[0]: there is no device `dd`',
      'error CONFIG_CLASH alarms.a.state: `high` and `state` are two alarms: write one for each',
      'error CONFIG_INVALID alarms.b.deadband: `deadband` has no meaning with `changes`',
      'error CONFIG_INVALID alarms.c.onDelay: a change is over as it happens: `onDelay` has no meaning with `changes`',
      'error CONFIG_INVALID alarms.d.state: Mode has no state "dawn", it has off, day, night',
      'error CONFIG_CLASH alarms.e.feedback: a point is no feedback of itself',
      'error CONFIG_INVALID alarms.f.per: `per` is missing: the time within which the value rises or falls',
      'error CONFIG_REFERENCE alarms.g.when: there is no point `Uu`',
      'error CONFIG_INVALID alarms.h.suppressUnless: cannot be read as an expression: Unexpected "=" at character 4',
      'error CONFIG_CLASH alarms.i.suppressUnless: either `suppressWhen` or `suppressUnless`',
      'error CONFIG_INVALID alarms.j.outerPriority: `outerPriority` is of `highHigh` and `lowLow`, and there is neither',
      'error CONFIG_INVALID alarms.k.high: high 5 is not below highHigh 4',
      'error CONFIG_REFERENCE alarms.l.area: there is no area `Tower/F2`',
      'error CONFIG_INVALID alarms.m: `point` is missing: it is the name of the point to watch',
      'error CONFIG_INVALID alarms.n.point: the changes of a text cannot be watched',
      'error CONFIG_INVALID alarms.o.deadband: deadband 5 is not less than the change: the alarm could never end',
      'error CONFIG_INVALID alarms.communication/x: names that begin with `communication/` are the gateway\'s own',
      'error CONFIG_UNKNOWN_KEY alarmClasses.fire.prioritie: there is no key `prioritie` here',
    ]);
    assert.deepEqual(problemsOf(siteWith('devices:\n  a: {driver: fake, host: h, behind: b}\n  b: {driver: fake, host: h, behind: a}\n  c: {driver: fake, host: h, behind: x}\n')).map((line) => line.replace(/^site\.yaml:\d+:\d+ /, '')), [
      'error CONFIG_CLASH devices.a.behind: leads back to the device itself',
      'error CONFIG_CLASH devices.b.behind: leads back to the device itself',
      'error CONFIG_REFERENCE devices.c.behind: there is no device `x`; did you mean `a`?',
    ]);
  });

  it('keeps the revision of documents that use none of it', () => {
    assert.equal(site('').revision, siteOf(siteWith(field)).revision);
    assert.notEqual(site('').revision, site('communicationAlarms: false\n').revision);
  });
});
