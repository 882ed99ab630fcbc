import assert from 'node:assert/strict';
import { until } from '../system/processes.js';
import { consoleOnFake } from './console-on-fake.js';

/** Entries 1 … `newest`, as the node gives them: newest first, in pages. */
function pageOf(newest: number, query: URLSearchParams): object {
  const limit = Number(query.get('limit'));
  const from = Math.min(newest, Number(query.get('before')?.split('.')[1] ?? newest + 1) - 1);
  const to = Math.max(1, from - limit + 1);
  const entries = Array.from({ length: from - to + 1 }, (_, index) => ({ id: `1.${String(from - index)}.0.`, timeMs: 1_700_000_000_000 + from - index, who: 'ann', from: '10.0.0.7', action: 'write', target: `P${String(from - index)}`, outcome: 'done' }));
  return { entries, ...(to > 1 ? { next: `1.${String(to)}.0.` } : {}) };
}

describe('console: audit', function () {
  this.timeout(60_000);
  const on = consoleOnFake();

  it('goes back page by page, and what is new meanwhile pushes nothing out between them', async () => {
    let newest = 450;
    await on.page.route(/\/api\/v1\/audit\?/, (route) => route.fulfill({ json: pageOf(newest, new URL(route.request().url()).searchParams) }));
    await on.open('audit');
    const rows = on.page.getByTestId('audit-row');
    const shown = async (count: number): Promise<unknown> => until(`${String(count)} entries`, async () => ((await rows.count()) === count ? true : undefined));
    await shown(200);
    await on.page.getByText('200 newest entries').waitFor();
    const more = on.page.getByTestId('audit-more');
    await more.click();
    await shown(400);
    newest += 30;
    await shown(430);
    await more.click();
    await shown(480);
    await more.waitFor({ state: 'detached' });
    await on.page.getByText('480 entries').waitFor();
    const targets = await rows.locator('td:nth-child(4)').allInnerTexts();
    assert.deepEqual(targets, Array.from({ length: 480 }, (_, index) => `P${String(480 - index)}`));
    assert.deepEqual(on.browser.complaints, []);
  });
});
