import assert from 'node:assert/strict';
import { until } from '../system/processes.js';
import { screenshot } from './browser.js';
import { consoleOnFake, phone } from './console-on-fake.js';

const pages = ['overview', 'points', 'alarms', 'redundancy', 'devices'];

describe('console: every page', function () {
  this.timeout(60_000);
  const on = consoleOnFake();

  it('shows each on.page, dark and light, on a desk and on a phone, without a complaint', async () => {
    await on.becomes('active-node', 'Following node A');
    for (const [theme, viewport] of [['dark', undefined], ['light', undefined], ['phone', phone]] as const) {
      if (viewport !== undefined) await on.page.setViewportSize(viewport);
      if (theme !== 'phone') {
        const schema = await on.page.evaluate<string>('document.documentElement.dataset.ixColorSchema');
        if (schema !== theme) await on.page.getByTestId('theme-switch').click();
      }
      for (const name of pages) {
        await on.open(name);
        await on.page.waitForTimeout(400);
        await screenshot(on.page, `${name}-${theme}`);
        const overflow = await on.page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
        assert.ok(overflow <= 0, `${name} is ${String(overflow)} px wider than the ${theme} screen`);
      }
    }
    // A phone has room for what is wrong with a device, and nothing to say where nothing is.
    const device = on.page.getByTestId('device-row');
    assert.match(await device.filter({ hasText: 'meter-2' }).innerText(), /modbus-rtu\s+timeout: no answer from unit 6/);
    assert.deepEqual((await device.filter({ hasText: 'weather' }).innerText()).split(/\s+/), ['weather', 'Online', 'bacnet']);
    // A phone has no column titles to sort by.
    await on.open('points');
    await on.page.getByTestId('sort-choice').click();
    await on.page.getByRole('option', { name: 'By name, downwards' }).click();
    await on.page.locator('[data-testid=point-row][aria-rowindex="2"][data-point="Site.OaT"]').waitFor();
    assert.deepEqual(on.browser.complaints, []);
  });

  it('waits for a busy node with what each page reads, and for the node that takes over', async () => {
    const name = 'R103.ZnTSp';
    const reads = [/\/api\/v1\/users$/, /\/api\/v1\/alarms\/mutes$/, /\/api\/v1\/logic$/, /\/api\/v1\/schedules\?/, /\/api\/v1\/points\/R103/];
    const isRead = (url: string): boolean => reads.some((read) => read.test(url));
    const [asked, ended] = [[] as string[], [] as string[]];
    on.page.on('request', (request) => isRead(request.url()) && asked.push(request.url()));
    on.page.on('requestfinished', (request) => isRead(request.url()) && ended.push('answered'));
    on.page.on('requestfailed', (request) => isRead(request.url()) && ended.push(`given up: ${request.url()}`));
    let release = (): void => undefined;
    const busy = new Promise<void>((resolve) => (release = resolve));
    for (const read of reads) {
      await on.page.route(read, async (route) => {
        await busy;
        const body = { users: [], mutes: [], logic: [], schedules: [], description: 'seen after all' };
        // The last one meets a failover: nobody is active yet.
        const refusal = asked.filter((url) => url.includes('R103')).length < 3 ? { code: 'NOT_ACTIVE', detail: 'not active' } : undefined;
        await (route.request().url().includes('R103') && refusal !== undefined ? route.fulfill({ status: 503, json: refusal }) : route.fulfill({ json: body })).catch(() => undefined);
      });
    }
    await on.page.evaluate(`location.hash = '#/users'`);
    await until('users are asked for', () => asked.some((url) => url.endsWith('users')) || undefined);
    await on.page.evaluate(`location.hash = '#/alarms'`);
    await on.page.getByTestId('tab-mutes').click();
    for (const path of ['logic', 'schedules']) {
      await on.page.evaluate(`location.hash = '#/${path}'`);
      await until(`${path} are asked for`, () => asked.some((url) => url.includes(`v1/${path}`)) || undefined);
    }
    const drawer = await on.openPoint(name);
    await until('the point is asked for', () => asked.some((url) => url.includes('R103')) || undefined);
    // Longer than a node takes that is only asked whether it is there.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    release();
    await drawer.filter({ hasText: 'seen after all' }).waitFor();
    await until('all are answered', () => (ended.length >= asked.length ? true : undefined));
    assert.deepEqual(ended.filter((end) => end !== 'answered'), []);
    assert.ok(asked.length >= reads.length + 2);
  });
});
