import assert from 'node:assert/strict';
import { seriousFindings } from './axe.js';
import { screenshotBoth } from './browser.js';
import { consoleOnFake } from './console-on-fake.js';

describe('console: details of points', function () {
  this.timeout(60_000);
  const on = consoleOnFake();

  it('draws a week as mean with a band, interrupted where nothing is known, and leads to its table', async () => {
    const drawer = await on.openPoint('AHU1.SaT');
    await drawer.getByTestId('tab-week').click();
    const chart = drawer.locator('[data-testid=history-chart][data-range=week]');
    await chart.filter({ hasText: '1 week ago' }).waitFor();
    const line = await chart.getByTestId('history-mean').getAttribute('d');
    // Two stretches of ten are unknown: the line begins twice, and the band has eight pieces.
    assert.equal(line?.match(/M/g)?.length, 2);
    const band = await chart.getByTestId('history-band').getAttribute('d');
    assert.equal(band?.match(/M/g)?.length, 8);
    assert.match(await chart.innerText(), /18\.2 °C to 23\.0 °C/);
    await screenshotBoth(on.page, 'point-drawer-week');
    const [request, download] = await Promise.all([on.page.waitForRequest(/history\.csv/), on.page.waitForEvent('download'), drawer.getByTestId('history-csv').click()]);
    assert.equal(download.suggestedFilename(), 'AHU1.SaT.csv');
    const asked = new URL(request.url());
    assert.equal(asked.pathname, '/api/v1/history.csv');
    assert.equal(asked.searchParams.get('point'), 'AHU1.SaT');
    assert.equal(Date.parse(asked.searchParams.get('to') ?? '') - Date.parse(asked.searchParams.get('from') ?? ''), 7 * 86_400_000);
    assert.deepEqual(on.browser.complaints, []);
  });

  it('shows who commands a point, or that its device knows no priorities', async () => {
    const drawer = await on.openPoint('R101.ZnTSp');
    await drawer.getByTestId('priority-array-ask').click();
    const slots = drawer.getByTestId('priority-slot');
    await slots.first().waitFor();
    assert.equal(await slots.count(), 17);
    assert.match(await drawer.locator('[data-testid=priority-slot][data-active=true]').innerText(), /8\s+22\.5 °C \(in force\)/);
    assert.match(await slots.nth(15).innerText(), /16\s+20\.0 °C/);
    assert.match(await slots.last().innerText(), /Relinquish default\s+21\.0 °C/);
    await screenshotBoth(on.page, 'priority-array');
    await on.page.getByTestId('drawer-close').click();
    const other = await on.openPoint('AHU1.SaTSp');
    await other.getByTestId('priority-array-ask').click();
    await other.getByTestId('outcome').filter({ hasText: 'its device knows no priorities (POINT_NO_PRIORITIES)' }).waitFor();
  });

  it('shows what holds a point, and lets go of it after a confirmation, at whichever node is active', async () => {
    const name = 'R102.ZnTSp';
    const { held } = on.pair.plant;
    held.command(name, 8, 22.5, 'anna@10.20.0.7', { reason: 'guests', for: '1h' });
    held.command(name, 15, 19, 'schedule Tower.occupancy');
    const drawer = await on.openPoint(name);
    const slot = (priority: number) => drawer.getByTestId('priority-slot').nth(priority - 1);
    // Nobody has to ask: it is the gateway's own array.
    await slot(8).filter({ hasText: 'anna@10.20.0.7 guests' }).waitFor();
    assert.match(await slot(8).innerText(), /22\.5 °C \(in force\)/);
    assert.match(await slot(15).innerText(), /19\.0 °C\s+schedule Tower\.occupancy/);
    await slot(8).getByTestId('slot-relinquish').click();
    await on.giveToken();

    await slot(8).getByTestId('slot-relinquish').click();
    const dialog = on.page.getByTestId('action-dialog');
    await dialog.getByText('22.5 °C of anna@10.20.0.7 is given up').waitFor();
    // By keyboard alone: Escape leaves everything as it is.
    await on.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.equal(held.priorities(name).active, 8);
    await slot(8).getByTestId('slot-relinquish').click();
    await dialog.getByTestId('action-confirm').click();
    await slot(15).filter({ hasText: '(in force)' }).waitFor();

    await drawer.getByTestId('point-override').click();
    await dialog.getByTestId('value-input').locator('input').fill('23,5');
    await dialog.getByTestId('action-reason').locator('input').fill('concert');
    assert.deepEqual(await seriousFindings(on.page), []);
    await dialog.getByTestId('action-confirm').click();
    await slot(8).filter({ hasText: '23.5 °C (in force)' }).waitFor();
    assert.match(await slot(8).innerText(), /tests@10\.20\.0\.7 concert/);

    await drawer.getByTestId('point-out').click();
    await dialog.getByTestId('action-reason').locator('input').fill('valve is being replaced');
    await dialog.getByTestId('action-confirm').click();
    await drawer.getByTestId('point-hold').filter({ hasText: 'valve is being replaced' }).waitFor();
    await on.pair.kill('A');
    await on.page.getByTestId('active-node').filter({ hasText: 'node B' }).waitFor();
    await drawer.getByTestId('point-hold').filter({ hasText: 'Out of service' }).waitFor();
    await slot(8).filter({ hasText: 'concert' }).waitFor();
    assert.deepEqual(await seriousFindings(on.page), []);
    await screenshotBoth(on.page, 'point-holds');
    await drawer.getByTestId('point-return').click();
    await dialog.getByTestId('action-confirm').click();
    await drawer.getByTestId('point-hold').waitFor({ state: 'detached' });
    assert.equal(held.holds.size, 0);
  });

  it('waits for the node that takes over where nobody knows yet which one that is', async () => {
    const name = 'R103.ZnTSp';
    const drawer = await on.openPoint(name);
    await drawer.getByTestId('point-out').click();
    await on.giveToken();
    await drawer.getByTestId('point-out').click();
    const dialog = on.page.getByTestId('action-dialog');
    await dialog.getByTestId('action-reason').locator('input').fill('valve');
    // Refused, without the address of another node, until it is over.
    on.pair.plant.held.refusals = 3;
    await dialog.getByTestId('action-confirm').click();
    await drawer.getByTestId('point-hold').filter({ hasText: 'valve' }).waitFor();
    assert.deepEqual([on.pair.plant.held.refusals, on.pair.plant.held.done], [0, 1]);
  });
});
