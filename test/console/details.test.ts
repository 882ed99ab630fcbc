import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { PointTable } from '../../src/image/index.js';
import { FakeNode as RealNode, TOKEN as SECRET } from '../clients/fake-node.js';
import { requireTool } from '../hooks.js';
import { until } from '../system/processes.js';
import { seriousFindings } from './axe.js';
import { Browser, screenshot, screenshotBoth } from './browser.js';
import { TOKEN } from './fake-node.js';
import { FakePair } from './fake-pair.js';

describe('console: details of points and devices', function () {
  this.timeout(60_000);
  let browser: Browser;
  let pair: FakePair;
  let page: Page;

  before(async function () {
    requireTool(this, 'chromium');
    browser = await Browser.open();
  });

  after(async () => {
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

  const openPoint = async (name: string) => {
    await page.evaluate(`location.hash = '#/points?search=${name}'`);
    await page.locator(`[data-testid=point-row][data-point="${name}"]`).getByTestId('point-open').click();
    return page.getByTestId('point-drawer');
  };
  const openDevice = async (name: string) => {
    await page.evaluate(`location.hash = '#/devices'`);
    await page.locator(`[data-testid=device-row][data-device="${name}"]`).getByTestId('device-open').click();
    return page.getByTestId('device-drawer');
  };
  const signIn = async (): Promise<void> => {
    await page.getByTestId('use-token').click();
    await page.getByTestId('token-input').locator('input').fill(TOKEN);
    await page.getByTestId('sign-in-submit').click();
    await page.getByTestId('sign-out').waitFor();
  };

  it('draws a week as mean with a band, interrupted where nothing is known, and leads to its table', async () => {
    const drawer = await openPoint('AHU1.SaT');
    await drawer.getByTestId('tab-week').click();
    const chart = drawer.locator('[data-testid=history-chart][data-range=week]');
    await chart.filter({ hasText: '1 week ago' }).waitFor();
    const line = await chart.getByTestId('history-mean').getAttribute('d');
    // Two stretches of ten are unknown: the line begins twice, and the band has eight pieces.
    assert.equal(line?.match(/M/g)?.length, 2);
    const band = await chart.getByTestId('history-band').getAttribute('d');
    assert.equal(band?.match(/M/g)?.length, 8);
    assert.match(await chart.innerText(), /18\.2 °C to 23\.0 °C/);
    await screenshotBoth(page, 'point-drawer-week');
    const [request, download] = await Promise.all([page.waitForRequest(/history\.csv/), page.waitForEvent('download'), drawer.getByTestId('history-csv').click()]);
    assert.equal(download.suggestedFilename(), 'AHU1.SaT.csv');
    const asked = new URL(request.url());
    assert.equal(asked.pathname, '/api/v1/history.csv');
    assert.equal(asked.searchParams.get('point'), 'AHU1.SaT');
    assert.equal(Date.parse(asked.searchParams.get('to') ?? '') - Date.parse(asked.searchParams.get('from') ?? ''), 7 * 86_400_000);
    assert.deepEqual(browser.complaints, []);
  });

  it('shows who commands a point, or that its device knows no priorities', async () => {
    const drawer = await openPoint('R101.ZnTSp');
    await drawer.getByTestId('priority-array-ask').click();
    const slots = drawer.getByTestId('priority-slot');
    await slots.first().waitFor();
    assert.equal(await slots.count(), 17);
    assert.match(await drawer.locator('[data-testid=priority-slot][data-active=true]').innerText(), /8\s+22\.5 °C \(in force\)/);
    assert.match(await slots.nth(15).innerText(), /16\s+20\.0 °C/);
    assert.match(await slots.last().innerText(), /Relinquish default\s+21\.0 °C/);
    await screenshotBoth(page, 'priority-array');
    await page.getByTestId('drawer-close').click();
    const other = await openPoint('AHU1.SaTSp');
    await other.getByTestId('priority-array-ask').click();
    await other.getByTestId('outcome').filter({ hasText: 'its device knows no priorities (POINT_NO_PRIORITIES)' }).waitFor();
  });

  it('shows what holds a point, and lets go of it after a confirmation, at whichever node is active', async () => {
    const name = 'R102.ZnTSp';
    const { held } = pair.plant;
    held.command(name, 8, 22.5, 'anna@10.20.0.7', { reason: 'guests', for: '1h' });
    held.command(name, 15, 19, 'schedule Tower.occupancy');
    const drawer = await openPoint(name);
    const slot = (priority: number) => drawer.getByTestId('priority-slot').nth(priority - 1);
    // Nobody has to ask: it is the gateway's own array.
    await slot(8).filter({ hasText: 'anna@10.20.0.7 guests' }).waitFor();
    assert.match(await slot(8).innerText(), /22\.5 °C \(in force\)/);
    assert.match(await slot(15).innerText(), /19\.0 °C\s+schedule Tower\.occupancy/);
    await slot(8).getByTestId('slot-relinquish').click();
    await signIn();

    await slot(8).getByTestId('slot-relinquish').click();
    const dialog = page.getByTestId('action-dialog');
    await dialog.getByText('22.5 °C of anna@10.20.0.7 is given up').waitFor();
    // By keyboard alone: Escape leaves everything as it is.
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.equal(held.priorities(name).active, 8);
    await slot(8).getByTestId('slot-relinquish').click();
    await dialog.getByTestId('action-confirm').click();
    await slot(15).filter({ hasText: '(in force)' }).waitFor();

    await drawer.getByTestId('point-override').click();
    await dialog.getByTestId('value-input').locator('input').fill('23,5');
    await dialog.getByTestId('action-reason').locator('input').fill('concert');
    assert.deepEqual(await seriousFindings(page), []);
    await dialog.getByTestId('action-confirm').click();
    await slot(8).filter({ hasText: '23.5 °C (in force)' }).waitFor();
    assert.match(await slot(8).innerText(), /tests@10\.20\.0\.7 concert/);

    await drawer.getByTestId('point-out').click();
    await dialog.getByTestId('action-reason').locator('input').fill('valve is being replaced');
    await dialog.getByTestId('action-confirm').click();
    await drawer.getByTestId('point-hold').filter({ hasText: 'valve is being replaced' }).waitFor();
    await pair.kill('A');
    await page.getByTestId('active-node').filter({ hasText: 'node B' }).waitFor();
    await drawer.getByTestId('point-hold').filter({ hasText: 'Out of service' }).waitFor();
    await slot(8).filter({ hasText: 'concert' }).waitFor();
    assert.deepEqual(await seriousFindings(page), []);
    await screenshotBoth(page, 'point-holds');
    await drawer.getByTestId('point-return').click();
    await dialog.getByTestId('action-confirm').click();
    await drawer.getByTestId('point-hold').waitFor({ state: 'detached' });
    assert.equal(held.holds.size, 0);
  });

  it('waits for the node that takes over where nobody knows yet which one that is', async () => {
    const name = 'R103.ZnTSp';
    const drawer = await openPoint(name);
    await drawer.getByTestId('point-out').click();
    await signIn();
    await drawer.getByTestId('point-out').click();
    const dialog = page.getByTestId('action-dialog');
    await dialog.getByTestId('action-reason').locator('input').fill('valve');
    // Refused, without the address of another node, until it is over.
    pair.plant.held.refusals = 3;
    await dialog.getByTestId('action-confirm').click();
    await drawer.getByTestId('point-hold').filter({ hasText: 'valve' }).waitFor();
    assert.deepEqual([pair.plant.held.refusals, pair.plant.held.done], [0, 1]);
  });

  it('waits for a busy node with what each page reads, and for the node that takes over', async () => {
    const name = 'R103.ZnTSp';
    const reads = [/\/api\/v1\/users$/, /\/api\/v1\/alarms\/mutes$/, /\/api\/v1\/logic$/, /\/api\/v1\/schedules\?/, /\/api\/v1\/points\/R103/];
    const isRead = (url: string): boolean => reads.some((read) => read.test(url));
    const [asked, ended] = [[] as string[], [] as string[]];
    page.on('request', (request) => isRead(request.url()) && asked.push(request.url()));
    page.on('requestfinished', (request) => isRead(request.url()) && ended.push('answered'));
    page.on('requestfailed', (request) => isRead(request.url()) && ended.push(`given up: ${request.url()}`));
    let release = (): void => undefined;
    const busy = new Promise<void>((resolve) => (release = resolve));
    for (const read of reads) {
      await page.route(read, async (route) => {
        await busy;
        const body = { users: [], mutes: [], logic: [], schedules: [], description: 'seen after all' };
        // The last one meets a failover: nobody is active yet.
        const refusal = asked.filter((url) => url.includes('R103')).length < 3 ? { code: 'NOT_ACTIVE', detail: 'not active' } : undefined;
        await (route.request().url().includes('R103') && refusal !== undefined ? route.fulfill({ status: 503, json: refusal }) : route.fulfill({ json: body })).catch(() => undefined);
      });
    }
    await page.evaluate(`location.hash = '#/users'`);
    await until('users are asked for', () => asked.some((url) => url.endsWith('users')) || undefined);
    await page.evaluate(`location.hash = '#/alarms'`);
    await page.getByTestId('tab-mutes').click();
    for (const path of ['logic', 'schedules']) {
      await page.evaluate(`location.hash = '#/${path}'`);
      await until(`${path} are asked for`, () => asked.some((url) => url.includes(`v1/${path}`)) || undefined);
    }
    const drawer = await openPoint(name);
    await until('the point is asked for', () => asked.some((url) => url.includes('R103')) || undefined);
    // Longer than a node takes that is only asked whether it is there.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    release();
    await drawer.filter({ hasText: 'seen after all' }).waitFor();
    await until('all are answered', () => (ended.length >= asked.length ? true : undefined));
    assert.deepEqual(ended.filter((end) => end !== 'answered'), []);
    assert.ok(asked.length >= reads.length + 2);
  });

  it('tells what a schedule does on the clock of the site, and says which one that is', async () => {
    const change = (at: string, why: string, text: string): object => ({ at, why, text, value: text });
    const preview = [change('2026-11-23T17:00:00Z', 'Tue 06:00', 'run'), change('2026-11-24T08:00:00Z', 'Tue 21:00', 'stop')];
    await page.route(/\/api\/v1\/schedules\?/, async (route) => route.fulfill({ json: { schedules: [{ name: 'Hours', timezone: 'Pacific/Auckland', now: change('2026-11-23T08:00:00Z', 'Mon 21:00', 'stop'), next: preview[0], targets: [], preview }] } }));
    await page.route(/\/api\/v1\/configuration\/schedules\/Hours$/, async (route) => route.fulfill({ json: { revision: 'r', value: { default: 'stop', weekly: { 'Mon-Sun': { '06:00': 'run', '21:00': 'stop' } } } } }));
    const session = await page.context().newCDPSession(page);
    await session.send('Emulation.setTimezoneOverride', { timezoneId: 'America/Lima' });
    await page.goto(`${pair.url('A')}/#/schedules`);
    await page.reload();
    const table = page.getByTestId('schedule-preview');
    await table.filter({ hasText: 'Time (Pacific/Auckland)' }).waitFor();
    assert.deepEqual(await table.locator('tbody td.number').allInnerTexts(), ['Tue 2026-11-24 06:00', 'Tue 2026-11-24 21:00']);
    assert.match(await table.locator('tbody td.number').first().getAttribute('title') ?? '', /2026-11-23 12:00:00$/);
    await page.getByTestId('schedule-panel').filter({ hasText: 'run, Tue 2026-11-24 06:00' }).waitFor();
    await screenshotBoth(page, 'schedule-preview');
    await page.setViewportSize({ width: 390, height: 844 });
    await table.scrollIntoViewIfNeeded();
    assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')) <= 0);
    await screenshot(page, 'schedule-preview-phone');
  });

  it('takes a change for applied that nobody confirmed because control moved, where the node that leads now has it', async () => {
    let stored: Record<string, unknown> = { default: 'stop', weekly: { Mon: { '06:00': 'run', '21:00': 'stop' } } };
    let puts = 0;
    await page.route(/\/api\/v1\/schedules\?/, async (route) => route.fulfill({ json: { schedules: [{ name: 'Hours', timezone: 'UTC', now: { at: '2026-11-23T08:00:00Z', why: 'Mon 06:00', text: 'run', value: 'run' }, targets: [], preview: [] }] } }));
    await page.route(/\/api\/v1\/configuration\/schedules\/Hours$/, async (route) => {
      if (route.request().method() !== 'PUT') return route.fulfill({ json: { revision: `r${String(puts)}`, value: stored } });
      puts++;
      const { value } = route.request().postDataJSON() as { value: Record<string, unknown> };
      // A document keeps the order of its keys.
      stored = Object.fromEntries(Object.entries(value).reverse());
      return route.fulfill({ status: 503, json: { status: 503, code: 'FENCED', detail: 'put into force, but nobody confirms that', active: pair.url('A') } });
    });
    await page.goto(`${pair.url('A')}/#/schedules`);
    await page.reload();
    await page.getByTestId('sign-in').click();
    await signIn();
    await page.getByTestId('entry-days').selectOption('Sat,Sun');
    await page.getByTestId('entry-time').fill('09:30');
    await page.getByTestId('entry-put').click();
    await page.getByTestId('schedule-apply').click();
    await page.getByTestId('action-reason').locator('input').fill('earlier');
    await page.getByTestId('action-confirm').click();
    await page.getByTestId('action-dialog').waitFor({ state: 'detached' });
    await page.getByTestId('schedule-draft').waitFor({ state: 'detached' });
    await page.locator('[data-testid=week-entry][data-day=Sat][data-time="09:30"]').waitFor();
    assert.equal(puts, 1);
    browser.complaints.length = 0;
  });

  it('gives roles for areas, and shows who has one what it reaches', async () => {
    const table = new PointTable('r', ['East', 'West'].map((area, id) => ({ id, name: `${area}.Sp`, kind: 'number', device: `plc-${id}`, poll: 'normal', area, write: { priority: 8, verify: 'none', repeatable: true } })));
    const node = new RealNode('A', table, { access: 'login', consoleFolder: resolve('dist/console') });
    await node.server.start();
    node.activate(1);
    // There has been a first administrator.
    node.record([['auth/ready', true]]);
    node.set({ 'East.Sp': 21, 'West.Sp': 22 });
    const signedIn = async (token: string): Promise<Page> => {
      const opened = await browser.page(node.server.url);
      await opened.getByTestId('use-token').click();
      await opened.getByTestId('token-input').locator('input').fill(token);
      await opened.getByTestId('sign-in-submit').click();
      await opened.getByTestId('sign-out').waitFor();
      return opened;
    };
    const pages: Page[] = [];
    try {
      const admin = await signedIn(SECRET);
      pages.push(admin);
      await admin.evaluate(`location.hash = '#/users'`);
      await admin.getByTestId('user-add').click();
      const dialog = admin.getByTestId('user-dialog');
      await dialog.getByTestId('user-name').locator('input').fill('eve');
      await dialog.getByTestId('user-password').locator('input').fill('a long enough one');
      await dialog.getByTestId('user-area-add').selectOption('East');
      await dialog.locator('[data-testid=user-area][data-area=East]').waitFor();
      assert.deepEqual(await seriousFindings(admin), []);
      await admin.getByTestId('user-save').click();
      await admin.locator('[data-testid=user-row][data-user=eve]').filter({ hasText: 'Operator; East: Operator' }).waitFor();
      assert.deepEqual(node.access.users().map(({ name, role, areas }) => [name, role, areas]), [['eve', 'operator', { East: 'operator' }]]);

      const by = { principal: { kind: 'machine', name: 'test', role: 'administrator' }, address: 'here' } as const;
      const { token } = await node.access.addToken({ name: 'tenant', role: 'viewer', areas: { East: 'operator' }, expiresMs: null }, by);
      const tenant = await signedIn(token);
      pages.push(tenant);
      await tenant.evaluate(`location.hash = '#/points'`);
      const button = (name: string) => tenant.locator(`[data-testid=point-row][data-point="${name}"]`).getByTestId('write-button');
      await button('East.Sp').waitFor();
      const isGrey = async (name: string): Promise<boolean> => button(name).evaluate((element) => (element as unknown as { disabled: boolean }).disabled);
      assert.deepEqual([await isGrey('East.Sp'), await isGrey('West.Sp')], [false, true]);
      assert.equal(await button('West.Sp').getAttribute('title'), 'Needs the role Operator for the area West');
      assert.equal(await tenant.getByTestId('menu-users').count(), 0);
      // Figures of alarms are of the whole site: who has areas only is not shown their tab.
      const { token: key } = await node.access.addToken({ name: 'lodger', role: 'none', areas: { East: 'viewer' }, expiresMs: null }, by);
      const lodger = await signedIn(key);
      pages.push(lodger);
      for (const [who, tabs] of [[lodger, 0], [tenant, 1]] as const) {
        await who.evaluate(`location.hash = '#/alarms'`);
        await who.getByTestId('tab-journal').waitFor();
        assert.equal(await who.getByTestId('tab-figures').count(), tabs);
      }
    } finally {
      for (const opened of pages) await opened.close();
      await node.server.stop();
    }
  });

  it('asks for the password when a session has ended by time; a form that is half filled goes on where it was', async () => {
    let code: string | undefined;
    const setUpFile = { path: 'set-up-code', read: () => code, write: (made: string) => void (code = made), remove: () => undefined };
    const node = new RealNode('A', new PointTable('r', []), { access: 'login', consoleFolder: resolve('dist/console'), setUpFile });
    await node.server.start();
    node.activate(1);
    await fetch(`${node.server.url}/api/v1/set-up`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ code, name: 'anna', password: 'a long enough one' }) });
    const opened = await browser.page(node.server.url);
    const typed = async (texts: Readonly<Record<string, string>>): Promise<void> => {
      for (const [testId, text] of Object.entries(texts)) await opened.getByTestId(testId).locator('input').fill(text);
    };
    try {
      await typed({ 'user-input': 'anna', 'password-input': 'a long enough one' });
      await opened.getByTestId('sign-in-submit').click();
      await opened.getByTestId('sign-out').waitFor();
      await opened.evaluate(`location.hash = '#/users'`);
      await opened.getByTestId('user-add').click();
      await typed({ 'user-name': 'eve', 'user-password': 'another long one' });
      // Nobody has touched it for the night.
      node.laterMs = 13 * 3_600_000;
      await opened.getByTestId('session-expired').waitFor();
      await typed({ 'user-input': 'anna', 'password-input': 'a long enough one' });
      await opened.getByTestId('sign-in-submit').click();
      await opened.getByTestId('sign-in-dialog').waitFor({ state: 'detached' });
      assert.deepEqual([await opened.getByTestId('user-name').locator('input').inputValue(), await opened.getByTestId('user-password').locator('input').inputValue()], ['eve', 'another long one']);
      await opened.getByTestId('user-save').click();
      await opened.locator('[data-testid=user-row][data-user=eve]').waitFor();
    } finally {
      await opened.close();
      await node.server.stop();
    }
  });

  it('finds points by tag', async () => {
    const other = new FakePair(0, ['Pump.A', 'Pump.B', 'Pump.C'].map((name, at) => ({ name, kind: 'boolean' as const, device: 'plc-ahu', writable: false, tags: at === 1 ? ['spare'] : ['heating'] })));
    await other.start();
    const tagged = await browser.page(other.url('A'));
    try {
      await tagged.evaluate(`location.hash = '#/points?tag=heating'`);
      await tagged.locator('[data-testid=point-row][data-point="Pump.C"]').waitFor();
      assert.deepEqual(await tagged.evaluate<string[]>(`[...document.querySelectorAll('[data-testid=point-row]')].map((row) => row.dataset.point)`), ['Pump.A', 'Pump.C']);
      await tagged.getByTestId('tag-filter').waitFor();
    } finally {
      await tagged.close();
      await other.stop();
    }
  });

  it('shows points as they are called, whatever that is, on every page', async () => {
    const names = ['<img src=x onerror="window.ran=1">', `"><script>window.ran=1</script>`, `'"\\\`&amp;\${window.ran=1}`, '\u202Etxet TFEL\u2067', 'Zuluft 🌡️👩🏽‍🔧', 'x'.repeat(500)];
    const odd = names.map((name) => ({ name, kind: 'number' as const, device: name, unit: name, area: name, writable: true }));
    const other = new FakePair(0, odd);
    await other.start();
    const strange = await browser.page(other.url('A'));
    try {
      for (const name of names) other.publish([], [{ name, point: name, state: 'unacknowledged', priority: 1, class: name, message: name, sinceMs: Date.now(), occurrence: 1, area: name }]);
      for (const [index, path] of ['overview', 'alarms', 'devices', 'schedules', 'trends', 'logic', 'configuration', 'redundancy', 'points'].entries()) {
        await strange.evaluate(`location.hash = '#/${path}'`);
        await strange.locator('h1, h2').first().waitFor();
        assert.equal(await strange.evaluate('window.ran'), undefined, path);
        assert.ok((await strange.evaluate<number>('document.documentElement.scrollWidth - innerWidth')) <= 0, `${path} is wider than the screen (${String(index)})`);
      }
      for (const name of names) {
        await strange.evaluate(`location.hash = '#/points?search=' + ${JSON.stringify(encodeURIComponent(name))}`);
        const row = strange.locator('[data-testid=point-row]').filter({ hasText: name }).first();
        await row.getByTestId('point-open').click();
        const drawer = strange.getByTestId('point-drawer');
        await drawer.getByTestId('priority-slot').first().waitFor();
        assert.equal(await drawer.getByRole('heading', { level: 2 }).innerText(), name);
        await strange.getByTestId('drawer-close').click();
      }
      assert.equal(await strange.evaluate('window.ran'), undefined);
      assert.equal(await strange.locator('img[src=x]').count(), 0);
      // The fake nodes have neither schedules nor programs.
      assert.deepEqual(browser.complaints.filter((complaint) => !complaint.startsWith('Failed to load resource')), []);
    } finally {
      await strange.close();
      await other.stop();
    }
  });

  it('asks a device what it is, once signed in, and only through the active node', async () => {
    const drawer = await openDevice('meter-1');
    await drawer.getByTestId('identification-ask').click();
    await signIn();
    await drawer.getByTestId('identification-ask').click();
    await drawer.getByTestId('identification').filter({ hasText: 'EM-340' }).waitFor();
    assert.match(await drawer.innerText(), /vendor name\s+Example Meters/);
    await screenshotBoth(page, 'device-identification');
    await page.getByTestId('drawer-close').click();
    const weather = await openDevice('weather');
    await weather.getByTestId('identification-ask').click();
    await weather.getByTestId('outcome').filter({ hasText: 'DEVICE_NO_IDENTIFICATION' }).waitFor();
    await pair.kill('A', false);
    await weather.filter({ hasText: 'Only the active node asks devices.' }).waitFor();
    assert.ok(await weather.getByTestId('identification-ask').evaluate((button) => (button as unknown as { disabled: boolean }).disabled));
  });
});
