import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { Activity } from '../../src/contract/index.js';
import { requireTool } from '../hooks.js';
import { seriousFindings } from './axe.js';
import { Browser, screenshot, textOf } from './browser.js';
import { TOKEN } from './fake-node.js';
import { until } from '../system/processes.js';
import { FakePair } from './fake-pair.js';

const pages = ['overview', 'points', 'alarms', 'redundancy', 'devices'];
const phone = { width: 390, height: 844 };

describe('console', function () {
  this.timeout(60_000);
  let browser: Browser;
  let pair: FakePair;
  let page: Page;

  before(async function () {
    requireTool(this, 'chromium');
    browser = await Browser.open();
  });

  after(async () => {
    // Undefined where the suite was skipped.
    await (browser as Browser | undefined)?.close();
  });

  beforeEach(async () => {
    browser.complaints.length = 0;
    pair = new FakePair();
    await pair.start();
    page = await browser.page(pair.url('A'));
  });

  afterEach(async () => {
    await page.close();
    await pair.stop();
  });

  const open = async (name: string): Promise<void> => {
    await page.evaluate(`location.hash = '#/${name}'`);
    await page.getByRole('heading', { level: 1, name: new RegExp(name, 'i') }).waitFor();
  };
  const signIn = async (token = TOKEN): Promise<void> => {
    await page.getByTestId('sign-in').click();
    await page.getByTestId('use-token').click();
    await page.getByTestId('token-input').locator('input').fill(token);
    await page.getByTestId('sign-in-submit').click();
    await page.getByTestId('sign-out').waitFor();
  };
  const row = (name: string) => page.locator(`[data-testid=point-row][data-point="${name}"]`);
  const becomes = async (testId: string, text: string): Promise<void> => page.getByTestId(testId).filter({ hasText: text }).first().waitFor();

  it('shows each page, dark and light, on a desk and on a phone, without a complaint', async () => {
    await becomes('active-node', 'Following node A');
    for (const [theme, viewport] of [['dark', undefined], ['light', undefined], ['phone', phone]] as const) {
      if (viewport !== undefined) await page.setViewportSize(viewport);
      if (theme !== 'phone') {
        const schema = await page.evaluate<string>('document.documentElement.dataset.ixColorSchema');
        if (schema !== theme) await page.getByTestId('theme-switch').click();
      }
      for (const name of pages) {
        await open(name);
        await page.waitForTimeout(400);
        await screenshot(page, `${name}-${theme}`);
        const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
        assert.ok(overflow <= 0, `${name} is ${String(overflow)} px wider than the ${theme} screen`);
      }
    }
    // A phone has room for what is wrong with a device, and nothing to say where nothing is.
    const device = page.getByTestId('device-row');
    assert.match(await device.filter({ hasText: 'meter-2' }).innerText(), /modbus-rtu\s+timeout: no answer from unit 6/);
    assert.deepEqual((await device.filter({ hasText: 'weather' }).innerText()).split(/\s+/), ['weather', 'Online', 'bacnet']);
    // A phone has no column titles to sort by.
    await open('points');
    await page.getByTestId('sort-choice').click();
    await page.getByRole('option', { name: 'By name, downwards' }).click();
    await page.locator('[data-testid=point-row][aria-rowindex="2"][data-point="Site.OaT"]').waitFor();
    assert.deepEqual(browser.complaints, []);
  });

  it('shows what either node is at, counted where it can be, after a reload too; a failure with its code until it is dismissed', async () => {
    const startedMs = Date.now() - 4_000;
    const sync: Activity = { id: 'sync', node: 'A', kind: 'sync', subject: 'B', startedMs, state: 'running', step: 'snapshot-send', done: 2_500_000, total: 10_000_000, unit: 'bytes' };
    const table: Activity = { id: 'import/3', node: 'A', kind: 'import', subject: 'points', by: 'eve@10.20.0.7', startedMs: startedMs + 1_000, state: 'running', step: 'check-document' };
    await becomes('active-node', 'Following node A');
    assert.equal(await page.getByTestId('activities').count(), 0);
    pair.facts.activities = { A: [sync, table], B: [{ ...sync, node: 'B', step: 'snapshot-receive', done: undefined, total: undefined, unit: undefined } as unknown as Activity, { id: 'apply/1', node: 'B', kind: 'apply', subject: '', startedMs, state: 'failed', step: 'ask-standby', error: { code: 'CONFIG_PARTNER', message: 'the other node did not say whether it can run this' } }] };
    // The console of the standby shows the same: both ask both.
    await page.goto(pair.url('B'));
    for (const again of [false, true]) {
      if (again) await page.reload();
      await becomes('activity-sync', '25 % (2.5 MB of 10 MB)');
      assert.equal(await page.getByTestId('activities').getByRole('progressbar').count(), 2, 'what both nodes tell of is one thing');
      assert.deepEqual(await page.evaluate(`[...document.querySelectorAll('[data-testid=activities] progress')].map((bar) => [bar.position, bar.getAttribute('aria-label'), bar.getAttribute('aria-valuetext')])`), [
        [0.25, 'Bringing node B up to date: sending the snapshot', '25 % (2.5 MB of 10 MB)'],
        [-1, 'Import: points: checking the document', null],
      ]);
      await becomes('activity-import', 'node A, for eve');
      await becomes('activities-told', 'Under way: Bringing node B up to date. Under way: Import: points');
      await becomes('activity-failed', 'Putting the configuration into force failed: the other node did not say whether it can run this (CONFIG_PARTNER)');
    }
    await screenshot(page, 'activities');
    assert.deepEqual(await seriousFindings(page), []);
    await page.getByTestId('theme-switch').click();
    assert.deepEqual(await seriousFindings(page, true), []);
    await page.getByTestId('activity-failed-close').click();
    await page.getByTestId('activity-failed').waitFor({ state: 'detached' });
    await page.setViewportSize(phone);
    await screenshot(page, 'activities-phone');
    assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')) <= 0);
    pair.facts.activities = {};
    await page.getByTestId('activities').waitFor({ state: 'detached' });
    assert.equal(await textOf(page, 'activities-told'), '');
    assert.deepEqual(browser.complaints, []);
  });

  it('asks whose version of the document counts when somebody else has applied one, and applies to that', async () => {
    let revision = 'r1';
    const put: unknown[] = [];
    await page.route(/\/api\/v1\/configuration$/, async (route) => {
      if (route.request().method() === 'PUT') put.push(route.request().postDataJSON());
      await route.fulfill({ json: { number: 6, revision, text: `site: {name: st-mary}\n# ${revision}\n`, origin: { how: 'edit', node: 'A', user: 'x', timeMs: 1 } } });
    });
    await signIn();
    await open('configuration');
    const text = page.getByTestId('configuration-text');
    const draft = (outdated: boolean) => page.locator(`[data-testid=configuration-draft][data-outdated=${String(outdated)}]`);
    await text.fill('site: {name: st-mary}\n# mine\n');
    await draft(false).waitFor();
    revision = 'r2';
    await page.reload();
    await draft(true).waitFor();
    await screenshot(page, 'configuration-conflict');
    assert.deepEqual(await seriousFindings(page), []);
    await page.setViewportSize(phone);
    assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')) <= 0);
    await screenshot(page, 'configuration-conflict-phone');
    await page.setViewportSize({ width: 1366, height: 768 });
    await page.getByTestId('configuration-keep').click();
    await draft(false).waitFor();
    assert.match(await text.inputValue(), /# mine/);
    await page.getByTestId('configuration-apply').click();
    await page.getByTestId('action-reason').locator('input').fill('mine counts');
    await page.getByTestId('action-confirm').click();
    await draft(false).waitFor({ state: 'detached' });
    assert.deepEqual(put, [{ text: 'site: {name: st-mary}\n# mine\n', expected: 'r2', comment: 'mine counts' }]);
    await text.fill('# mine again');
    revision = 'r3';
    await page.reload();
    await draft(true).waitFor();
    await page.getByTestId('configuration-keep-not').click();
    await draft(true).waitFor({ state: 'detached' });
    assert.match(await text.inputValue(), /# r3/);
  });

  it('tells what came of an import whose answer went to a page that was loaded again', async () => {
    await page.route(/\/api\/v1\/configuration$/, async (route) => route.fulfill({ json: { number: 6, revision: 'r', text: 'site: {name: st-mary}\n', origin: { how: 'edit', node: 'A', user: 'x', timeMs: 1 } } }));
    // It is never answered to this page.
    let asked = 0;
    await page.route(/\/sheets\/points\/diff$/, () => {
      asked++;
    });
    await signIn();
    await open('configuration');
    await page.getByTestId('tab-sheet').click();
    await page.getByTestId('sheet-file').setInputFiles({ name: 'points.csv', mimeType: 'text/csv', buffer: Buffer.from('name;device\nX;plc\n') });
    await until('the node is asked', () => (asked > 0 ? true : undefined));
    const table: Activity = { id: 'import/3', node: 'A', kind: 'import', subject: 'points', startedMs: Date.now(), state: 'running', step: 'check-document' };
    pair.facts.activities = { A: [table] };
    await page.reload();
    await becomes('activity-import', 'checking the document');
    assert.equal(await page.getByTestId('activity-result').count(), 0);
    // Somebody else's is none of this page's business.
    pair.facts.activities = { A: [{ ...table, state: 'done', result: { changes: 12, errors: 1 } }, { ...table, id: 'apply/4', kind: 'apply', subject: '', state: 'done', result: { number: 9 } }] };
    await becomes('activity-result', 'Import: points: 12 definitions differ, 1 error. Nothing is applied yet: open the file again to see it.');
    assert.equal(await page.getByTestId('activity-result').count(), 1);
    await screenshot(page, 'activity-result');
    assert.deepEqual(await seriousFindings(page), []);
    await page.getByTestId('activity-result-close').click();
    await page.getByTestId('activity-result').waitFor({ state: 'detached' });
    await page.reload();
    await becomes('active-node', 'Following node A');
    assert.equal(await page.getByTestId('activity-result').count(), 0, 'it is told once');
  });

  it('shows a name and a message that are scripts as what they are: text', async () => {
    await becomes('active-node', 'Following node A');
    const name = '<img src=x onerror="window.ran=1">';
    pair.publish([], [{ name, point: 'AHU1.SaT', state: 'unacknowledged', priority: 1, class: '<b>x</b>', message: '<script>window.ran=1</script>', sinceMs: Date.now(), occurrence: 1, graphic: 'javascript:window.ran=1' }]);
    await page.getByTestId('alarm-banner').filter({ hasText: name }).waitFor();
    await open('alarms');
    await page.locator('[data-testid=alarm-row]').filter({ hasText: '<script>' }).getByTestId('alarm-open').click();
    await page.getByTestId('alarm-drawer').filter({ hasText: name }).waitFor();
    assert.equal(await page.locator('a[href^="javascript:"]').count(), 0);
    assert.equal(await page.evaluate('window.ran'), undefined);
  });

  it('draws nothing of a hostile drawing that a node has let through, and what is harmless of it', async () => {
    pair.plant.graphics.push({
      name: 'Evil', title: 'Evil', colours: 'theme',
      svg: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 50" onload="window.ran=1"><script>window.ran=1</script><style>body{display:none}</style><foreignObject><img xmlns="http://www.w3.org/1999/xhtml" src="x" onerror="window.ran=1"/></foreignObject>
<a href="javascript:window.ran=1"><text id="link" x="1" y="9">a</text></a><image href="https://evil.example/beacon.png" width="9" height="9"></image><use href="https://evil.example/x.svg#a"></use><rect id="box" x="50" width="40" height="20" fill="url(https://evil.example/#p)" onclick="window.ran=1"></rect><animate href="#box" attributeName="href" to="javascript:window.ran=1"></animate><text id="t" x="5" y="40" font-size="9">0</text><clipPath id="clip"><rect width="9" height="9"></rect></clipPath><text id="bad" x="60" y="40" font-size="9">0</text></svg>`,
      elements: { t: { point: 'AHU1.SaTSp', text: true }, box: { point: 'AHU1.FanSts', fill: [{ is: 'run', colour: 'on' }] }, bad: { point: 'Chiller.kW', label: 'Chiller', text: true } },
    });
    await page.evaluate(`location.hash = '#/graphics?name=Evil&element=box'`);
    const graphic = page.getByTestId('graphic');
    await graphic.getByRole('button', { name: /^AHU1\.SaTSp, 21\.0 °C/ }).waitFor();
    pair.publish([pair.plant.set('AHU1.SaTSp', 17.5)], []);
    const value = graphic.getByRole('button', { name: 'AHU1.SaTSp, 17.5 °C, opens details' });
    await value.filter({ hasText: '17.5 °C' }).waitFor();
    // Bad in words, by a shape and dimmed; the alarm of its point stands before it.
    await graphic.getByRole('button', { name: /^Chiller, .*no communication/ }).waitFor();
    await page.locator('[data-testid=graphic-mark][data-element=bad]').waitFor();
    await page.getByTestId('graphic-frame').waitFor();
    assert.equal(await page.evaluate('window.ran'), undefined);
    assert.equal(await graphic.locator('script, style, foreignObject, a, animate, image, use, [onclick], [onload], img').count(), 0);
    assert.equal(await graphic.locator('clipPath[id="drawn-clip"]').count(), 1);
    await screenshot(page, 'graphic-hostile');
    await value.focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('point-drawer').filter({ hasText: 'AHU1.SaTSp' }).waitFor();
    assert.equal(await graphic.locator('[fill*=evil], [href*=evil]').count(), 0);
    // What the browser says of it is that its policy holds, too.
    assert.deepEqual(browser.complaints.filter((complaint) => !complaint.includes('Content Security Policy')), []);
    browser.complaints.length = 0;
  });

  it('enlarges a drawing around the pointer, by keys, buttons and two fingers; a drag moves it and opens nothing', async () => {
    pair.plant.graphics.push({
      name: 'Large', title: 'Large', colours: 'theme',
      svg: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 500"><rect width="1000" height="500" fill="#eeeeee"></rect><text id="t" x="700" y="300" font-size="24">0</text></svg>',
      elements: { t: { point: 'AHU1.SaTSp', text: true } },
    });
    await page.evaluate(`location.hash = '#/graphics?name=Large'`);
    await page.locator('[data-testid=graphic][data-graphic=Large] [role=button]').waitFor();
    const pane = page.getByTestId('zoom-pane');
    const at = async (): Promise<{ readonly width: number; readonly left: number; readonly top: number }> => page.evaluate(`(() => { const { scrollWidth, scrollLeft, scrollTop } = document.querySelector('[data-testid=zoom-pane]'); return { width: scrollWidth, left: scrollLeft, top: scrollTop }; })()`);
    const percent = async (text: string): Promise<void> => page.getByTestId('zoom-percent').filter({ hasText: text }).waitFor();
    const whole = (await at()).width;
    const box = await pane.boundingBox();
    assert.ok(box !== null);
    const element = page.locator('[data-testid=graphic] [data-opens]');
    const middle = async (): Promise<{ readonly x: number; readonly y: number }> => {
      const { x, y, width, height } = (await element.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
      return { x: x + width / 2, y: y + height / 2 };
    };
    const before = await middle();
    await page.mouse.move(before.x, before.y);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -200);
    await page.keyboard.up('Control');
    await percent('182 %');
    const after = await middle();
    assert.ok(Math.hypot(after.x - before.x, after.y - before.y) < 12, `what is pointed at stays there: ${JSON.stringify([before, after])}`);
    assert.ok((await at()).width > whole * 1.7);
    // Dragged from an element: moved, and nothing opens.
    await page.mouse.down();
    await page.mouse.move(after.x - 30, after.y - 20);
    await page.mouse.move(after.x - 60, after.y - 40);
    await page.mouse.up();
    const moved = await middle();
    assert.ok(Math.abs(moved.x - after.x + 60) < 12, JSON.stringify([after, moved]));
    assert.equal(await page.getByTestId('point-drawer').count(), 0);
    await pane.focus();
    await page.keyboard.press('0');
    await percent('100 %');
    assert.equal((await at()).width, whole);
    await page.keyboard.press('+');
    await percent('125 %');
    await page.getByTestId('zoom-closer').click();
    await page.getByTestId('zoom-away').click();
    await percent('125 %');
    const { left } = await at();
    await page.keyboard.press('Tab');
    await pane.focus();
    await page.keyboard.press('ArrowRight');
    await until('the drawing has moved', async () => ((await at()).left > left ? true : undefined));
    await page.getByTestId('zoom-fit').click();
    await percent('100 %');
    const fingers = await page.context().newCDPSession(page);
    const touch = async (type: 'touchStart' | 'touchMove' | 'touchEnd', apart: number): Promise<void> => {
      const touchPoints = type === 'touchEnd' ? [] : [-1, 1].map((side, id) => ({ x: box.x + box.width / 2 + (side * apart) / 2, y: box.y + 100, id }));
      await fingers.send('Input.dispatchTouchEvent', { type, touchPoints });
    };
    await touch('touchStart', 100);
    for (const apart of [140, 200]) await touch('touchMove', apart);
    await touch('touchEnd', 0);
    await percent('200 %');
    await screenshot(page, 'graphic-enlarged');
    await fingers.detach();
  });

  it('draws a page of a drawing of many while its parameters are typed, with the values that they lead to', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 80"><text id="name" x="10" y="30">Fan {room}</text><text id="value" x="10" y="60">0</text></svg>';
    const written = { svg, elements: { value: { point: '{room}.ZnT', text: true } } };
    await page.route(/\/api\/v1\/graphics$/, async (route) => route.fulfill({ json: { graphics: [{ name: 'P1', title: 'P1', drawing: 'Fan', version: 'v1', points: [] }] } }));
    await page.route(/\/api\/v1\/graphics\/P1$/, async (route) => route.fulfill({ json: { name: 'P1', title: 'P1', svg, elements: {}, colours: 'theme' } }));
    await page.route(/\/api\/v1\/graphics\/Fan\/check$/, async (route) => route.fulfill({ json: { ok: true, problems: [], drawing: { svg, elements: [{ id: 'name', kind: 'text' }, { id: 'value', kind: 'text' }] } } }));
    await page.route(/\/api\/v1\/configuration\/drawings\/Fan$/, async (route) => route.fulfill({ json: { revision: 'r', value: written } }));
    await page.route(/\/api\/v1\/configuration\/graphics\/P1$/, async (route) => route.fulfill({ json: { revision: 'r', value: { drawing: 'Fan', parameters: { room: 'R101' } } } }));
    await page.evaluate(`location.hash = '#/graphics?name=P1&edit=1'`);
    const drawn = page.getByTestId('graphic-editor').getByTestId('graphic');
    await drawn.filter({ hasText: /Fan R101.*\d\d\.\d °C/s }).waitFor();
    await page.getByTestId('graphic-parameter-room').fill('R999');
    await drawn.filter({ hasText: 'Fan R999' }).waitFor();
    await drawn.getByTestId('graphic-mark').filter({ hasText: 'no point' }).waitFor();
    await page.getByTestId('graphic-parameter-room').fill('R102');
    await drawn.filter({ hasText: /Fan R102.*\d\d\.\d °C/s }).waitFor();
    await screenshot(page, 'graphic-parameters');
    await page.setViewportSize(phone);
    assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')) <= 0);
    await screenshot(page, 'graphic-parameters-phone');
  });

  it('shows values as they change', async () => {
    await open('points');
    const value = row('AHU1.SaT').getByTestId('point-value');
    await value.waitFor();
    pair.publish([pair.plant.set('AHU1.SaTSp', 17.5)], []);
    await row('AHU1.SaTSp').filter({ hasText: '17.5 °C' }).waitFor();
    const seen = new Set<string>();
    for (let i = 0; i < 10; i++) {
      seen.add(await value.innerText());
      await page.waitForTimeout(120);
    }
    assert.ok(seen.size > 2, `the value stood still: ${[...seen].join(', ')}`);
    assert.match(await row('Chiller.kW').innerText(), /no communication/);
    assert.deepEqual(browser.complaints, []);
  });

  /** An iX button is no native one: Playwright clicks it while it is still disabled, and nothing happens. */
  async function toConfirmation(): Promise<void> {
    const confirm = page.getByTestId('write-confirm');
    do await page.getByTestId('write-next').click();
    while (!(await confirm.waitFor({ timeout: 1_000 }).then(() => true, () => false)));
  }

  it('finds a point and writes it after a confirmation', async () => {
    await signIn();
    await open('points');
    await page.getByTestId('point-search').locator('input').fill('satsp');
    await row('AHU1.SaTSp').getByTestId('write-button').click();
    await page.getByTestId('value-input').locator('input').fill('19,5');
    await screenshot(page, 'write-dialog');
    await toConfirmation();
    await becomes('write-confirmation', '21.0 °C → 19,5 °C');
    await screenshot(page, 'write-confirmation');
    await page.getByTestId('write-confirm').click();
    await becomes('outcome', 'Both nodes hold the command');
    await screenshot(page, 'write-outcome');
    await page.keyboard.press('Escape');
    await row('AHU1.SaTSp').filter({ hasText: '19.5 °C' }).waitFor();
    assert.deepEqual(browser.complaints, []);
  });

  it('tells why a write was refused, and asks for another token when it was that', async () => {
    await signIn('wrong');
    await open('points');
    await row('AHU1.FanCmd').getByTestId('write-button').click();
    await page.getByTestId('value-choice').getByText('stop').click();
    await screenshot(page, 'write-state');
    await toConfirmation();
    await page.getByTestId('write-confirm').click();
    await becomes('outcome', 'the token does not allow this');
    await page.getByRole('button', { name: 'Close' }).last().click();
    await page.getByTestId('sign-in').waitFor();
    assert.deepEqual(browser.complaints, []);
  });

  it('acknowledges an alarm', async () => {
    await signIn();
    await open('alarms');
    const alarm = page.locator('[data-alarm="AHU1.SaT.high"]');
    assert.equal(await alarm.getAttribute('data-state'), 'unacknowledged');
    await alarm.getByTestId('acknowledge-button').click();
    await page.locator('[data-alarm="AHU1.SaT.high"][data-state=acknowledged]').waitFor();
    assert.equal(await alarm.getByTestId('acknowledge-button').count(), 0);
    assert.deepEqual(browser.complaints, []);
  });

  it('switches with a reason, and follows', async () => {
    await signIn();
    await open('redundancy');
    assert.equal(await textOf(page, 'node-self-state'), 'Running');
    assert.equal(await textOf(page, 'node-peer-state'), 'Standby');
    await page.getByTestId('switch-button').click();
    await page.getByTestId('switch-reason').locator('input').fill('monthly test');
    await screenshot(page, 'switch-dialog');
    await page.getByTestId('switch-confirm').click();
    await becomes('active-node', 'Following node B');
    await becomes('node-peer-state', 'Running');
    await becomes('redundancy-event', 'monthly test');
    await page.getByTestId('control-moved').waitFor();
    await screenshot(page, 'switched');
    assert.deepEqual(browser.complaints, []);
  });

  it('names the reason while a switch is refused', async () => {
    pair.facts.canSwitch = false;
    await open('redundancy');
    await becomes('switch-refusal', 'the standby is not in sync');
    assert.ok(await page.getByTestId('switch-button').evaluate((button) => (button as unknown as { disabled: boolean }).disabled));
  });

  it('follows within a second when its own node is gone, and goes on showing both', async () => {
    await open('redundancy');
    await becomes('active-node', 'Following node A');
    await becomes('node-peer-state', 'Standby');
    pair.facts.handBackInMs = 287_000;
    await pair.kill('A');
    const goneAt = Date.now();
    await becomes('active-node', 'Following node B');
    assert.ok(Date.now() - goneAt < 1_000, `took ${String(Date.now() - goneAt)} ms`);
    await becomes('node-self-state', 'Faulted');
    await becomes('hand-back', '4 min 47 s');
    await screenshot(page, 'failed-over');
    assert.deepEqual(browser.complaints, []);
  });

  it('says that control is owed to the main before the countdown runs', async () => {
    await open('redundancy');
    await becomes('active-node', 'Following node A');
    pair.facts.owedToMain = true;
    await pair.kill('A');
    await becomes('hand-back', 'as soon as it is in sync');
    assert.deepEqual(browser.complaints, []);
  });

  it('does not call the pair unprotected right after a switch, and keeps its bars low', async () => {
    await becomes('protection', 'protected by the standby');
    const seen = new Set<string>();
    pair.switchOver('a test');
    await becomes('control-moved', 'from node A to node B');
    for (let i = 0; i < 10; i++) {
      seen.add(await textOf(page, 'protection'));
      await page.waitForTimeout(100);
    }
    assert.ok(!seen.has('not protected'), [...seen].join(', '));
    const top = await page.getByRole('heading', { level: 1 }).boundingBox();
    assert.ok(top !== null && top.y < 768 / 3, `the page begins at ${String(top?.y)} px`);
    await page.getByTestId('control-moved-close').click();
    await page.getByTestId('control-moved').waitFor({ state: 'detached' });
  });

  it('acknowledges several alarms with one note, which the journal shows', async () => {
    await signIn();
    await open('alarms');
    for (const name of ['AHU1.SaT.high', 'R104.CO2.high']) await page.locator(`[data-alarm="${name}"]`).getByTestId('alarm-pick').check();
    await page.getByTestId('acknowledge-several').filter({ hasText: 'Acknowledge 2' }).click();
    await page.getByTestId('acknowledge-note').locator('input').fill('technician is on the way');
    await screenshot(page, 'acknowledge-dialog');
    await page.getByTestId('acknowledge-confirm').click();
    await page.locator('[data-alarm="AHU1.SaT.high"][data-state=acknowledged]').waitFor();
    assert.equal(await page.locator('[data-alarm="AHU1.FilterDp.high"]').getAttribute('data-state'), 'unacknowledged');
    await page.getByTestId('tab-journal').click();
    const entry = page.getByTestId('journal-row').filter({ hasText: 'AHU1.SaT.high' });
    await entry.filter({ hasText: 'technician is on the way' }).waitFor();
    assert.equal(await page.getByTestId('journal-row').count(), 2);
    await screenshot(page, 'journal');
    assert.deepEqual(browser.complaints, []);
  });

  it('shows which messages wait and why, and which were sent; one is given up, one sent now', async () => {
    const { alarms, notifications } = pair.plant;
    const alarm = alarms.get('AHU1.SaT.high');
    assert.ok(alarm !== undefined);
    const message = { to: 'duty', event: 'raised', timeMs: Date.now() } as const;
    notifications.pending.push({ ...message, id: 'm1', alarm, notBeforeMs: Date.now() + 60_000, attempt: 3, error: 'the mail server does not answer' });
    notifications.log.push({ id: '12.1.0', kind: 'notification', timeMs: Date.now(), data: { ...message, what: 'sent', id: 'm2', to: 'boss', alarm: 'AHU1.SaT.high', occurrence: 1, escalation: 1, possibleRepeat: true } });
    await signIn();
    await open('alarms');
    await page.getByTestId('tab-notifications').click();
    const waiting = page.getByTestId('notification-pending');
    for (const text of ['AHU1.SaT.high', 'Raised', 'duty', 'waits, tried 3 times', 'the mail server does not answer']) await waiting.filter({ hasText: text }).waitFor();
    const sent = page.getByTestId('notification-told');
    for (const text of ['Raised, escalation 1', 'boss', 'sent, possible repeat']) await sent.filter({ hasText: text }).waitFor();
    notifications.pending.push({ ...message, id: '7.1.2.0/boss', to: 'boss', alarm, notBeforeMs: Date.now() + 60_000, attempt: 0 });
    const toBoss = waiting.filter({ hasText: 'boss' });
    await toBoss.getByTestId('notification-give-up').click();
    await page.getByTestId('action-reason').locator('input').fill('on holiday');
    await page.getByTestId('action-confirm').click();
    await toBoss.waitFor({ state: 'detached' });
    await sent.filter({ hasText: 'given up' }).filter({ hasText: 'ann: on holiday' }).waitFor();
    await waiting.getByTestId('notification-send').click();
    await page.getByTestId('action-confirm').click();
    await waiting.waitFor({ state: 'detached' });
    await sent.filter({ hasText: 'duty' }).waitFor();
    await screenshot(page, 'notifications');
    assert.deepEqual(browser.complaints, []);
  });

  it('opens the details of a point with its description and its last hour, by keyboard too', async () => {
    await open('points');
    await row('AHU1.SaT').getByTestId('point-open').click();
    const drawer = page.getByTestId('point-drawer');
    await drawer.filter({ hasText: 'Description of AHU1.SaT' }).waitFor();
    const path = await drawer.getByTestId('history-chart').locator('path').getAttribute('d');
    // The bad sample breaks the line once.
    assert.equal(path?.match(/M/g)?.length, 2);
    await screenshot(page, 'point-drawer');
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    await page.getByRole('table').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await drawer.waitFor();
    assert.deepEqual(browser.complaints, []);
  });

  it('shows the counters of a device in words', async () => {
    await open('devices');
    const device = page.locator('[data-testid=device-row][data-device="meter-2"]');
    await device.filter({ hasText: 'Timeouts 97' }).waitFor();
    assert.match(await device.innerText(), /no answer from unit 6/);
    await device.getByTestId('device-open').click();
    await page.getByTestId('device-drawer').filter({ hasText: 'Frames skipped' }).waitFor();
    assert.equal(await page.getByTestId('cycle-normal').textContent(), 'comes every 3.0 s; takes 2.4 s, at most 2.6 s; 7 polls too long, 14 periods missed');
    await screenshot(page, 'device-drawer');
    assert.deepEqual(browser.complaints, []);
  });

  it('shows as many digits as the unit deserves', async () => {
    await open('points');
    await row('AHU1.FilterDp').getByTestId('point-value').filter({ hasText: /^14[78] Pa$/ }).waitFor();
    await page.getByTestId('point-search').locator('input').fill('R101');
    await row('R101.CO2').getByTestId('point-value').filter({ hasText: /^6\d\d ppm$/ }).waitFor();
  });

  it('shows what a standby holds, and lets nobody write, while no node is active', async () => {
    await signIn();
    await open('points');
    await becomes('connection-state', 'Connected');
    await pair.kill('A', false);
    await becomes('connection-state', 'read only');
    await becomes('active-node', 'No active node');
    await row('AHU1.SaTSp').filter({ hasText: '21.0 °C' }).waitFor();
    assert.match(await row('Chiller.kW').innerText(), /Bad: no communication/);
    assert.ok(await row('AHU1.SaTSp').getByTestId('write-button').evaluate((button) => (button as unknown as { disabled: boolean }).disabled));
    await screenshot(page, 'read-only');
    assert.deepEqual(browser.complaints, []);
  });
});

describe('console with thousands of points', function () {
  this.timeout(60_000);

  it('keeps only the visible rows in the page and stays smooth', async function () {
    requireTool(this, 'chromium');
    const browser = await Browser.open();
    const pair = new FakePair(5_000);
    await pair.start();
    try {
      const page = await browser.page(`${pair.url('A')}#/points`);
      await page.getByTestId('point-row').first().waitFor();
      assert.ok((await page.getByTestId('point-row').count()) < 60);
      // 5,000 values change ten times a second; frames of a fluent page come each 17 ms.
      const frames = await page.evaluate<number>(countFrames);
      assert.ok(frames > 50, `${String(frames)} frames in 2 s`);
      await page.getByRole('table').focus();
      await page.keyboard.press('End');
      await page.locator('[data-point="Vav5000.Flow"]').waitFor();
      // Sorted by name downwards, the last one is the first.
      await page.getByTestId('sort-name').click();
      await page.getByTestId('sort-name').click();
      await page.locator('[role=columnheader][aria-sort=descending]').waitFor();
      await page.getByRole('table').focus();
      await page.keyboard.press('Home');
      await page.locator('[data-point="Vav5000.Flow"][aria-rowindex="2"]').waitFor();
      await page.getByTestId('point-search').locator('input').fill('vav4999');
      await page.locator('[data-point="Vav4999.Flow"][aria-rowindex="2"]').waitFor();
      assert.equal(await page.getByRole('table').getAttribute('aria-rowcount'), '2');
      assert.deepEqual(browser.complaints, []);
    } finally {
      await browser.close();
      await pair.stop();
    }
  });
});

/** Runs in the page: how many animation frames there are in two seconds. */
const countFrames = `new Promise((resolve) => {
  let count = 0;
  const end = performance.now() + 2000;
  const frame = () => (++count, performance.now() < end ? requestAnimationFrame(frame) : resolve(count));
  requestAnimationFrame(frame);
})`;
