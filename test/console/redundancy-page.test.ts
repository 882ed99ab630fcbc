import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { requireTool } from '../hooks.js';
import { Browser, screenshot, screenshotBoth } from './browser.js';
import { TOKEN } from './fake-node.js';
import { FakePair } from './fake-pair.js';

describe('console: redundancy in detail', function () {
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

  const open = async (show: string): Promise<void> => {
    await page.evaluate(`location.hash = '#/redundancy?show=${show}'`);
    await page.getByTestId('node-peer').waitFor();
  };
  const signIn = async (token = TOKEN): Promise<void> => {
    await page.getByTestId('sign-in').click();
    await page.getByTestId('token-input').locator('input').fill(token);
    await page.getByTestId('sign-in-submit').click();
    await page.getByTestId('sign-out').waitFor();
  };
  const becomes = async (testId: string, text: string | RegExp): Promise<void> => page.getByTestId(testId).filter({ hasText: text }).first().waitFor();
  const line = (item: string) => page.getByTestId('condition').locator('tr').filter({ has: page.getByRole('rowheader', { name: item }) });

  it('shows how both nodes are, each by its own word, and what endangers the pair', async () => {
    pair.facts.onB = {
      tls: 'off',
      secondPath: 'lost',
      witness: { address: '10.20.0.3:8097', reachable: false, state: 'disarming', supports: 'A', refusal: 'it supports A' },
      authorization: { state: 'mismatch', differences: ['A may run bacnet and B may not'] },
      barred: 'no approved connection',
      alarms: ['second path: no word of node A for 3 s'],
      clockSkewMs: -2400,
    };
    await open('condition');
    await becomes('pair-alarm', 'Node B: second path: no word of node A for 3 s');
    assert.match(await line('Encryption of the link').innerText(), /on \(mutual TLS\)\s+OFF/);
    assert.match(await line('Second heartbeat path').innerText(), /up\s+lost/);
    assert.match(await line('Witness').innerText(), /armed, supports node A\s+.*not reached, disarming, supports node A, refused: it supports A/);
    assert.match(await line('Clock of the other node').innerText(), /12 ms ahead\s+2\.4 s behind/);
    assert.match(await line('Licences of the two nodes').innerText(), /match\s+differ\. A may run bacnet and B may not/);
    assert.match(await line('May become active by itself').innerText(), /yes\s+no: no approved connection/);
    await screenshotBoth(page, 'redundancy-condition');
    assert.deepEqual(browser.complaints, []);
  });

  it('suspends automatic switching with a reason and a time, and releases it', async () => {
    await signIn();
    await open('condition');
    await page.getByTestId('hold-button').click();
    await page.getByTestId('action-reason').locator('input').fill('cable work in the basement');
    await screenshot(page, 'hold-dialog');
    await page.getByTestId('action-confirm').click();
    await becomes('on-hold', /suspended by 127\.0\.0\.1 until \d\d:\d\d:\d\d.*cable work in the basement/);
    assert.equal(await page.getByTestId('hold-button').count(), 0);
    await page.getByTestId('release-button').click();
    await page.getByTestId('action-confirm').click();
    await page.getByTestId('hold-button').waitFor();
    assert.equal(await page.getByTestId('on-hold').count(), 0);
    assert.deepEqual(browser.complaints, []);
  });

  it('begins a drill after a confirmation and shows its report', async () => {
    await signIn();
    await open('condition');
    await page.getByTestId('drill-button').click();
    await page.getByTestId('action-confirm').click();
    await becomes('drill-report', 'moving away');
    assert.ok(pair.facts.drill !== undefined);
    pair.facts.drill = { ...pair.facts.drill, phase: 'done', endedMs: Date.now(), gapsMs: [412, 388], probes: { A: { written: 40, confirmed: 38 }, B: { written: 21, confirmed: 21 } }, lost: 0, repeated: 0 };
    await becomes('drill-report', /passed[\s\S]*412 ms, 388 ms[\s\S]*A: 40 \(38\), B: 21 \(21\)/);
    await screenshot(page, 'drill-report');
    assert.deepEqual(browser.complaints, []);
  });

  it('offers to force a node only where the node may be forced', async () => {
    await signIn();
    await open('condition');
    await page.getByTestId('hold-button').waitFor();
    assert.equal(await page.getByTestId('force-button-B').count(), 0);
    await pair.kill('A', false);
    await page.getByTestId('force-button-B').click();
    await page.getByTestId('action-reason').locator('input').fill('A is unplugged');
    await screenshot(page, 'force-dialog');
    await page.getByTestId('action-confirm').click();
    await becomes('active-node', 'Following node B');
    assert.deepEqual(browser.complaints, []);
  });

  it('shows a refusal with its code, and asks for another token when it was that', async () => {
    await signIn('wrong');
    await open('condition');
    await page.getByTestId('drill-button').click();
    await page.getByTestId('action-confirm').click();
    await becomes('outcome', 'this needs a token (CLIENT_UNAUTHORIZED)');
    await page.getByRole('button', { name: 'Close' }).last().click();
    await page.getByTestId('sign-in').waitFor();
  });
});
