import assert from 'node:assert/strict';
import { screenshot, screenshotBoth } from './browser.js';
import { consoleOnFake } from './console-on-fake.js';

describe('console: schedules', function () {
  this.timeout(60_000);
  const on = consoleOnFake();

  it('tells what a schedule does on the clock of the site, and says which one that is', async () => {
    const change = (at: string, why: string, text: string): object => ({ at, why, text, value: text });
    const preview = [change('2026-11-23T17:00:00Z', 'Tue 06:00', 'run'), change('2026-11-24T08:00:00Z', 'Tue 21:00', 'stop')];
    await on.page.route(/\/api\/v1\/schedules\?/, async (route) => route.fulfill({ json: { schedules: [{ name: 'Hours', timezone: 'Pacific/Auckland', now: change('2026-11-23T08:00:00Z', 'Mon 21:00', 'stop'), next: preview[0], targets: [], preview }] } }));
    await on.page.route(/\/api\/v1\/configuration\/schedules\/Hours$/, async (route) => route.fulfill({ json: { revision: 'r', value: { default: 'stop', weekly: { 'Mon-Sun': { '06:00': 'run', '21:00': 'stop' } } } } }));
    const session = await on.page.context().newCDPSession(on.page);
    await session.send('Emulation.setTimezoneOverride', { timezoneId: 'America/Lima' });
    await on.page.goto(`${on.pair.url('A')}/#/schedules`);
    await on.page.reload();
    const table = on.page.getByTestId('schedule-preview');
    await table.filter({ hasText: 'Time (Pacific/Auckland)' }).waitFor();
    assert.deepEqual(await table.locator('tbody td.number').allInnerTexts(), ['Tue 2026-11-24 06:00', 'Tue 2026-11-24 21:00']);
    assert.match(await table.locator('tbody td.number').first().getAttribute('title') ?? '', /2026-11-23 12:00:00$/);
    await on.page.getByTestId('schedule-panel').filter({ hasText: 'run, Tue 2026-11-24 06:00' }).waitFor();
    await screenshotBoth(on.page, 'schedule-preview');
    await on.page.setViewportSize({ width: 390, height: 844 });
    await table.scrollIntoViewIfNeeded();
    assert.ok((await on.page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')) <= 0);
    await screenshot(on.page, 'schedule-preview-phone');
  });

  it('takes a change for applied that nobody confirmed because control moved, where the node that leads now has it', async () => {
    let stored: Record<string, unknown> = { default: 'stop', weekly: { Mon: { '06:00': 'run', '21:00': 'stop' } } };
    let puts = 0;
    await on.page.route(/\/api\/v1\/schedules\?/, async (route) => route.fulfill({ json: { schedules: [{ name: 'Hours', timezone: 'UTC', now: { at: '2026-11-23T08:00:00Z', why: 'Mon 06:00', text: 'run', value: 'run' }, targets: [], preview: [] }] } }));
    await on.page.route(/\/api\/v1\/configuration\/schedules\/Hours$/, async (route) => {
      if (route.request().method() !== 'PUT') return route.fulfill({ json: { revision: `r${String(puts)}`, value: stored } });
      puts++;
      const { value } = route.request().postDataJSON() as { value: Record<string, unknown> };
      // A document keeps the order of its keys.
      stored = Object.fromEntries(Object.entries(value).reverse());
      return route.fulfill({ status: 503, json: { status: 503, code: 'FENCED', detail: 'put into force, but nobody confirms that', active: on.pair.url('A') } });
    });
    await on.page.goto(`${on.pair.url('A')}/#/schedules`);
    await on.page.reload();
    await on.signIn();
    await on.page.getByTestId('entry-days').selectOption('Sat,Sun');
    await on.page.getByTestId('entry-time').fill('09:30');
    await on.page.getByTestId('entry-put').click();
    await on.page.getByTestId('schedule-apply').click();
    await on.page.getByTestId('action-reason').locator('input').fill('earlier');
    await on.page.getByTestId('action-confirm').click();
    await on.page.getByTestId('action-dialog').waitFor({ state: 'detached' });
    await on.page.getByTestId('schedule-draft').waitFor({ state: 'detached' });
    await on.page.locator('[data-testid=week-entry][data-day=Sat][data-time="09:30"]').waitFor();
    assert.equal(puts, 1);
    on.browser.complaints.length = 0;
  });
});
