import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { seriousFindings } from '../console/axe.js';
import { Browser, screenshot, textOf } from '../console/browser.js';
import { requireTool } from '../hooks.js';
import { DemoPair, json, stopAtFirstFailure } from './demo-pair.js';
import { redundancyOf, until } from './processes.js';

/** A person looks at the page for this long before they look for the telephone. */
const FOLLOW_MS = 10_000;

/**
 * The demo's 300 ms of silence are less than two busy cores may keep a process from running while both nodes read a new
 * configuration and a browser draws: a takeover by such a freeze is right, and is not what this file is about.
 */
const PATIENT = { missedPings: 30, failoverTime: '5s' };

/** The built console on the real pair, in a real browser: what a visitor of the demo does, in order. */
describe('console on a real pair', function () {
  this.timeout(120_000);
  stopAtFirstFailure();
  let folder = '';
  let demo: DemoPair;
  let browser: Browser;
  let page: Page;

  before(async function () {
    requireTool(this, 'chromium');
    folder = mkdtempSync(join(tmpdir(), 'tandem-console-pair-'));
    demo = await DemoPair.start(folder, undefined, PATIENT);
    browser = await Browser.open();
    page = await browser.page(demo.urls[0]);
    // Nothing of the plant before somebody has signed in; from here on nobody signs in again, whatever becomes of the nodes.
    await page.getByTestId('sign-in-page').waitFor();
    await screenshot(page, 'pair-sign-in');
    await page.getByTestId('user-input').locator('input').fill('demo');
    await page.getByTestId('password-input').locator('input').fill(demo.password);
    await page.getByTestId('sign-in-submit').click();
    await page.getByTestId('sign-out').waitFor();
  });

  after(async () => {
    // Undefined where the suite was skipped, or the start failed.
    await (browser as Browser | undefined)?.close();
    await (demo as DemoPair | undefined)?.stop();
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await screenshot(page, 'pair-failure');
      // What became of the pair meanwhile explains most of what a page shows.
      const { events = [] } = (await redundancyOf(demo.urls[0])) ?? {};
      console.log(events.map(({ timeMs, node, what, evidence }) => `${new Date(timeMs).toISOString()} ${node} ${what}: ${evidence}`).join('\n'));
    }
    assert.deepEqual(browser.complaints, []);
  });

  const open = async (name: string): Promise<void> => {
    await page.evaluate(`location.hash = '#/${name}'`);
    await page.getByRole('heading', { level: 1, name: new RegExp(name, 'i') }).waitFor();
  };
  const light = async (): Promise<void> => {
    const scheme = async (): Promise<string> => page.evaluate<string>('document.documentElement.dataset.ixColorSchema');
    if ((await scheme()) !== 'light') await page.getByTestId('theme-switch').click();
    assert.equal(await scheme(), 'light');
  };
  const becomes = async (testId: string, text: string, timeout = 20_000): Promise<void> => page.getByTestId(testId).filter({ hasText: text }).first().waitFor({ timeout });
  const inSync = async (active: 0 | 1): Promise<void> => {
    await until('the pair is in sync', async () => {
      const states = await Promise.all(demo.urls.map(redundancyOf));
      return states[active]?.self.role === 'active' && states.every((state) => state?.sync.state === 'in-sync') ? true : undefined;
    }, 60_000);
  };
  const switchTo = async (node: string, reason: string): Promise<void> => {
    await page.getByTestId('switch-button').click();
    await page.getByTestId('switch-reason').locator('input').fill(reason);
    await page.getByTestId('switch-confirm').click();
    await becomes('active-node', `Following node ${node}`);
    await becomes('redundancy-event', reason);
  };

  it('shows live values and the state of both nodes', async () => {
    await light();
    await becomes('connection-state', 'Connected');
    await becomes('active-node', 'Following node A');
    await open('points');
    const value = page.locator('[data-testid=point-row][data-point="AHU1.SaT"]').getByTestId('point-value');
    for (const [held, shown] of [[25.5, '25.5'], [26.5, '26.5']] as const) {
      await demo.set('plc-ahu', 'AHU1.SaT', held);
      await value.filter({ hasText: shown }).waitFor({ timeout: 20_000 });
    }
    await screenshot(page, 'pair-points');
    await open('devices');
    await page.locator('[data-testid=device-row][data-device="plc-plant"]').waitFor();
    await screenshot(page, 'pair-devices');
    await open('redundancy');
    await becomes('node-self-state', 'Running');
    await becomes('node-peer-state', 'Standby');
    await screenshot(page, 'pair-redundancy');
  });

  it('shows an alarm that the building raises', async () => {
    await demo.set('plc-ahu', 'AHU1.Smoke', true);
    await open('alarms');
    await page.locator('[data-testid=alarm-row][data-alarm="AHU1.Smoke"]').waitFor({ timeout: 20_000 });
    await screenshot(page, 'pair-alarms');
    await open('overview');
    await page.getByTestId('alarm-banner').filter({ hasText: 'Smoke' }).waitFor();
    await screenshot(page, 'pair-overview');
  });

  it('does with an alarm what an operator does: acknowledge, shelve, note, mute; the journal and the figures know of it', async () => {
    await open('alarms');
    const row = page.locator('[data-testid=alarm-row][data-alarm="AHU1.Smoke"]');
    await row.getByTestId('alarm-open').click();
    const drawer = page.getByTestId('alarm-drawer');
    const act = async (action: string, reason: string): Promise<void> => {
      await drawer.getByTestId(`alarm-${action}`).click();
      await page.getByTestId('action-reason').locator('input').fill(reason);
      await page.getByTestId('action-confirm').click();
      await page.getByTestId('action-dialog').waitFor({ state: 'detached' });
    };
    await act('acknowledge', 'on my way');
    await drawer.getByTestId('drawer-state').filter({ hasText: 'Active, acknowledged' }).waitFor();
    await act('note', 'steam from the kitchen');
    await drawer.getByTestId('alarm-notes').filter({ hasText: 'steam from the kitchen' }).waitFor();
    await act('shelve', 'until the hood works');
    await drawer.getByTestId('drawer-until').waitFor();
    await screenshot(page, 'pair-alarm-drawer');
    await act('unshelve', 'it does');
    await drawer.getByTestId('drawer-state').filter({ hasText: 'Active' }).waitFor();
    await drawer.getByTestId('drawer-close').click();
    await page.getByTestId('tab-mutes').click();
    await page.getByTestId('mute-add').click();
    await page.getByTestId('action-reason').locator('input').fill('commissioning');
    await page.getByTestId('action-confirm').click();
    await page.getByTestId('mute-row').filter({ hasText: 'commissioning' }).waitFor();
    await page.getByTestId('mute-end').click();
    await page.getByTestId('action-confirm').click();
    await page.getByTestId('mute-row').waitFor({ state: 'detached' });
    await page.getByTestId('tab-figures').click();
    await page.getByTestId('alarm-figures').waitFor();
    await screenshot(page, 'pair-alarm-figures');
    await page.getByTestId('tab-journal').click();
    await page.getByTestId('journal-search').locator('input').fill('hood');
    await page.getByTestId('journal-row').filter({ hasText: 'until the hood works' }).waitFor();
    await until('others are filtered', async () => ((await page.getByTestId('journal-row').count()) === 1 ? true : undefined));
    await open('audit');
    for (const action of ['acknowledge', 'alarm-shelve', 'alarm-note', 'alarm-mute']) await page.getByText(action, { exact: true }).first().waitFor();
  });

  it('shows the plant: values in the drawing, the alarm at its element, details and commands by a click', async () => {
    await demo.set('plc-ahu', 'AHU1.Frost', true);
    await page.getByTestId('alarm-banner').filter({ hasText: 'AHU1.Frost' }).getByTestId('banner-graphic').click();
    const graphic = page.locator('[data-testid=graphic][data-graphic=AHU1]');
    await page.locator('[data-testid=graphic-frame][data-element=frostBox]').waitFor();
    await page.locator('[data-testid=graphic-mark][data-element=frostBox][data-mark=alarm]').waitFor();
    await screenshot(page, 'pair-graphic-alarm');
    await demo.set('plc-ahu', 'AHU1.Frost', false);
    for (const [held, shown] of [[23.5, '23.5 °C'], [24.5, '24.5 °C']] as const) {
      await demo.set('plc-ahu', 'AHU1.SaT', held);
      await graphic.getByRole('button', { name: `Supply air, ${shown}, opens details` }).filter({ hasText: shown }).waitFor({ timeout: 20_000 });
    }
    await graphic.getByRole('button', { name: /^Supply air,/ }).click();
    await page.getByTestId('point-drawer').filter({ hasText: 'AHU1.SaT' }).waitFor();
    await page.getByTestId('drawer-close').click();
    await graphic.getByRole('button', { name: /^Setpoint,/ }).press('Enter');
    await page.getByTestId('write-dialog').filter({ hasText: 'AHU1.SaTSp' }).waitFor({ state: 'attached' });
    await page.getByTestId('write-dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByTestId('write-dialog').waitFor({ state: 'detached' });
    await graphic.getByRole('link', { name: /^Demo tower/ }).click();
    await page.locator('[data-testid=graphic][data-graphic=Building]').waitFor();
    await page.getByTestId('graphic-values').locator('summary').click();
    await page.getByTestId('graphic-values').getByRole('button', { name: 'R101, temperature' }).waitFor();
    await open('overview');
    await page.getByTestId('kpi-count').filter({ hasText: 'of 6' }).waitFor();
    await page.locator('[data-testid=graphic][data-graphic=Building]').waitFor();
  });

  it('binds an element: a draft that outlives a reload, checked, applied on both nodes; a drawing that is unsafe is refused', async () => {
    await page.evaluate(`location.hash = '#/graphics?name=Roof&edit=1'`);
    await page.getByTestId('graphic-element').selectOption('lux');
    await page.getByTestId('element-label').fill('Daylight');
    await page.getByTestId('element-point').fill('Site.Luxx');
    await page.getByTestId('graphic-check').click();
    await page.getByTestId('configuration-problems').filter({ hasText: 'did you mean `Site.Lux`' }).waitFor();
    await page.reload();
    await page.getByTestId('graphic-draft').waitFor();
    await page.getByTestId('graphic-element').selectOption('lux');
    assert.equal(await page.getByTestId('element-label').inputValue(), 'Daylight');
    await page.getByTestId('element-point').fill('Site.Lux');
    const svg = (inner: string): { name: string; mimeType: string; buffer: Buffer } => ({ name: 'roof.svg', mimeType: 'image/svg+xml', buffer: Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 100">${inner}</svg>`) });
    await page.getByTestId('graphic-file').setInputFiles(svg('<rect onclick="x()"/><script/>'));
    for (const named of ['`onclick` of <rect>', '<script>: a drawing runs nothing']) await page.getByTestId('configuration-problems').filter({ hasText: named }).waitFor();
    await page.getByTestId('graphic-file').setInputFiles(svg('<text id="oaT" y="20">0</text><text id="light" y="50">0</text>'));
    await page.getByTestId('graphic-lost').filter({ hasText: 'lux' }).waitFor();
    await page.getByTestId('graphic-discard').click();
    await page.getByTestId('graphic-lost').waitFor({ state: 'detached' });
    await page.getByTestId('graphic-element').selectOption('lux');
    await page.getByTestId('element-label').fill('Daylight');
    await page.getByTestId('rule-fill-add').click();
    await page.getByTestId('rule-fill-colour').selectOption('attention');
    await screenshot(page, 'pair-graphic-editor');
    await page.getByTestId('graphic-apply').click();
    await page.getByTestId('action-reason').locator('input').fill('daylight by its name');
    await page.getByTestId('action-confirm').click();
    await page.getByTestId('graphic-draft').waitFor({ state: 'detached' });
    await page.getByTestId('graphic-edit').click();
    await page.getByTestId('graphic').getByRole('button', { name: /^Daylight,/ }).waitFor();
  });

  it('switches to the backup and back', async () => {
    await open('redundancy');
    await switchTo('B', 'system test, there');
    await inSync(1);
    await screenshot(page, 'pair-switched');
    await becomes('node-self-state', 'Standby');
    await switchTo('A', 'system test, and back');
    await inSync(0);
  });

  it('shows several trends, with an axis for each unit, and what they are in a table', async () => {
    await page.evaluate(`location.hash = '#/trends?points=AHU1.SaT'`);
    await page.getByTestId('trend-point').fill('Main.kW');
    await page.getByTestId('trend-add').click();
    await page.locator('[data-testid=trend-chart][data-lines="2"]').waitFor();
    await page.locator('[data-testid=trend-line][data-point="Main.kW"]').waitFor();
    await screenshot(page, 'pair-trends');
    await page.locator('[data-testid=trend-line][data-point="AHU1.SaT"]').getByTestId('trend-remove').click();
    await page.locator('[data-testid=trend-chart][data-lines="1"]').waitFor();
    // The same of a time before, dashed, read with the same figures: only the time differs.
    const asked = page.waitForRequest((request) => request.url().includes('history/aggregate') && Date.now() - Date.parse(new URL(request.url()).searchParams.get('to') ?? '') > 3_500_000);
    await page.getByTestId('trend-compare').click();
    await page.getByRole('option', { name: 'An hour before' }).click();
    await page.locator('[data-testid=trend-chart][data-lines="2"]').waitFor();
    const { searchParams } = new URL((await asked).url());
    assert.equal(Date.parse(searchParams.get('to') ?? '') - Date.parse(searchParams.get('from') ?? ''), 3_600_000 + Number.parseInt(searchParams.get('every') ?? '', 10));
    await page.locator('[data-testid=trend-earlier][data-point="Main.kW"]').filter({ hasText: '1 hour before' }).waitFor();
    await screenshot(page, 'pair-trends-compared');
  });

  it('tries a control program on recorded history, and applies it on both nodes', async () => {
    await open('logic');
    await page.getByTestId('logic-panel').filter({ hasText: 'B1.HwSTSp' }).waitFor();
    const text = page.getByTestId('logic-text');
    await text.fill('return {hw: NaN}');
    await page.getByTestId('logic-try').click();
    await page.getByTestId('logic-trial').filter({ hasText: 'output.hw is NaN' }).waitFor();
    await text.fill('state.n = (state.n ?? 0) + 1\nreturn {hw: 51, chw: 8}');
    await page.getByTestId('logic-try').click();
    await page.getByTestId('logic-trial').filter({ hasText: 'hw 1 change' }).waitFor();
    await screenshot(page, 'pair-logic');
    await page.getByTestId('logic-apply').click();
    await page.getByTestId('action-reason').locator('input').fill('simpler');
    await page.getByTestId('action-confirm').click();
    await page.getByTestId('logic-outputs').filter({ hasText: '51.0' }).waitFor();
    await page.getByTestId('logic-draft').waitFor({ state: 'detached' });
    await open('configuration');
    await page.getByTestId('tab-history').click();
    await page.locator('[data-testid=configuration-revision][data-number="3"]').filter({ hasText: 'simpler' }).waitFor();
    await page.locator('[data-testid=configuration-revision][data-number="2"]').getByTestId('configuration-compare-with').click();
    await page.getByTestId('configuration-differences').filter({ hasText: 'logic Plant.reset' }).waitFor();
    await screenshot(page, 'pair-configuration');
  });

  it('names what is wrong with a configuration before it is applied', async () => {
    await open('configuration');
    await page.getByTestId('tab-document').click();
    const text = page.getByTestId('configuration-text');
    await text.fill((await text.inputValue()).replace('point: B1.HwSTSp', 'point: B1.HwSTspp'));
    await page.getByTestId('configuration-check').click();
    await page.getByTestId('configuration-problems').filter({ hasText: 'did you mean `B1.HwSTSp`' }).waitFor();
    await page.getByTestId('configuration-discard').click();
    await page.getByTestId('configuration-draft').waitFor({ state: 'detached' });
  });

  it('takes alarms from a spreadsheet: what differs is shown cell by cell before it is applied, a bad cell is named', async () => {
    await open('configuration');
    await page.getByTestId('tab-sheet').click();
    const table = (low: string): { name: string; mimeType: string; buffer: Buffer } => ({ name: 'alarms.csv', mimeType: 'text/csv', buffer: Buffer.from(`\uFEFFname;point;low;priority\r\nSheet.low;B1.HwST;${low};2\r\n`) });
    await page.getByTestId('sheet-file').setInputFiles(table('cold'));
    await page.getByTestId('configuration-problems').filter({ hasText: 'must be a number (found "cold")' }).filter({ hasText: 'C2 low' }).waitFor();
    await page.getByTestId('sheet-file').setInputFiles(table('3,5'));
    await page.locator('[data-testid=sheet-change][data-name="Sheet.low"]').filter({ hasText: 'low 3,5' }).waitFor();
    await screenshot(page, 'pair-spreadsheet');
    await page.getByTestId('sheet-apply').click();
    await page.getByTestId('action-reason').locator('input').fill('from the planner');
    await page.getByTestId('action-confirm').click();
    await page.getByTestId('sheet-differences').waitFor({ state: 'detached' });
    await page.getByTestId('tab-document').click();
    await until('the document has it', async () => ((await page.getByTestId('configuration-text').inputValue()).includes('Sheet.low: {point: B1.HwST, low: 3.5, priority: 2}') ? true : undefined));
  });

  it('takes the devices of an EDE file into the configuration, those that are chosen', async () => {
    await open('configuration');
    await page.getByTestId('tab-discovery').click();
    const row = (device: string, type: number, name: string): string => `${device}.${name};${device};${name};${String(type)};1;;;;;N;;;;;62;`;
    const columns = '# keyname;device obj.-instance;object-name;object-type;object-instance;description;present-value-default;min-present-value;max-present-value;settable;supports COV;hi-limit;low-limit;state-text-reference;unit-code;vendor-specific-address';
    const ede = [columns, row('7001', 0, 'Roof'), row('7002', 0, 'Cellar')].join('\r\n');
    await page.getByTestId('discovery-files').setInputFiles({ name: 'Tower_EDE.csv', mimeType: 'text/csv', buffer: Buffer.from(ede) });
    await page.locator('[data-testid=found-device][data-device="7002"]').getByRole('checkbox').uncheck();
    await screenshot(page, 'pair-discovery');
    await page.getByTestId('discovery-add').click();
    await becomes('outcome', '1 device added');
    await page.getByTestId('tab-document').click();
    const text = await page.getByTestId('configuration-text').inputValue();
    assert.match(text, /device-7001: \{driver: bacnet, line: \S+, instance: 7001\}/);
    assert.doesNotMatch(text, /7002/);
    await page.getByTestId('configuration-check').click();
    await becomes('outcome', 'No errors');
    await page.getByTestId('configuration-discard').click();
    await page.getByTestId('configuration-draft').waitFor({ state: 'detached' });
  });

  it('looks for Modbus units, and takes a register map of one into the configuration', async () => {
    const { value } = await json<{ value: Record<string, { driver: string; host?: string; port?: number }> }>(`${demo.urls[0]}/api/v1/configuration/devices`);
    const { host = '', port = 0 } = Object.values(value).find(({ driver }) => driver === 'modbus-tcp') ?? {};
    await open('configuration');
    await page.getByTestId('tab-discovery').click();
    await page.getByTestId('discovery-protocol').click();
    await page.getByRole('option', { name: 'Modbus TCP' }).click();
    const look = async (at: number, units: string): Promise<void> => {
      for (const [field, text] of [['host', host], ['port', String(at)], ['units', units]] as const) await page.getByTestId(`discovery-${field}`).locator('input').fill(text);
      await page.locator('[data-testid=discovery-start]:not([disabled])').click();
    };
    // Where nobody answers it takes long: how far it has come of how many, and an end to it.
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => void silent.listen(0, host, resolve));
    await look((silent.address() as AddressInfo).port, '1-200');
    const progress = page.locator('[data-testid=discovery-progress][data-total="200"]:not([data-done="0"])');
    await progress.waitFor();
    // It goes on without the page, and is found again: as what the node is at, and with what it has found.
    await page.reload();
    await page.locator('[data-testid=activity-discovery][data-total="200"]').waitFor();
    await page.getByTestId('tab-discovery').click();
    await progress.waitFor();
    await page.getByTestId('discovery-stop').click();
    await becomes('outcome', 'Stopped; 0 devices');
    await page.getByTestId('activity-discovery').waitFor({ state: 'detached' });
    for (const socket of sockets) socket.destroy();
    silent.close();
    await look(port, '1-3');
    await page.locator('[data-testid=found-device]').first().waitFor();
    await page.getByTestId('discovery-preview').filter({ hasText: 'driver: modbus-tcp' }).waitFor();
    const upload = async (text: string): Promise<void> => page.getByTestId('map-file').setInputFiles({ name: 'meter.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    await page.getByTestId('map-name').locator('input').fill('meter');
    await upload('name;address;type\nU1;hr:900;float99\n');
    await becomes('outcome', 'meter.csv: line 2: type: nobody knows what float99 is');
    // The browser's own word of the refusal.
    assert.match(browser.complaints.splice(0).join(), /^[^,]* 400 [^,]*discovery\/import$/);
    await upload('name;address;type;unit\nU1;hr:900;float32;V\nU2;hr:902;float32;V\n');
    await page.getByTestId('discovery-preview').filter({ hasText: 'meter.U2' }).waitFor();
    await screenshot(page, 'pair-discovery-modbus');
    await page.getByTestId('discovery-add').filter({ hasText: 'Add 2 points of meter' }).click();
    await becomes('outcome', '2 points of meter added');
    await page.getByTestId('tab-document').click();
    assert.match(await page.getByTestId('configuration-text').inputValue(), new RegExp(`meter: \\{driver: modbus-tcp, host: ${host}, port: ${String(port)}, unit: 1\\}`));
    await page.getByTestId('configuration-check').click();
    await becomes('outcome', 'No errors');
    await page.getByTestId('configuration-discard').click();
    await page.getByTestId('configuration-draft').waitFor({ state: 'detached' });
  });

  it('changes the own password', async () => {
    await page.getByTestId('own-password').click();
    for (const [field, text] of [['old', demo.password], ['next', `${demo.password}-2`], ['again', `${demo.password}-2`]] as const) await page.getByTestId(`password-${field}`).locator('input').fill(text);
    await page.getByTestId('password-save').click();
    await page.getByTestId('password-close').click();
    // The session of this page goes on.
    await open('users');
    await page.getByTestId('user-row').first().waitFor();
  });

  it('keeps a schedule that is half changed', async () => {
    await page.evaluate(`location.hash = '#/schedules?schedule=Lobby.hours'`);
    const monday = page.locator('[data-testid=week-entry][data-day=Mon][data-time="06:00"]');
    await monday.focus();
    await monday.press('ArrowUp');
    await page.locator('[data-testid=week-entry][data-day=Mon][data-time="05:45"]').waitFor();
    // By the mouse, in several moves: an hour later. The week is 360 px high.
    const tuesday = page.locator('[data-testid=week-entry][data-day=Tue][data-time="06:00"]');
    await tuesday.scrollIntoViewIfNeeded();
    const box = await tuesday.boundingBox();
    assert.ok(box !== null);
    await page.mouse.move(box.x + 20, box.y + 8);
    await page.mouse.down();
    for (const down of [4, 8, 12, 15]) await page.mouse.move(box.x + 20, box.y + 8 + down);
    await page.mouse.up();
    await page.locator('[data-testid=week-entry][data-day=Tue][data-time="07:00"]').waitFor();
    await page.getByTestId('month-after').click();
    await page.locator('[data-testid=month-day][data-day$="-10"]').click();
    await page.locator('[data-testid=month-day][data-day$="-12"]').click();
    assert.match(await page.getByTestId('exception-to').inputValue(), /-12$/);
    await page.getByTestId('exception-add').click();
    await page.locator('[data-testid=month-day][data-day$="-11"][data-exceptions="1"]').waitFor();
    assert.equal(await page.locator('[data-testid=month-day][data-exceptions="1"]').count(), 3);
    await screenshot(page, 'pair-schedules');
    await page.getByTestId('exception-remove').last().click();
    await page.locator('[data-testid=month-day][data-day$="-11"][data-exceptions="0"]').waitFor();
    await open('logic');
    await page.getByTestId('logic-text').fill('return {hw: 52}');
  });

  it('follows the backup by itself when the main is killed, and says so', async () => {
    // Somebody is about to apply a program: what is open on it stays open, whichever node answers.
    await page.getByTestId('logic-apply').click();
    const reason = page.getByTestId('action-reason').locator('input');
    await reason.fill('half a sentence');
    const startMs = Date.now();
    process.kill(demo.mainPid, 'SIGKILL');
    await becomes('active-node', 'Following node B', FOLLOW_MS);
    const followedMs = Date.now() - startMs;
    // The bar of the switch before said the contrary.
    await becomes('control-moved', 'from node A to node B', FOLLOW_MS);
    assert.equal(await reason.inputValue(), 'half a sentence');
    await page.getByTestId('action-dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByTestId('action-dialog').waitFor({ state: 'detached' });
    await open('redundancy');
    await becomes('node-self-state', 'Faulted');
    await screenshot(page, 'pair-failed-over');
    assert.ok(followedMs < FOLLOW_MS, `after ${String(followedMs)} ms`);
    // Nothing typed is lost.
    await open('logic');
    assert.equal(await page.getByTestId('logic-text').inputValue(), 'return {hw: 52}');
    await page.evaluate(`location.hash = '#/schedules?schedule=Lobby.hours'`);
    await page.locator('[data-testid=week-entry][data-day=Mon][data-time="05:45"]').waitFor();
    await page.getByTestId('schedule-apply').click();
    await page.getByTestId('action-reason').locator('input').fill('earlier');
    await page.getByTestId('action-confirm').click();
    await page.getByTestId('schedule-draft').waitFor({ state: 'detached' });
    await page.locator('[data-testid=week-entry][data-day=Mon][data-time="05:45"]').waitFor();
    // What was bound is on the other node, too, and live there.
    await page.evaluate(`location.hash = '#/graphics?name=Roof'`);
    await page.getByTestId('graphic').getByRole('button', { name: /^Daylight, \d/ }).waitFor();
    await open('points');
    await demo.set('plc-ahu', 'AHU1.SaT', 22.5);
    await page.locator('[data-testid=point-row][data-point="AHU1.SaT"]').getByTestId('point-value').filter({ hasText: '22.5' }).waitFor({ timeout: 20_000 });
  });

  it('goes back with the main, without being touched', async () => {
    await open('redundancy');
    await demo.restartedMain(60_000);
    await becomes('active-node', 'Following node A', 60_000);
    await becomes('node-self-state', 'Running');
    await becomes('node-peer-state', 'Standby');
    assert.match(await textOf(page, 'connection-state'), /^Connected/);
    await screenshot(page, 'pair-handed-back');
  });

  it('is as readable in the dark as in the light, on a phone too, and to who does not see it', async () => {
    const findings: string[] = [];
    /** With what a page shows last, when what it asks for has come. */
    const pages = {
      overview: '[data-testid=alarm-banner]',
      graphics: '[data-testid=graphic] [role=button]',
      points: '[data-testid=point-value]',
      alarms: '[data-testid=alarm-row]',
      redundancy: '[data-testid=redundancy-event]',
      devices: '[data-testid=device-row]',
      schedules: '[data-testid=week-entry]',
      trends: '[data-testid=trend-point]',
      logic: '[data-testid=logic-text]',
      configuration: '[data-testid=configuration-text]',
      users: '[data-testid=user-row]',
      audit: '[data-testid=audit-row]',
    };
    for (const theme of ['light', 'dark', 'phone']) {
      if (theme === 'dark') await page.getByTestId('theme-switch').click();
      if (theme === 'phone') await page.setViewportSize({ width: 390, height: 844 });
      for (const [name, content] of Object.entries(pages)) {
        await open(name);
        await page.locator(content).first().waitFor();
        const wider = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
        if (wider > 0) findings.push(`${name} (${theme}): ${String(wider)} px wider than the screen`);
        await screenshot(page, `page-${name}-${theme}`);
        if (theme === 'phone') continue;
        findings.push(...(await seriousFindings(page, theme === 'dark')).map((finding) => `${name} (${theme}): ${finding}`));
      }
    }
    await page.setViewportSize({ width: 1366, height: 768 });
    await light();
    assert.deepEqual(findings, []);
  });
});
