import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { requireTool } from '../hooks.js';
import { Browser, screenshotBoth } from './browser.js';
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
