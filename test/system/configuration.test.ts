import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditEntry, ConfigurationCheck, ConfigurationDiff, ConfigurationInfo, GraphicDefinition, GraphicInfo, PartnerTable, RedundancyStatus } from '../../src/contract/index.js';
import { call, ConfiguredPair, TOKEN, type Current } from './configured-pair.js';
import { freePorts, until } from './processes.js';
import { answers, Rig, type Run } from './rig.js';

interface Problem {
  readonly code: string;
  readonly problems?: readonly { readonly line: number; readonly path: string }[];
}

describe('configuration of a running pair', () => {
  const pair = new ConfiguredPair();
  before(async function () {
    this.timeout(60_000);
    await pair.begin();
  });
  after(async () => pair.rig.stop());

  it('is, at first, what the file of the first node says, on both', async () => {
    const [a, b] = [await pair.current(0), await pair.current(1)];
    assert.equal(a.text, pair.text);
    assert.deepEqual(b, a);
    assert.deepEqual([a.number, a.origin.how, a.origin.node], [1, 'file', 'A']);
  });

  it('is checked without being applied, every problem with its line and path', async () => {
    const bad = pair.text.replace('uint16}   #', 'uint17}   #').replace('point: P.B', 'point: P.X');
    const { ok, problems } = await call<ConfigurationCheck>(pair.urls[0], 'configuration/check', 'POST', { text: bad });
    assert.equal(ok, false);
    assert.deepEqual(problems.map(({ line, path }) => [line, path]), [[7, 'points.P.A.type'], [12, 'alarms.P.B.high.point']]);
    assert.equal((await pair.current(0)).number, 1);
    const { revision } = await pair.current(0);
    const refused = await call<Problem>(pair.urls[0], 'configuration', 'PUT', { text: bad, expected: revision });
    assert.deepEqual([refused.code, refused.problems?.length], ['CONFIG_REFUSED', 2]);
  });

  it('is refused for what alarms, calendars, programs and expressions cannot be, each by its name, with nothing applied; what never applies is a warning', async () => {
    const before = await pair.current(0);
    const virtual = ['  V.A: {expression: "V.B + 1"}', '  V.B: {expression: "V.A * 2"}', `  V.Long: {expression: "${'1+'.repeat(1_000)}1"}`, '  V.W: {type: number, write: {relinquishDefault: 1}}', 'alarms:'].join('\n');
    const bad = `${pair.text.replace('alarms:', virtual)}  Nowhere: {point: P.Missing, high: 1}
calendars: {odd: {dates: ["2026-02-30"]}}
logic: {broken: {every: 1s, in: {a: P.A}, out: {w: V.W}, program: "return {"}}
`;
    const { ok, problems } = await call<ConfigurationCheck>(pair.urls[0], 'configuration/check', 'POST', { text: bad });
    assert.equal(ok, false);
    assert.deepEqual(problems.map(({ code, path }) => `${code} ${path}`), [
      'CONFIG_CLASH points.V.A.expression', 'CONFIG_INVALID points.V.Long.expression', 'CONFIG_REFERENCE alarms.Nowhere.point', 'CONFIG_INVALID calendars.odd.dates[0]', 'CONFIG_INVALID logic.broken.program',
    ], JSON.stringify(problems));
    const refused = await call<Problem>(pair.urls[0], 'configuration', 'PUT', { text: bad, expected: before.revision });
    assert.deepEqual([refused.code, refused.problems?.length], ['CONFIG_REFUSED', problems.length]);
    assert.equal((await call<Problem>(pair.urls[0], 'configuration/alarms/Nowhere', 'PUT', { value: { point: 'P.Missing', high: 1 }, expected: before.revision })).code, 'CONFIG_REFUSED');
    // Equal priorities are legal, and the first wins: of the two below the second never comes into force.
    const never = `${pair.text.replace('alarms:', '  V.W: {type: number, write: {relinquishDefault: 1}}\nalarms:')}schedules:
  S:
    writes: [V.W]
    exceptions:
      - {date: "*-12-24", priority: 4, values: {"00:00": 1}}
      - {date: "*-12-24", priority: 4, values: {"00:00": 2}}
`;
    const warned = await call<ConfigurationCheck>(pair.urls[0], 'configuration/check', 'POST', { text: never });
    assert.equal(warned.ok, true, JSON.stringify(warned));
    assert.deepEqual(warned.problems.map(({ severity, code, path }) => `${severity} ${code} ${path}`), ['warning CONFIG_CLASH schedules.S.exceptions[1]']);
    for (const index of [0, 1] as const) assert.deepEqual(await pair.current(index), before);
  });

  it('is changed on both nodes at once; values go on by name, and a change made on an old revision is refused', async () => {
    const before = await pair.current(0);
    // A point in front of the others: every id changes.
    const text = pair.text.replace('points:\n', 'points:\n  P.New: {device: plc, at: "hr:5", type: uint16}\n');
    const applied = await call<ConfigurationInfo & { held: string }>(pair.urls[0], 'configuration', 'PUT', { text, expected: before.revision, comment: 'one more point' });
    assert.deepEqual([applied.number, applied.held], [2, 'protected']);
    await pair.bothRun(applied.revision);
    assert.equal((await pair.current(1)).text, text);
    const point = await call<{ value: unknown; quality: string }>(pair.urls[0], 'points/P.C');
    assert.equal(point.quality, 'good');
    await until('the new point is read', async () => ((await call<{ quality: string }>(pair.urls[0], 'points/P.New')).quality === 'good' ? true : undefined));

    const late = await call<Problem>(pair.urls[0], 'configuration', 'PUT', { text: pair.text, expected: before.revision });
    assert.equal(late.code, 'CONFIG_CONFLICT');
    const standby = await call<Problem>(pair.urls[1], 'configuration', 'PUT', { text: pair.text, expected: applied.revision });
    assert.equal(standby.code, 'NOT_ACTIVE');
  });

  it('is changed definition by definition, comments stay; a standing alarm of the same name stays as it is', async () => {
    const standing = await until('the alarm stands', async () => (await call<{ alarms: { name: string; occurrence: number; sinceMs: number }[] }>(pair.urls[0], 'alarms')).alarms[0]);
    const applied = await call<ConfigurationInfo>(pair.urls[0], 'configuration/alarms/P.C.high', 'PUT', { value: { point: 'P.C', high: 60_000 }, comment: 'new alarm' });
    assert.equal(applied.number, 3);
    const { text } = await pair.current(1);
    assert.match(text, /# never above\n {2}P\.B\.high/);
    assert.match(text, / {2}P\.C\.high: \{point: P\.C, high: 60000\}/);
    const after = (await call<{ alarms: (typeof standing)[] }>(pair.urls[0], 'alarms')).alarms.find(({ name }) => name === standing.name);
    assert.deepEqual([after?.occurrence, after?.sinceMs], [standing.occurrence, standing.sinceMs]);
    assert.deepEqual((await call<{ value: unknown }>(pair.urls[1], 'configuration/alarms/P.C.high')).value, { point: 'P.C', high: 60_000 });
  });

  it('shows its history and differences, and goes back', async () => {
    const { history } = await call<{ history: ConfigurationInfo[] }>(pair.urls[1], 'configuration/history');
    assert.deepEqual(history.map(({ number, origin }) => [number, origin.comment]), [[3, 'new alarm'], [2, 'one more point'], [1, 'first configuration of the pair']]);
    const diff = await call<ConfigurationDiff>(pair.urls[1], 'configuration/diff?from=1&to=3');
    assert.deepEqual(diff.changes, [{ section: 'points', name: 'P.New', change: 'added' }, { section: 'alarms', name: 'P.C.high', change: 'added' }]);
    assert.match(diff.patch, /^\+ {2}P\.New/m);
    const { revision } = await pair.current(0);
    const back = await call<ConfigurationInfo>(pair.urls[0], 'configuration/rollback', 'POST', { number: 1, expected: revision });
    assert.deepEqual([back.number, back.revision, back.origin.how], [4, history[2]?.revision, 'rollback']);
    await pair.bothRun(back.revision);
    // The audit says from which revision to which, and what differs.
    const { entries } = await call<{ entries: AuditEntry[] }>(pair.urls[0], 'audit?action=configuration-rollback');
    assert.deepEqual(entries.map(({ old, new: to, outcome }) => [old, to, outcome]), [
      [{ revision, number: 3 }, { revision: back.revision, number: 4, comment: 'back to 1', changes: ['removed points P.New', 'removed alarms P.C.high'] }, 'done'],
    ]);
  });

  it('takes drawings from the command line, one for many pages too; both nodes draw them, and what was changed meanwhile is not replaced', async function () {
    this.timeout(60_000);
    const { rig, urls } = pair;
    const svg = (text: string): string => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 50"><text id="value" y="20">${text}</text></svg>`;
    const graphic = async (...args: string[]): Promise<Run> => {
      const run = rig.tandem('graphic', ...args, '--url', urls[0], '--token', TOKEN);
      await run.exit();
      return run;
    };
    const unsafe = await graphic('put', 'Plant', rig.write('bad.svg', svg('').replace('<text', '<script/><text')));
    assert.equal(await unsafe.exit(), 2);
    assert.match(unsafe.stderr, /DRAWING_UNSAFE .*<script>/);
    assert.match((await graphic('put', 'Plant', rig.write('plant.svg', svg('0')), '--title', 'The plant')).stdout, /on both nodes/);
    // One drawing for many: its pages are written by hand or by a program, as the points of a template are.
    const { revision } = await call<Current>(urls[0], 'configuration');
    const draw = { title: 'Pump {n}', under: 'Plant', svg: svg('Pump {n}'), elements: { value: { point: '{point}', open: { graphic: 'Plant' } } } };
    const text = `${(await pair.current(0)).text}drawings: {Pump: ${JSON.stringify(draw)}}\n`.replace('graphics:\n', 'graphics:\n  P1: {drawing: Pump, parameters: {n: 1, point: P.A}}\n  P2: {drawing: Pump, parameters: {n: 2, point: P.B}}\n');
    const applied = await call<ConfigurationInfo>(urls[0], 'configuration', 'PUT', { text, expected: revision, comment: 'pumps' });
    await pair.bothRun(applied.revision);
    assert.deepEqual((await graphic('list')).stdout.trim().split('\n').sort(), ['P1\tPump 1\t\t1 points\tdrawing Pump', 'P2\tPump 2\t\t1 points\tdrawing Pump', 'Plant\tThe plant\t\t0 points']);
    const page = await graphic('put', 'P1', rig.write('pump.svg', svg('Pump no. {n}')));
    assert.match(page.stderr, /USAGE: P1 shows the drawing `Pump`/);
    assert.match((await graphic('put', 'Pump', join(rig.folder, 'pump.svg'), '--drawing')).stdout, /on both nodes/);
    assert.equal(await (await graphic('get', 'Pump', join(rig.folder, 'got.svg'), '--drawing')).exit(), 0);
    assert.equal(readFileSync(join(rig.folder, 'got.svg'), 'utf8').trim(), svg('Pump no. {n}'));
    for (const url of urls) {
      await until('both nodes draw it', async () => ((await call<GraphicDefinition>(url, 'graphics/P2')).svg.includes('Pump no. 2') ? true : undefined));
      const { name, title, drawing, parameters, elements } = await call<GraphicDefinition>(url, 'graphics/P2');
      assert.deepEqual([name, title, drawing, parameters, elements.value?.point], ['P2', 'Pump 2', 'Pump', { n: 2, point: 'P.B' }, 'P.B']);
      assert.deepEqual((await call<{ graphics: GraphicInfo[] }>(url, 'graphics')).graphics.map((each) => each.points), [['P.A'], ['P.B'], []]);
      assert.equal((await call<Problem>(url, 'graphics/P9')).code, 'GRAPHIC_UNKNOWN');
    }
    const checked = await call<ConfigurationCheck>(urls[0], 'graphics/Pump/check', 'POST', { section: 'drawings', value: { ...draw, elements: { value: { point: 'P.{n}' } } } });
    assert.deepEqual([checked.ok, checked.problems.map(({ code, path }) => `${code} ${path}`)], [false, ['CONFIG_UNKNOWN_KEY graphics.P1.parameters.point', 'CONFIG_UNKNOWN_KEY graphics.P2.parameters.point', 'CONFIG_REFERENCE drawings.Pump.elements.value.point', 'CONFIG_REFERENCE drawings.Pump.elements.value.point']]);
    // Who began on what was before does not replace what came after.
    const late = await call<Problem>(urls[0], 'configuration/drawings/Pump', 'PUT', { value: draw, expected: applied.revision });
    assert.equal(late.code, 'CONFIG_CONFLICT');
  });

  it('edited while the backup is active survives the return of the main, whose file is a candidate only if it was changed', async function () {
    this.timeout(60_000);
    await pair.kill(0);
    await until('B is active', async () => ((await call<RedundancyStatus>(pair.urls[1], 'redundancy')).self.role === 'active' ? true : undefined));
    const applied = await call<ConfigurationInfo & { held: string }>(pair.urls[1], 'configuration/points/P.D', 'PUT', { value: { device: 'plc', at: 'hr:7', type: 'uint16' }, comment: 'while A is away' });
    assert.equal(applied.held, 'unprotected');
    const [, page] = (await call<{ graphics: GraphicInfo[] }>(pair.urls[1], 'graphics')).graphics;
    assert.deepEqual([page?.name, page?.title, page?.points], ['P2', 'Pump 2', ['P.B']], 'pages of the plant are there after the failover');
    await pair.start(0);
    await pair.inSync();
    await pair.bothRun(applied.revision);
    assert.deepEqual(await pair.current(0), await pair.current(1));
    assert.equal((await pair.current(0)).candidate, undefined, 'its file is the one that it began with');

    // Changed by hand while it is down: shown, not used.
    await pair.kill(0);
    writeFileSync(pair.file(0), pair.text.replace('P.C: {', 'P.Z: {').replace('P.C', 'P.Z'));
    await pair.start(0);
    await pair.inSync();
    const { candidate, revision } = await pair.current(0);
    assert.equal(candidate?.file, pair.file(0));
    assert.equal(revision, applied.revision);
    assert.match(pair.said(0), /differs from the configuration of the pair/);
    // Gone altogether: the node runs what the pair runs.
    await pair.kill(0);
    rmSync(pair.file(0));
    await pair.start(0);
    await pair.inSync();
    assert.equal((await pair.current(0)).revision, applied.revision);
  });

  it('goes through the command line', async function () {
    this.timeout(60_000);
    const { rig, urls } = pair;
    const active = urls[1];
    const tandem = async (...args: string[]): Promise<Run> => {
      const run = rig.tandem('config', ...args, '--url', active, '--token', TOKEN);
      await run.exit();
      return run;
    };
    const file = join(rig.folder, 'exported.yaml');
    assert.equal(await (await tandem('export', file)).exit(), 0);
    assert.ok(existsSync(file));
    assert.equal((await tandem('show')).stdout, readFileSync(file, 'utf8'));
    const history = (await tandem('history')).stdout;
    assert.match((await tandem('apply', file, '--comment', 'as it is')).stdout, /on both nodes/);
    assert.equal((await tandem('history')).stdout, history, 'what is exported and applied again is no change');
    writeFileSync(file, readFileSync(file, 'utf8').replace('high: -1', 'high: -2').replace('pingRate: 100ms', 'pingRate: 50ms'));
    assert.match((await tandem('diff', file)).stderr, /changed: .*alarms P\.B\.high/);
    assert.match((await tandem('check', file)).stdout, /ok/);
    assert.match((await tandem('apply', file, '--comment', 'from a file')).stdout, /on both nodes/);
    // Settings of the pair count at once, on both nodes (R11).
    for (const url of urls) await until('the settings are in force', async () => ((await call<RedundancyStatus>(url, 'redundancy')).worstDetectionMs === 5 * 50 + 50 + 12.5 ? true : undefined));
    const settings = rig.tandem('redundancy', 'settings', '--url', active, '--token', TOKEN);
    assert.equal(await settings.exit(), 0);
    assert.match(settings.stdout, /pingRate +50 ms\n[\s\S]*listen\.link +127\.0\.0\.1:/);
    assert.match((await tandem('history')).stdout, /: from a file/);
    assert.match((await tandem('rollback', '1')).stdout, /rollback on B/);
    writeFileSync(file, pair.text.replace('uint16', 'uint17'));
    const refused = await tandem('apply', file);
    assert.equal(await refused.exit(), 2);
    assert.match(refused.stderr, /CONFIG_REFUSED.*\n.*uint17/);
  });

  it('goes out to a spreadsheet and comes back, from the command line: only what was edited changes, and a bad cell changes nothing', async function () {
    this.timeout(60_000);
    const { rig } = pair;
    const { self } = await pair.inSync();
    const urls = self.id === 'A' ? [pair.urls[1], pair.urls[0]] as const : pair.urls;
    const sheet = async (...args: string[]): Promise<Run> => {
      const run = rig.tandem('config', 'sheet', ...args, '--url', urls[1], '--token', TOKEN);
      await run.exit();
      return run;
    };
    const file = join(rig.folder, 'points.csv');
    const before = await pair.current(1);
    await sheet('export', 'points', file);
    const table = readFileSync(file, 'utf8');
    assert.match(table, /^\uFEFFname;device;.*\r\nP\.A;plc;/);
    assert.match((await sheet('diff', 'points', file)).stdout, /^no difference/);
    assert.match((await sheet('import', 'points', file)).stdout, /nothing differs/);
    const titles = table.slice(1).split('\r\n')[0]?.split(';') ?? [];
    const put = (more: Readonly<Record<string, string>>): string => titles.map((title) => ({ name: 'P.B', device: 'plc', at: 'hr:1', ...more })[title] ?? '').join(';');
    writeFileSync(file, table.replace(/P\.B;.*/, put({ scale: '0,5x', poll: 'quick' })));
    const bad = await sheet('import', 'points', file);
    assert.equal(await bad.exit(), 2);
    assert.deepEqual(bad.stderr.match(/points\.csv:3:\d+ error \w+ [A-Z]+3 (poll|scale)/g)?.length, 2, bad.stderr);
    assert.equal((await pair.current(1)).number, before.number, 'nothing was applied');
    writeFileSync(file, table.replace(/P\.B;.*/, put({ scale: '0,5' })));
    const standby = await call<Problem>(urls[0], 'configuration/sheets/points', 'PUT', { sheet: readFileSync(file, 'utf8'), expected: before.revision });
    assert.equal(standby.code, 'NOT_ACTIVE');
    const done = await sheet('import', 'points', file, '--comment', 'scaled');
    assert.match(done.stdout, /changed: points P\.B \(row 3\)\n {4}type: uint16 -> \(empty\)\n {4}scale: \(empty\) -> 0,5\nconfiguration \d+ .* on both nodes/, done.stderr);
    const after = await pair.current(0);
    assert.deepEqual([after.number, after.origin.comment, after.origin.file], [before.number + 1, 'scaled', 'points.csv']);
    assert.deepEqual(after.text.split('\n').filter((line) => !before.text.split('\n').includes(line)), ['  P.B: {device: plc, at: "hr:1", scale: 0.5}']);
    const { entries } = await call<{ entries: AuditEntry[] }>(urls[1], 'audit?action=configuration-sheet');
    assert.deepEqual(entries.map(({ outcome, code, target, new: to }) => [outcome, code, target, (to as { changes?: unknown } | undefined)?.changes]), [['done', undefined, 'points', ['changed points P.B']], ['refused', 'CONFIG_REFUSED', 'points', undefined]]);
  });

  it('is compared on both nodes, from the command line: a device that the standby does not reach is named, and a change makes it lapse', async function () {
    this.timeout(60_000);
    const { rig, urls } = pair;
    await pair.inSync();
    const verify = async (): Promise<Run> => {
      const run = rig.tandem('redundancy', 'verify', '--url', urls[1], '--token', TOKEN, '--history', '1d');
      await run.exit();
      return run;
    };
    const same = await verify();
    assert.equal(await same.exit(), 0, same.stdout + same.stderr);
    assert.match(same.stdout, /warning +address: device plc is at 127\.0\.0\.1/);
    assert.match(same.stdout, /no differences/);
    const state = async (index: 0 | 1): Promise<string | undefined> => (await call<PartnerTable>(urls[index], 'redundancy/partners')).partners[0]?.verification.state;
    assert.deepEqual([await state(0), await state(1)], ['verified', 'verified']);
    const { text, revision } = await pair.current(1);
    const [closed] = await freePorts(1);
    const more = text.replace('devices: {', `devices: {gone: {driver: modbus-tcp, host: 127.0.0.1, port: ${String(closed)}, unit: 1}, `).replace('points:\n', 'points:\n  P.Gone: {device: gone, at: "hr:0", type: uint16}\n');
    const applied = await call<ConfigurationInfo>(urls[1], 'configuration', 'PUT', { text: more, expected: revision });
    await pair.bothRun(applied.revision);
    assert.deepEqual([await state(0), await state(1)], ['not-verified', 'not-verified']);
    const different = await verify();
    assert.equal(await different.exit(), 1, different.stdout + different.stderr);
    assert.match(different.stdout, /difference +device: device gone cannot be reached from node A/);
  });

  it('takes holidays of an iCalendar file, on both nodes; one with a date that does not exist changes nothing', async function () {
    this.timeout(60_000);
    const { rig, urls } = pair;
    await pair.inSync();
    const holidays = (date: string): string => `BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Day\r\nDTSTART;VALUE=DATE:${date}\r\nRRULE:FREQ=YEARLY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`;
    const importing = async (date: string): Promise<Run> => {
      const run = rig.tandem('import', 'ical', rig.write(`${date}.ics`, holidays(date)), '--calendar', 'holidays', '--url', urls[1], '--token', TOKEN);
      await run.exit();
      return run;
    };
    const before = (await pair.current(1)).number;
    const refused = await importing('20260230');
    assert.match(refused.stderr, /CALENDAR_INVALID: Day: 2026-02-30 is no date/);
    assert.equal((await pair.current(1)).number, before);
    const done = await importing('20261003');
    assert.match(done.stdout, new RegExp(`holidays: 1 days, configuration ${String(before + 1)}, protected`), done.stderr);
    await pair.bothRun((await pair.current(1)).revision);
    for (const url of urls) assert.deepEqual((await call<{ value: unknown }>(url, 'configuration/calendars/holidays')).value, { dates: ['*-10-03'] });
  });
});

describe('a configuration that a node cannot run', () => {
  const rig = new Rig();
  after(async () => rig.stop());

  it('is named at the start, with an older one that it can; that is put in its place when a person says so, for good', async function () {
    this.timeout(60_000);
    const [web] = await freePorts(1);
    const site = rig.write('alone.yaml', 'site: {name: alone, timezone: UTC}\nlines: {bus: {kind: modbus-rtu, baud: 9600}}\n');
    const url = `http://127.0.0.1:${String(web)}`;
    const line = 'lines: {bus: {port: /dev/ttyNone}}';
    const start = (blocks: string | undefined, ...args: string[]): Run => rig.node(site, { id: 'A', mode: 'independent', console: web ?? 0, args, ...(blocks === undefined ? {} : { blocks }) });
    const running = async (run: Run): Promise<Current> => {
      await answers(url, run);
      await until('it is active', async () => ((await call<RedundancyStatus>(url, 'redundancy')).self.role === 'active' ? true : undefined));
      return call<Current>(url, 'configuration');
    };
    const first = start(line);
    const { text, revision } = await running(first);
    const more = `${text}devices: {rtu: {driver: modbus-rtu, line: bus, unit: 1}}\npoints: {R.A: {device: rtu, at: "hr:0", type: uint16}}\n`;
    const applied = await call<ConfigurationInfo & Problem>(url, 'configuration', 'PUT', { text: more, expected: revision });
    assert.equal(applied.number, 2, JSON.stringify(applied));
    first.child.kill('SIGTERM');
    await first.exit();
    const cannot = start(undefined);
    assert.notEqual(await cannot.exit(), 0);
    assert.match(cannot.stderr, /CONFIG_STORED.*configuration 2 of the pair cannot be run here.*line.*Configuration 1 can: .*--configuration 1/);
    const older = start(undefined, '--configuration', '1');
    const now = await until('the older one is in force', async () => {
      const current = await running(older);
      return current.number === 3 ? current : undefined;
    });
    assert.equal(now.text, text);
    assert.match(now.origin.comment, /configuration 1 in place of 2, which node A cannot run/);
    older.child.kill('SIGTERM');
    await older.exit();
    const again = start(undefined);
    assert.equal((await running(again)).number, 3);
  });
});
