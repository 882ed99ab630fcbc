import assert from 'node:assert/strict';
import { until } from '../system/processes.js';
import { seriousFindings } from './axe.js';
import { screenshot } from './browser.js';
import { consoleOnFake, phone } from './console-on-fake.js';

describe('console: configuration', function () {
  this.timeout(60_000);
  const on = consoleOnFake();

  it('asks whose version of the document counts when somebody else has applied one, and applies to that', async () => {
    let revision = 'r1';
    const put: unknown[] = [];
    await on.page.route(/\/api\/v1\/configuration$/, async (route) => {
      if (route.request().method() === 'PUT') put.push(route.request().postDataJSON());
      await route.fulfill({ json: { number: 6, revision, text: `site: {name: st-mary}\n# ${revision}\n`, origin: { how: 'edit', node: 'A', user: 'x', timeMs: 1 } } });
    });
    await on.signIn();
    await on.open('configuration');
    const text = on.page.getByTestId('configuration-text');
    const draft = (outdated: boolean) => on.page.locator(`[data-testid=configuration-draft][data-outdated=${String(outdated)}]`);
    await text.fill('site: {name: st-mary}\n# mine\n');
    await draft(false).waitFor();
    revision = 'r2';
    await on.page.reload();
    await draft(true).waitFor();
    await screenshot(on.page, 'configuration-conflict');
    assert.deepEqual(await seriousFindings(on.page), []);
    await on.page.setViewportSize(phone);
    assert.ok((await on.page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')) <= 0);
    await screenshot(on.page, 'configuration-conflict-phone');
    await on.page.setViewportSize({ width: 1366, height: 768 });
    await on.page.getByTestId('configuration-keep').click();
    await draft(false).waitFor();
    assert.match(await text.inputValue(), /# mine/);
    await on.page.getByTestId('configuration-apply').click();
    await on.page.getByTestId('action-reason').locator('input').fill('mine counts');
    await on.page.getByTestId('action-confirm').click();
    await draft(false).waitFor({ state: 'detached' });
    assert.deepEqual(put, [{ text: 'site: {name: st-mary}\n# mine\n', expected: 'r2', comment: 'mine counts' }]);
    await text.fill('# mine again');
    revision = 'r3';
    await on.page.reload();
    await draft(true).waitFor();
    await on.page.getByTestId('configuration-keep-not').click();
    await draft(true).waitFor({ state: 'detached' });
    assert.match(await text.inputValue(), /# r3/);
  });

  it('waits for a check as long as the node lives, however long it takes, and says that what was not answered may have been done', async () => {
    await on.page.route(/\/api\/v1\/configuration$/, async (route) => route.fulfill({ json: { number: 6, revision: 'r', text: 'site: {name: st-mary}\n', origin: { how: 'edit', node: 'A', user: 'x', timeMs: 1 } } }));
    // Twenty seconds of the page in a fifth of one.
    await on.page.addInitScript('const plain = window.setTimeout; window.setTimeout = (work, ms, ...more) => plain(work, (ms ?? 0) / 100, ...more);');
    await on.page.goto(`${on.pair.url('A')}/#/configuration`);
    await on.page.reload();
    await on.page.getByTestId('configuration-text').waitFor();
    await on.signIn();
    let [alive, asked] = [true, 0];
    await on.page.route(/\/healthz$/, async (route) => {
      asked++;
      await (alive ? route.fulfill({ body: 'ok' }) : route.abort());
    });
    let answer = (): void => undefined;
    await on.page.route(/\/configuration\/check$/, async (route) => {
      await new Promise<void>((resolve) => (answer = resolve));
      await route.fulfill({ json: { ok: true, problems: [], revision: 'r7' } }).catch(() => undefined);
    });
    const check = on.page.getByTestId('configuration-check');
    await check.click();
    await until('it is asked whether it lives', () => (asked >= 3 ? true : undefined));
    answer();
    await on.becomes('outcome', 'r7');
    alive = false;
    await check.click();
    await on.becomes('outcome', 'It may have been done all the same');
    answer();
    assert.deepEqual(on.browser.complaints, []);
  });
});
