import assert from 'node:assert/strict';
import { requireTool } from '../hooks.js';
import { Browser, screenshot } from './browser.js';
import { consoleOnFake } from './console-on-fake.js';
import { FakePair } from './fake-pair.js';

describe('console: points', function () {
  this.timeout(60_000);
  const on = consoleOnFake();

  /** An iX button is no native one: Playwright clicks it while it is still disabled, and nothing happens. */
  async function toConfirmation(): Promise<void> {
    const confirm = on.page.getByTestId('write-confirm');
    do await on.page.getByTestId('write-next').click();
    while (!(await confirm.waitFor({ timeout: 1_000 }).then(() => true, () => false)));
  }

  it('shows values as they change', async () => {
    await on.open('points');
    const value = on.row('AHU1.SaT').getByTestId('point-value');
    await value.waitFor();
    on.pair.publish([on.pair.plant.set('AHU1.SaTSp', 17.5)], []);
    await on.row('AHU1.SaTSp').filter({ hasText: '17.5 °C' }).waitFor();
    const seen = new Set<string>();
    for (let i = 0; i < 10; i++) {
      seen.add(await value.innerText());
      await on.page.waitForTimeout(120);
    }
    assert.ok(seen.size > 2, `the value stood still: ${[...seen].join(', ')}`);
    assert.match(await on.row('Chiller.kW').innerText(), /no communication/);
    assert.deepEqual(on.browser.complaints, []);
  });

  it('finds a point and writes it after a confirmation', async () => {
    await on.signIn();
    await on.open('points');
    await on.page.getByTestId('point-search').locator('input').fill('satsp');
    await on.row('AHU1.SaTSp').getByTestId('write-button').click();
    await on.page.getByTestId('value-input').locator('input').fill('19,5');
    await screenshot(on.page, 'write-dialog');
    await toConfirmation();
    await on.becomes('write-confirmation', '21.0 °C → 19,5 °C');
    await screenshot(on.page, 'write-confirmation');
    await on.page.getByTestId('write-confirm').click();
    await on.becomes('outcome', 'Both nodes hold the command');
    await screenshot(on.page, 'write-outcome');
    await on.page.keyboard.press('Escape');
    await on.row('AHU1.SaTSp').filter({ hasText: '19.5 °C' }).waitFor();
    assert.deepEqual(on.browser.complaints, []);
  });

  it('tells why a write was refused, and asks for another token when it was that', async () => {
    await on.signIn('wrong');
    await on.open('points');
    await on.row('AHU1.FanCmd').getByTestId('write-button').click();
    await on.page.getByTestId('value-choice').getByText('stop').click();
    await screenshot(on.page, 'write-state');
    await toConfirmation();
    await on.page.getByTestId('write-confirm').click();
    await on.becomes('outcome', 'the token does not allow this');
    await on.page.getByRole('button', { name: 'Close' }).last().click();
    await on.page.getByTestId('sign-in').waitFor();
    assert.deepEqual(on.browser.complaints, []);
  });

  it('opens the details of a point with its description and its last hour, by keyboard too', async () => {
    await on.open('points');
    await on.row('AHU1.SaT').getByTestId('point-open').click();
    const drawer = on.page.getByTestId('point-drawer');
    await drawer.filter({ hasText: 'Description of AHU1.SaT' }).waitFor();
    const path = await drawer.getByTestId('history-chart').locator('path').getAttribute('d');
    // The bad sample breaks the line once.
    assert.equal(path?.match(/M/g)?.length, 2);
    await screenshot(on.page, 'point-drawer');
    await on.page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    await on.page.getByRole('table').focus();
    await on.page.keyboard.press('ArrowDown');
    await on.page.keyboard.press('Enter');
    await drawer.waitFor();
    assert.deepEqual(on.browser.complaints, []);
  });

  it('shows as many digits as the unit deserves', async () => {
    await on.open('points');
    await on.row('AHU1.FilterDp').getByTestId('point-value').filter({ hasText: /^14[78] Pa$/ }).waitFor();
    await on.page.getByTestId('point-search').locator('input').fill('R101');
    await on.row('R101.CO2').getByTestId('point-value').filter({ hasText: /^6\d\d ppm$/ }).waitFor();
  });

  it('finds points by tag', async () => {
    const other = new FakePair(0, ['Pump.A', 'Pump.B', 'Pump.C'].map((name, at) => ({ name, kind: 'boolean' as const, device: 'plc-ahu', writable: false, tags: at === 1 ? ['spare'] : ['heating'] })));
    await other.start();
    const tagged = await on.browser.page(other.url('A'));
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
