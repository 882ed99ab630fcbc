import assert from 'node:assert/strict';
import type { Activity } from '../../src/contract/index.js';
import { until } from '../system/processes.js';
import { seriousFindings } from './axe.js';
import { screenshot, textOf } from './browser.js';
import { consoleOnFake, phone } from './console-on-fake.js';

describe('console: what takes longer', function () {
  this.timeout(60_000);
  const on = consoleOnFake();

  it('shows what either node is at, counted where it can be, after a reload too; a failure with its code until it is dismissed', async () => {
    const startedMs = Date.now() - 4_000;
    const sync: Activity = { id: 'sync', node: 'A', kind: 'sync', subject: 'B', startedMs, state: 'running', step: 'snapshot-send', done: 2_500_000, total: 10_000_000, unit: 'bytes' };
    const table: Activity = { id: 'import/3', node: 'A', kind: 'import', subject: 'points', by: 'eve@10.20.0.7', startedMs: startedMs + 1_000, state: 'running', step: 'check-document' };
    await on.becomes('active-node', 'Following node A');
    assert.equal(await on.page.getByTestId('activities').count(), 0);
    on.pair.facts.activities = { A: [sync, table], B: [{ ...sync, node: 'B', step: 'snapshot-receive', done: undefined, total: undefined, unit: undefined } as unknown as Activity, { id: 'apply/1', node: 'B', kind: 'apply', subject: '', startedMs, state: 'failed', step: 'ask-standby', error: { code: 'CONFIG_PARTNER', message: 'the other node did not say whether it can run this' } }] };
    // The console of the standby shows the same: both ask both.
    await on.page.goto(on.pair.url('B'));
    for (const again of [false, true]) {
      if (again) await on.page.reload();
      await on.becomes('activity-sync', '25 % (2.5 MB of 10 MB)');
      assert.equal(await on.page.getByTestId('activities').getByRole('progressbar').count(), 2, 'what both nodes tell of is one thing');
      assert.deepEqual(await on.page.evaluate(`[...document.querySelectorAll('[data-testid=activities] progress')].map((bar) => [bar.position, bar.getAttribute('aria-label'), bar.getAttribute('aria-valuetext')])`), [
        [0.25, 'Bringing node B up to date: sending the snapshot', '25 % (2.5 MB of 10 MB)'],
        [-1, 'Import: points: checking the document', null],
      ]);
      await on.becomes('activity-import', 'node A, for eve');
      await on.becomes('activities-told', 'Under way: Bringing node B up to date. Under way: Import: points');
      await on.becomes('activity-failed', 'Putting the configuration into force failed: the other node did not say whether it can run this (CONFIG_PARTNER)');
    }
    await screenshot(on.page, 'activities');
    assert.deepEqual(await seriousFindings(on.page), []);
    await on.page.getByTestId('theme-switch').click();
    assert.deepEqual(await seriousFindings(on.page, true), []);
    await on.page.getByTestId('activity-failed-close').click();
    await on.page.getByTestId('activity-failed').waitFor({ state: 'detached' });
    await on.page.setViewportSize(phone);
    await screenshot(on.page, 'activities-phone');
    assert.ok((await on.page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')) <= 0);
    on.pair.facts.activities = {};
    await on.page.getByTestId('activities').waitFor({ state: 'detached' });
    assert.equal(await textOf(on.page, 'activities-told'), '');
    assert.deepEqual(on.browser.complaints, []);
  });

  it('tells what came of an import whose answer went to a page that was loaded again', async () => {
    await on.page.route(/\/api\/v1\/configuration$/, async (route) => route.fulfill({ json: { number: 6, revision: 'r', text: 'site: {name: st-mary}\n', origin: { how: 'edit', node: 'A', user: 'x', timeMs: 1 } } }));
    // It is never answered to this page.
    let asked = 0;
    await on.page.route(/\/sheets\/points\/diff$/, () => {
      asked++;
    });
    await on.signIn();
    await on.open('configuration');
    await on.page.getByTestId('tab-sheet').click();
    await on.page.getByTestId('sheet-file').setInputFiles({ name: 'points.csv', mimeType: 'text/csv', buffer: Buffer.from('name;device\nX;plc\n') });
    await until('the node is asked', () => (asked > 0 ? true : undefined));
    const table: Activity = { id: 'import/3', node: 'A', kind: 'import', subject: 'points', startedMs: Date.now(), state: 'running', step: 'check-document' };
    on.pair.facts.activities = { A: [table] };
    await on.page.reload();
    await on.becomes('activity-import', 'checking the document');
    assert.equal(await on.page.getByTestId('activity-result').count(), 0);
    // Somebody else's is none of this page's business.
    on.pair.facts.activities = { A: [{ ...table, state: 'done', result: { changes: 12, errors: 1 } }, { ...table, id: 'apply/4', kind: 'apply', subject: '', state: 'done', result: { number: 9 } }] };
    await on.becomes('activity-result', 'Import: points: 12 definitions differ, 1 error. Nothing is applied yet: open the file again to see it.');
    assert.equal(await on.page.getByTestId('activity-result').count(), 1);
    await screenshot(on.page, 'activity-result');
    assert.deepEqual(await seriousFindings(on.page), []);
    await on.page.getByTestId('activity-result-close').click();
    await on.page.getByTestId('activity-result').waitFor({ state: 'detached' });
    await on.page.reload();
    await on.becomes('active-node', 'Following node A');
    assert.equal(await on.page.getByTestId('activity-result').count(), 0, 'it is told once');
  });
});
