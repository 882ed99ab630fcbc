import assert from 'node:assert/strict';
import { screenshot, textOf } from './browser.js';
import { consoleOnFake } from './console-on-fake.js';

describe('console: when control moves', function () {
  this.timeout(60_000);
  const on = consoleOnFake();

  it('switches with a reason, and follows', async () => {
    await on.signIn();
    await on.open('redundancy');
    assert.equal(await textOf(on.page, 'node-self-state'), 'Running');
    assert.equal(await textOf(on.page, 'node-peer-state'), 'Standby');
    await on.page.getByTestId('switch-button').click();
    await on.page.getByTestId('switch-reason').locator('input').fill('monthly test');
    await screenshot(on.page, 'switch-dialog');
    await on.page.getByTestId('switch-confirm').click();
    await on.becomes('active-node', 'Following node B');
    await on.becomes('node-peer-state', 'Running');
    await on.becomes('redundancy-event', 'monthly test');
    await on.page.getByTestId('control-moved').waitFor();
    await screenshot(on.page, 'switched');
    assert.deepEqual(on.browser.complaints, []);
  });

  it('names the reason while a switch is refused', async () => {
    on.pair.facts.canSwitch = false;
    await on.open('redundancy');
    await on.becomes('switch-refusal', 'the standby is not in sync');
    assert.ok(await on.page.getByTestId('switch-button').evaluate((button) => (button as unknown as { disabled: boolean }).disabled));
  });

  it('follows within a second when its own node is gone, and goes on showing both', async () => {
    await on.open('redundancy');
    await on.becomes('active-node', 'Following node A');
    await on.becomes('node-peer-state', 'Standby');
    on.pair.facts.handBackInMs = 287_000;
    await on.pair.kill('A');
    const goneAt = Date.now();
    await on.becomes('active-node', 'Following node B');
    assert.ok(Date.now() - goneAt < 1_000, `took ${String(Date.now() - goneAt)} ms`);
    await on.becomes('node-self-state', 'Faulted');
    await on.becomes('hand-back', '4 min 47 s');
    await screenshot(on.page, 'failed-over');
    assert.deepEqual(on.browser.complaints, []);
  });

  it('says that control is owed to the main before the countdown runs', async () => {
    await on.open('redundancy');
    await on.becomes('active-node', 'Following node A');
    on.pair.facts.owedToMain = true;
    await on.pair.kill('A');
    await on.becomes('hand-back', 'as soon as it is in sync');
    assert.deepEqual(on.browser.complaints, []);
  });

  it('does not call the pair unprotected right after a switch, and keeps its bars low', async () => {
    await on.becomes('protection', 'protected by the standby');
    const seen = new Set<string>();
    on.pair.switchOver('a test');
    await on.becomes('control-moved', 'from node A to node B');
    for (let i = 0; i < 10; i++) {
      seen.add(await textOf(on.page, 'protection'));
      await on.page.waitForTimeout(100);
    }
    assert.ok(!seen.has('not protected'), [...seen].join(', '));
    const top = await on.page.getByRole('heading', { level: 1 }).boundingBox();
    assert.ok(top !== null && top.y < 768 / 3, `the page begins at ${String(top?.y)} px`);
    await on.page.getByTestId('control-moved-close').click();
    await on.page.getByTestId('control-moved').waitFor({ state: 'detached' });
  });

  it('shows what a standby holds, and lets nobody write, while no node is active', async () => {
    await on.signIn();
    await on.open('points');
    await on.becomes('connection-state', 'Connected');
    await on.pair.kill('A', false);
    await on.becomes('connection-state', 'read only');
    await on.becomes('active-node', 'No active node');
    await on.row('AHU1.SaTSp').filter({ hasText: '21.0 °C' }).waitFor();
    assert.match(await on.row('Chiller.kW').innerText(), /Bad: no communication/);
    assert.ok(await on.row('AHU1.SaTSp').getByTestId('write-button').evaluate((button) => (button as unknown as { disabled: boolean }).disabled));
    await screenshot(on.page, 'read-only');
    assert.deepEqual(on.browser.complaints, []);
  });
});
