import assert from 'node:assert/strict';
import { consoleOnFake } from './console-on-fake.js';
import { FakePair } from './fake-pair.js';

describe('console: names that are anything', function () {
  this.timeout(60_000);
  const on = consoleOnFake();

  it('shows a name and a message that are scripts as what they are: text', async () => {
    await on.becomes('active-node', 'Following node A');
    const name = '<img src=x onerror="window.ran=1">';
    on.pair.publish([], [{ name, point: 'AHU1.SaT', state: 'unacknowledged', priority: 1, class: '<b>x</b>', message: '<script>window.ran=1</script>', sinceMs: Date.now(), occurrence: 1, graphic: 'javascript:window.ran=1' }]);
    await on.page.getByTestId('alarm-banner').filter({ hasText: name }).waitFor();
    await on.open('alarms');
    await on.page.locator('[data-testid=alarm-row]').filter({ hasText: '<script>' }).getByTestId('alarm-open').click();
    await on.page.getByTestId('alarm-drawer').filter({ hasText: name }).waitFor();
    assert.equal(await on.page.locator('a[href^="javascript:"]').count(), 0);
    assert.equal(await on.page.evaluate('window.ran'), undefined);
  });

  it('shows points as they are called, whatever that is, on every page', async () => {
    const names = ['<img src=x onerror="window.ran=1">', `"><script>window.ran=1</script>`, `'"\\\`&amp;\${window.ran=1}`, '\u202Etxet TFEL\u2067', 'Zuluft 🌡️👩🏽‍🔧', 'x'.repeat(500)];
    const odd = names.map((name) => ({ name, kind: 'number' as const, device: name, unit: name, area: name, writable: true }));
    const other = new FakePair(0, odd);
    await other.start();
    const strange = await on.browser.page(other.url('A'));
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
      assert.deepEqual(on.browser.complaints.filter((complaint) => !complaint.startsWith('Failed to load resource')), []);
    } finally {
      await strange.close();
      await other.stop();
    }
  });
});
