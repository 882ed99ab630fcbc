import assert from 'node:assert/strict';
import { problemsOf, siteWith } from './fake-driver.js';

const device = 'devices: {d: {driver: fake, host: h}}\n';

describe('config: what is wrong with a site document, and where', () => {
  it('tells everything at once, in the order of the document', () => {
    const text = `site: {name: test, timezon: Europe/Berlin}
redundancy:
  pingRate: 250
polling: {fast: 5s}
devices:
  d: {driver: fake, host: h, prot: 502}
  e: {driver: fax, host: h}
points:
  AHU1.SaT:
    device: d
    at: "hr;100"
    unt: degC
  AHU1.RaT: {device: dd, at: "num:1"}
alarms:
  AHU1.SaT.high: {point: AHU1.SaTT, high: 26}
trends:
  - {points: ["*.Zn"]}
`;
    assert.deepEqual(problemsOf(text), [
      'site.yaml:1:1 error CONFIG_INVALID site.timezone: `timezone` is missing: it must be a text (quote it if it looks like a number)',
      'site.yaml:1:20 error CONFIG_UNKNOWN_KEY site.timezon: there is no key `timezon` here; did you mean `timezone`?',
      'site.yaml:3:13 error CONFIG_INVALID redundancy.pingRate: a duration with its unit: 250ms, 1s, 5min, 2h or 1d (found 250)',
      'site.yaml:4:17 error CONFIG_INVALID polling.fast: fast (5000 ms) is slower than normal (1000 ms)',
      'site.yaml:6:30 error CONFIG_UNKNOWN_KEY devices.d.prot: there is no key `prot` here; did you mean `port`?',
      'site.yaml:7:15 error CONFIG_REFERENCE devices.e.driver: there is no driver `fax`; installed are fake, fake-bus',
      'site.yaml:11:9 error CONFIG_ADDRESS points.AHU1.SaT.at: `hr;100` is no address',
      'site.yaml:12:5 error CONFIG_UNKNOWN_KEY points.AHU1.SaT.unt: there is no key `unt` here; did you mean `unit`?',
      'site.yaml:13:22 error CONFIG_REFERENCE points.AHU1.RaT.device: there is no device `dd`; did you mean `d`?',
      'site.yaml:15:26 error CONFIG_REFERENCE alarms.AHU1.SaT.high.point: there is no point `AHU1.SaTT`; did you mean `AHU1.SaT`?',
      'site.yaml:17:15 warning CONFIG_REFERENCE trends[0].points[0]: no point matches `*.Zn`',
    ]);
  });

  /** rest of the document (from line 2 on) → its problems, without `site.yaml:` */
  const cases: readonly (readonly [title: string, rest: string, ...problems: string[]])[] = [
    ['duplicate keys', `${device}points:\n  a: {device: d, at: "num:1"}\n  a: {device: d, at: "num:2", at: "num:3"}\n`,
      '5:3 error CONFIG_DUPLICATE points.a: `a` is written twice, first in line 4',
      '5:31 error CONFIG_DUPLICATE points.a.at: `at` is written twice, first in line 5'],
    ['unknown sections', 'point: {}\n', '2:1 error CONFIG_UNKNOWN_KEY point: there is no key `point` here; did you mean `points`?'],
    ['what belongs to the node', 'partners: []\nlines: {l: {kind: k, interface: eno1}}\ndevices: {d: {driver: fake, host: h, line: l}}\n',
      '2:1 error CONFIG_UNKNOWN_KEY partners: `partners` belongs to the node document: the site document is the same on both nodes',
      '3:22 error CONFIG_INVALID lines.l.interface: `interface` differs between machines: it belongs to the `lines` of the node documents'],
    ['sections of the wrong form', 'devices: 5\npoints: []\ntrends: {}\nuse: x\n',
      '2:10 error CONFIG_INVALID devices: must be a block of keys',
      '3:1 error CONFIG_INVALID points: must be a block of keys',
      '4:1 error CONFIG_INVALID trends: must be a list',
      '5:6 error CONFIG_INVALID use: must be a list'],
    ['triggered trends', `${device}points: {a: {device: d, at: "num:1"}}
trends:
  - {points: [a], mode: triggered}
  - {points: [a], mode: triggered, when: "a > b", deadband: 1}
  - {points: [a], when: "a > 1"}
`,
      '5:5 error CONFIG_INVALID trends[0].when: `when` is missing: mode triggered needs it',
      '6:5 warning CONFIG_CLASH trends[1]: records nothing: entries before it record all of its points',
      '6:42 error CONFIG_REFERENCE trends[1].when: there is no point `b`; did you mean `a`?',
      '6:51 error CONFIG_INVALID trends[1].deadband: `deadband` has no meaning in mode triggered',
      '7:5 warning CONFIG_CLASH trends[2]: records nothing: entries before it record all of its points',
      '7:19 error CONFIG_INVALID trends[2].when: `when` has no meaning in mode change'],
    ['virtual points', `${device}points:
  a: {device: d, at: "num:1"}
  b: {expression: "c + 1"}
  c: {expression: "b * a"}
  d: {expression: "aa"}
  e: {type: number}
  f: {type: number, write: {relinquishDefault: hot, verify: echo}}
  g: {expression: a, write: {relinquishDefault: 1}, poll: fast}
  h: {type: text, expression: a}
  i: {device: d, at: "bit:1", write: {pulse: true, relinquishDefault: true}}
`,
      '5:19 error CONFIG_CLASH points.b.expression: hangs on itself: b -> c -> b',
      '7:19 error CONFIG_REFERENCE points.d.expression: there is no point `aa`; did you mean `a`?',
      '8:3 error CONFIG_INVALID points.e: has neither an expression nor `write`: it could never have a value',
      '9:48 error CONFIG_INVALID points.f.write.relinquishDefault: the point takes a number, not "hot"',
      '9:61 error CONFIG_CLASH points.f.write.verify: a virtual point has no device, so there is no `verify`',
      '10:49 error CONFIG_CLASH points.g.write.relinquishDefault: what nobody commands is what the expression gives: leave it out',
      '10:53 error CONFIG_UNKNOWN_KEY points.g.poll: there is no key `poll` here',
      '11:13 error CONFIG_INVALID points.h.type: an expression gives a number, true or false, or a state: leave `type: text` out',
      '12:71 error CONFIG_CLASH points.i.write.relinquishDefault: a pulse holds nothing that could be given up'],
    ['a line that is not there', 'lines: {bms: {kind: k}}\ndevices: {d: {driver: fake, host: h, line: bmz}}\n',
      '2:9 warning CONFIG_REFERENCE lines.bms: no device uses this line',
      '3:44 error CONFIG_REFERENCE devices.d.line: there is no line `bmz`; did you mean `bms`?'],
    ['a line without a kind', 'lines: {bms: {}}\n', '2:9 error CONFIG_INVALID lines.bms.kind: `kind` is missing: it must be a text (quote it if it looks like a number)'],
    ['a device without a driver', 'devices: {d: {host: h}, e: 5}\n',
      '2:11 error CONFIG_INVALID devices.d.driver: `driver` is missing: it must be a text (quote it if it looks like a number)',
      '2:28 error CONFIG_INVALID devices.e: must be a block with `driver` and the keys of that driver'],
    ["a driver's own keys", 'devices: {d: {driver: fake, port: 0, route: {netwrk: 1, network: 1, mac: 300}, mode: quik}}\n',
      '2:11 error CONFIG_INVALID devices.d.host: `host` is missing: it must be a text (quote it if it looks like a number)',
      '2:35 error CONFIG_INVALID devices.d.port: must be at least 1 (found 0)',
      '2:46 error CONFIG_UNKNOWN_KEY devices.d.route.netwrk: there is no key `netwrk` here; did you mean `network`?',
      '2:74 error CONFIG_INVALID devices.d.route.mac: must be at most 255 (found 300)',
      '2:86 error CONFIG_INVALID devices.d.mode: must be one of quick, careful (found "quik"); did you mean `quick`?'],
    ["a driver's own objections", 'devices: {d: {driver: fake, host: nowhere}, e: {driver: fake, host: boom}}\npoints: {a: {device: d, at: x}}\n',
      '2:35 error CONFIG_ADDRESS devices.d.host: nowhere is no host',
      '2:45 error CONFIG_INVALID devices.e: the driver could not read this: out of cheese'],
    ['a standby that cannot be', 'devices: {d: {driver: fake, host: h, exclusive: true, standby: listen}, e: {driver: fake-bus, host: h, standby: collect}}\n',
      '2:64 error CONFIG_CLASH devices.d.standby: an exclusive device is never touched by the standby: leave out `standby: listen`',
      '2:113 warning CONFIG_INVALID devices.e.standby: the most that fake-bus does on a standby is `listen`'],
    ['points that clash', `${device}points:\n  a: {device: d, at: "num:1"}\n  b: {device: d, at: "num:1"}\n`, '5:22 error CONFIG_CLASH points.b.at: a has num:1 already'],
    ['names', `${device}points: {"a*": {device: d, at: "num:1"}, " b": {device: d, at: "num:2"}}\n`,
      '3:10 error CONFIG_INVALID points.a*: `a*` cannot name a point: letters, digits and . _ - : / + or inner blanks, at most 120',
      '3:42 error CONFIG_INVALID points. b: ` b` cannot name a point: letters, digits and . _ - : / + or inner blanks, at most 120'],
    ['a point that is no block', `${device}points: {a: 5}\n`, '3:13 error CONFIG_INVALID points.a: must be a block with `device` and the keys of its driver'],
    ['common and driver keys of one point', `${device}points: {a: {device: d, at: "x:1", scale: big, unit: 5, poll: fsat}}\n`,
      '3:43 error CONFIG_INVALID points.a.scale: must be a number (found "big")',
      '3:54 error CONFIG_INVALID points.a.unit: must be a text (quote it if it looks like a number) (found 5)',
      '3:63 error CONFIG_INVALID points.a.poll: must be one of fast, normal, slow (found "fsat"); did you mean `fast`?'],
    ['write rules', `${device}points:
  a: {device: d, at: "num:1", write: {min: 5, max: 4}}
  b: {device: d, at: "bit:1", write: {min: 0}}
  c: {device: d, at: "num:2", write: yes}
  e: {device: d, at: "num:3", write: {priority: 17, minimum: 2}}
  f: {device: d, at: "num:4", write: false}
`,
      '4:44 error CONFIG_INVALID points.a.write.min: min 5 is above max 4: no value could be written',
      '5:44 error CONFIG_INVALID points.b.write.min: a boolean has no min and max',
      '6:38 error CONFIG_INVALID points.c.write: must be true, or a block with priority, min, max, verify, repeatable, only, pulse',
      '7:49 error CONFIG_INVALID points.e.write.priority: must be at most 16 (found 17)',
      '7:53 error CONFIG_UNKNOWN_KEY points.e.write.minimum: there is no key `minimum` here'],
    ['feedback of writes', `${device}points:
  a: {device: d, at: "num:1", write: {verify: {point: bb}}}
  b: {device: d, at: "num:2", write: {verify: {point: b, within: 1s}}}
  c: {device: d, at: "num:3", write: {verify: {point: t, within: 1s, tolerance: 0.5}}}
  e: {device: d, at: "num:4", write: {verify: maybe}}
  f: {device: d, at: "bit:1", write: {verify: {point: a, within: 10s}}}
  t: {device: d, at: "txt:1"}
`,
      '4:55 error CONFIG_REFERENCE points.a.write.verify.point: there is no point `bb`; did you mean `b`?',
      '5:55 error CONFIG_CLASH points.b.write.verify.point: a point is no feedback of itself: that is `verify: readback`',
      '6:55 error CONFIG_CLASH points.c.write.verify.point: a text cannot show a number',
      '7:47 error CONFIG_INVALID points.e.write.verify: must be none, echo, readback, or {point: NAME, within: 5s} (found "maybe")'],
    ['pulses, and what cannot be read', `${device}points:
  a: {device: d, at: "num:1", write: {pulse: true, verify: readback}}
  b: {device: d, at: "num:2", write: {pulse: true, repeatable: true, onReturn: reassert}}
  c: {device: d, at: "num:3", write: {only: true}}
  e: {device: d, at: "num:4", write: {pulse: 10ms}}
  f: {device: d, at: "num:5", write: {pulse: long}}
  g: {device: d, at: "num:6", write: {pulse: 1s, min: 1}}
  h: {device: d, at: "txt:7", write: {pulse: 1s}}
`,
      '4:60 error CONFIG_CLASH points.a.write.verify: a pulse is over before it is read back: take echo, none, or a feedback point',
      '5:64 error CONFIG_CLASH points.b.write.repeatable: a pulse written twice is two pulses',
      '5:80 error CONFIG_CLASH points.b.write.onReturn: a pulse leaves nothing behind that could be restored when its device is back',
      '6:45 error CONFIG_CLASH points.c.write.only: what a point of fake holds can be read: leave out `only`',
      '7:46 error CONFIG_INVALID points.e.write.pulse: a pulse takes 50ms to 1h',
      '8:46 error CONFIG_INVALID points.f.write.pulse: must be true, or how long the value stays: 500ms, 2s (found "long")',
      '9:46 error CONFIG_CLASH points.g.write.pulse: a pulse ends with 0, which min and max do not allow',
      '10:46 error CONFIG_CLASH points.h.write.pulse: a text has no rest to go back to'],
    ['states and cov', `${device}points:
  a: {device: d, at: "txt:1", states: [x, y]}
  b: {device: d, at: "num:1", states: [x, x]}
  c: {device: d, at: "bit:1", states: [x, y, z]}
  e: {device: d, at: "bit:2", cov: 0.5}
`,
      '4:31 error CONFIG_INVALID points.a.states: a text has no states',
      '5:43 error CONFIG_DUPLICATE points.b.states[1]: `x` is listed twice',
      '6:31 warning CONFIG_INVALID points.c.states: a boolean has two values, not 3',
      '7:36 error CONFIG_INVALID points.e.cov: `cov` is for numbers; a boolean reports every change'],
    ['alarms', `${device}points: {a: {device: d, at: "num:1"}, t: {device: d, at: "txt:1"}}
alarms:
  none: {point: a}
  cross: {point: a, high: 1, low: 2}
  wide: {point: a, high: 10, low: 8, deadband: 2}
  text: {point: t, high: 1}
  prio: {point: a, high: 1, priority: 5, onDelay: 5}
`,
      '5:3 error CONFIG_INVALID alarms.none: an alarm needs what it watches: `high`, `low`, `highHigh`, `lowLow`; `state`; `changes`; `feedback`; `rise` or `fall`; or `when`',
      '6:35 error CONFIG_INVALID alarms.cross.low: low 2 is not below high 1',
      '7:48 error CONFIG_INVALID alarms.wide.deadband: deadband 2 leaves no room between low 8 and high 10: the alarm could never end',
      '8:17 error CONFIG_INVALID alarms.text.point: limits cannot watch a text',
      '9:39 error CONFIG_INVALID alarms.prio.priority: must be at most 4 (found 5)',
      '9:51 error CONFIG_INVALID alarms.prio.onDelay: a duration with its unit: 250ms, 1s, 5min, 2h or 1d (found 5)'],
    ['tags', `${device}points: {a: {device: d, at: "num:1", tags: [heating, "hvac:air"]}, b: {device: d, at: "num:2", tags: heating}, c: {device: d, at: "num:3", tags: [a, a]}, e: {device: d, at: "num:4", tags: ["#x"]}}
`,
      '3:102 error CONFIG_INVALID points.b.tags: must be a list of tags: [heating, meter] (found "heating")',
      '3:140 error CONFIG_INVALID points.c.tags: names a tag twice',
      '3:190 error CONFIG_INVALID points.e.tags[0]: a tag has letters, digits and . _ - : /, at most 60 (found "#x")'],
    ['trends', `${device}points: {a: {device: d, at: "num:1"}, t: {device: d, at: "txt:1"}}
trends:
  - {points: [b, t]}
  - {points: [a], mode: interval}
  - {points: [a], every: 1s}
  - {points: [], mode: interval, every: 5ms, deadband: 1}
`,
      '5:15 error CONFIG_REFERENCE trends[0].points[0]: there is no point `b`; did you mean `a`?',
      '5:18 error CONFIG_INVALID trends[0].points[1]: a text cannot be recorded as a trend',
      '6:5 error CONFIG_INVALID trends[1].every: `every` is missing: mode interval needs it',
      '7:5 warning CONFIG_CLASH trends[2]: records nothing: entries before it record all of its points',
      '7:19 error CONFIG_INVALID trends[2].every: `every` has no meaning in mode change',
      '8:6 error CONFIG_INVALID trends[3].points: needs at least one entry'],
    ['calendars', `calendars:
  a: {dates: ["2026-02-30", "*-02-29", 24.12., {from: "2026-12-24", to: "2026-12-20"}, {week: 6}, {}]}
  b: {ical: x.ics}
`,
      '3:15 error CONFIG_INVALID calendars.a.dates[0]: there is no day 2026-02-30',
      '3:40 error CONFIG_INVALID calendars.a.dates[2]: must be a date, "2026-12-24", or "*-12-24" for each year (found "24.12.")',
      '3:73 error CONFIG_INVALID calendars.a.dates[3].to: ends before it begins (2026-12-24)',
      '3:95 error CONFIG_INVALID calendars.a.dates[4].week: must be 1 to 5, last, or -2 to -4 for the weeks before the last (found 6)',
      '3:99 error CONFIG_INVALID calendars.a.dates[5]: needs `month`, `week` or `day`',
      '4:3 error CONFIG_INVALID calendars.b.dates: `dates` is missing: it must be a list',
      '4:7 error CONFIG_UNKNOWN_KEY calendars.b.ical: there is no key `ical` here'],
    ['schedules', `${device}points:
  fan: {device: d, at: "bit:1", states: [stop, run], write: true}
  sp: {device: d, at: "num:1", write: {min: 10, max: 20, repeatable: false}}
  ro: {device: d, at: "num:2"}
schedules:
  a: {writes: [fam, ro], default: 1}
  b: {writes: [fan], default: halt, weekly: {Mon-Fri: {"6:00": run}, Fri: {"06:00": run}, Fre: {}}}
  c: {writes: [{point: sp, priority: 17}], default: 5}
  e: {writes: [sp], default: 5, timezone: Europe/Berln, effective: {from: "2026-01-01", to: "2025-01-01"}}
  f: {writes: [fan], exceptions: [{values: {}}, {calendar: hols, values: {"00:00": stop}}, {range: {from: "*-12-01"}, values: {}}]}
`,
      '8:16 error CONFIG_REFERENCE schedules.a.writes[0]: there is no point `fam`; did you mean `fan`?',
      '8:21 error CONFIG_INVALID schedules.a.writes[1]: ro cannot be written: its configuration has no `write`',
      '9:31 error CONFIG_INVALID schedules.b.default: fan has no state "halt", it has stop, run',
      '9:56 error CONFIG_INVALID schedules.b.weekly.Mon-Fri.6:00: must be a time of the day, "06:00" or "06:00:30" (found "6:00")',
      '9:70 error CONFIG_DUPLICATE schedules.b.weekly.Fri: a day of Fri is written twice',
      '9:91 error CONFIG_INVALID schedules.b.weekly.Fre: must be days of the week: Mon, Mon-Fri or Sat,Sun (found "Fre")',
      '10:38 error CONFIG_INVALID schedules.c.writes[0].priority: must be at most 16 (found 17)',
      '11:16 warning CONFIG_INVALID schedules.e.writes[0]: sp is not repeatable: a write that is in doubt after a takeover is not tried again',
      '11:30 error CONFIG_INVALID schedules.e.default: sp takes 10 to 20, not 5',
      '11:43 error CONFIG_INVALID schedules.e.timezone: `Europe/Berln` is no time zone, write one like Europe/Berlin; did you mean `Europe/Berlin`?',
      '11:93 error CONFIG_INVALID schedules.e.effective.to: ends before it begins (2026-01-01)',
      '12:16 warning CONFIG_CLASH schedules.f.writes[0]: b writes fan too at the same priority: whichever changes last wins',
      '12:16 warning CONFIG_INVALID schedules.f.writes[0]: fan has no `relinquishDefault`: `default: relinquish` leaves its value as it is where nobody else commands it',
      '12:35 error CONFIG_INVALID schedules.f.exceptions[0]: needs one of `calendar`, `date`, `range` and `weekAndDay`, and no other of them',
      '12:60 error CONFIG_REFERENCE schedules.f.exceptions[1].calendar: there is no calendar `hols`',
      '12:107 error CONFIG_INVALID schedules.f.exceptions[2].range.from: the ends of a range are dates of one year'],
    ['exceptions that can never apply', `${device}points: {p: {device: d, at: "num:1", write: true}}
calendars: {none: {dates: []}, xmas: {dates: ["*-12-25"]}}
schedules:
  a:
    writes: [p]
    default: 0
    effective: {from: "2026-01-01", to: "2026-12-31"}
    exceptions:
      - {range: {from: "2026-12-20", to: "2027-01-06"}, priority: 5, values: {"08:00": 1, "18:00": relinquish}}
      - {calendar: xmas, priority: 5, values: {"09:00": 2, "17:00": relinquish}}
      - {calendar: xmas, priority: 5, values: {"09:00": 3}}
      - {date: "2026-12-26", priority: 6, values: {"08:00": 3, "18:00": relinquish}}
      - {date: "2027-05-01", values: {"00:00": 1}}
      - {calendar: none, values: {"00:00": 1}}
      - {weekAndDay: {day: Sun}, values: {"00:00": relinquish}}
      - {weekAndDay: {month: 2, week: 5}, values: {"00:00": 1}}
      - {weekAndDay: {week: last, day: Sun}, values: {"00:00": 1}}
`,
      '12:9 warning CONFIG_CLASH schedules.a.exceptions[1]: can never apply: on its days exceptions[0] is in force, of equal priority and written first',
      '14:9 warning CONFIG_CLASH schedules.a.exceptions[3]: can never apply: on its days exceptions[0] is in force, of a higher priority',
      '15:9 warning CONFIG_CLASH schedules.a.exceptions[4]: can never apply: it has no day within the effective period',
      '16:9 warning CONFIG_CLASH schedules.a.exceptions[5]: can never apply: it has no day within the effective period',
      '17:9 warning CONFIG_CLASH schedules.a.exceptions[6]: can never apply: it has no value but `relinquish`, which leaves the rest in force',
      '18:9 warning CONFIG_CLASH schedules.a.exceptions[7]: can never apply: it has no day within the effective period'],
    ['units that nobody knows, each once', `${device}points:
  a: {device: d, at: "num:1", unit: KWH}
  b: {device: d, at: "num:2", unit: degreesCelsius}
  c: {device: d, at: "num:3", unit: "µg/m³"}
  d: {device: d, at: "num:4", unit: KWH}
  e: {device: d, at: "num:5", unit: GWh}
`,
      '4:37 warning CONFIG_INVALID points.a.unit: `KWH` is no engineering unit of BACnet and no usual symbol, here and at 1 more point: it is shown as it is, and EDE files leave it out; did you mean `kWh`?'],
    ['polling', 'polling: {fast: 5ms, slow: 500ms}\n',
      '2:17 error CONFIG_INVALID polling.fast: must be at least 20ms (found 5 ms)',
      '2:28 error CONFIG_INVALID polling.slow: normal (1000 ms) is slower than slow (500 ms)'],
  ];

  for (const [title, rest, ...expected] of cases) {
    it(title, () => assert.deepEqual(problemsOf(siteWith(rest)), expected.map((problem) => `site.yaml:${problem}`)));
  }

  it('a write on what can only be read', () => {
    assert.deepEqual(problemsOf(siteWith(`${device}points: {P: {device: d, at: "num:999", write: true}}`)).map((line) => line.replace(/^\S+ /, '')), [
      'error CONFIG_ADDRESS points.P.write: this address can only be read: leave `write` out, or give the address that takes it',
    ]);
  });

  it('tells what one block has wrong in several ways: keys, values, and what does not go together', () => {
    assert.deepEqual(problemsOf(`site: {name: "", timezone: Europe/Berln, nme: x}
redundancy: {recovery: maybe, recoveryHold: 5, pingRate: 1ms, missedPings: 1, confirmWait: 1ms, registers: {points: {A: Nope, B: Nope}, every: 10s}}
polling: {fast: 1ms, slow: 10}
schedules:
  s: {writes: []}
`).filter((problem) => !problem.includes('schedules.s.writes')), [
      'site.yaml:1:8 error CONFIG_INVALID site.name: `` cannot name a site: letters, digits and . _ - : / + or inner blanks, at most 120',
      'site.yaml:1:28 error CONFIG_INVALID site.timezone: `Europe/Berln` is no time zone, write one like Europe/Berlin; did you mean `Europe/Berlin`?',
      'site.yaml:1:42 error CONFIG_UNKNOWN_KEY site.nme: there is no key `nme` here; did you mean `name`?',
      'site.yaml:2:24 error CONFIG_INVALID redundancy.recovery: must be one of automatic, manual (found "maybe")',
      'site.yaml:2:45 error CONFIG_INVALID redundancy.recoveryHold: a duration with its unit: 250ms, 1s, 5min, 2h or 1d (found 5)',
      'site.yaml:2:58 error CONFIG_UNSAFE redundancy.pingRate: pingRate 1 ms is too fast: at least 20ms',
      'site.yaml:2:76 error CONFIG_UNSAFE redundancy.missedPings: missedPings must be at least 2: one lost packet is not a dead peer (found 1)',
      'site.yaml:2:97 error CONFIG_UNSAFE redundancy.registers: a register that is written and read every 10000 ms says nothing in time: at most half of failoverTime (1000 ms)',
      'site.yaml:2:121 error CONFIG_REFERENCE redundancy.registers.points.A: there is no point `Nope`',
      'site.yaml:2:130 error CONFIG_CLASH redundancy.registers.points.B: `Nope` is used twice: each needs a register of its own',
      'site.yaml:2:130 error CONFIG_REFERENCE redundancy.registers.points.B: there is no point `Nope`',
      'site.yaml:3:17 error CONFIG_INVALID polling.fast: must be at least 20ms (found 1 ms)',
      'site.yaml:3:28 error CONFIG_INVALID polling.slow: a duration with its unit: 250ms, 1s, 5min, 2h or 1d (found 10)',
    ]);
  });

  it('time zones', () => {
    const expected = 'site.yaml:1:30 error CONFIG_INVALID site.timezone: `Europe/Berln` is no time zone, write one like Europe/Berlin; did you mean `Europe/Berlin`?';
    assert.deepEqual(problemsOf('site: {name: test, timezone: Europe/Berln}\n'), [expected]);
  });
});
