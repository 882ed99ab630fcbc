import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
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
    await page.getByTestId('use-token').click();
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
      virtualAddress: { address: '10.20.0.10', prefix: 24, interface: 'eno1', state: 'failed', reason: 'no right' },
      witness: { address: '10.20.0.3:8097', reachable: false, state: 'disarming', supports: 'A', refusal: 'it supports A' },
      authorization: { state: 'mismatch', differences: ['A may run bacnet and B may not'] },
      barred: 'no approved connection',
      alarms: ['second path: no word of node A for 3 s'],
      clockSkewMs: -2400,
      arbitration: 'priority',
      fieldSwitch: { margin: 2, holdMs: 30_000, onlyStandby: ['plc-3', 'meter-1'] },
      readers: [{ id: 'C', consoleUrl: '', following: true, lagFrames: 7 }],
    };
    await open('condition');
    await becomes('pair-alarm', 'Node B: second path: no word of node A for 3 s');
    assert.match(await line('Encryption of the link').innerText(), /on \(mutual TLS\)\s+OFF/);
    assert.match(await line('Second heartbeat path').innerText(), /up\s+lost/);
    assert.match(await line('Witness').innerText(), /armed, supports node A\s+.*not reached, disarming, supports node A, refused: it supports A/);
    assert.match(await line('Virtual address').innerText(), /not configured\s+10\.20\.0\.10\/24 on eno1, cannot be set: no right/);
    assert.match(await line('Clock of the other node').innerText(), /12 ms ahead\s+2\.4 s behind/);
    assert.match(await line('Licences of the two nodes').innerText(), /match\s+differ\. A may run bacnet and B may not/);
    assert.match(await line('Where both were active, goes on').innerText(), /who reaches more of the field\s+the lower priority/);
    assert.match(await line('Moves to a node that reaches more').innerText(), /from a weight of 1 on, after 30 s\s+from a weight of 2 on, after 30 s\. Only the standby reaches plc-3, meter-1/);
    assert.match(await line('Nodes for reading').innerText(), /node C 7 frames behind/);
    assert.match(await line('May become active by itself').innerText(), /yes\s+no: no approved connection/);
    await screenshotBoth(page, 'redundancy-condition');
    assert.deepEqual(browser.complaints, []);
  });

  it('lists every decision of both nodes with its evidence, and exports them', async () => {
    await open('events');
    await becomes('redundancy-event', '3 pings missed, link, second path and HTTP port refused');
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export' }).click();
    const text = readFileSync(await (await saving).path(), 'utf8');
    assert.match(text, /^time,node,what,evidence,cause\r\n"\d{4}-.*","A","went active \(epoch 12\)","stable for 5 min/);
    // Both nodes tell it, and it is there once.
    assert.equal(text.split('\r\n').length, 1 + pair.facts.events.length);
    await becomes('outcome', 'The whole record of nodes A and B is saved.');
    assert.deepEqual(browser.complaints, []);
  });

  it('shows each setting as each node goes by it, and which waits for the next start of a node', async () => {
    pair.facts.onB = { settingsWaiting: ['pingRate'] };
    await open('settings');
    assert.match(await page.getByTestId('settings-A').locator('[data-setting=pingRate]').innerText(), /pingRate\s+250 ms\s+the configuration/);
    assert.match(await page.getByTestId('settings-B').locator('[data-setting=pingRate]').innerText(), /250 ms\s+configured: 100 ms\. Counts from the next start/);
    assert.match(await page.getByTestId('settings-A').locator('[data-setting=tls]').innerText(), /on\s+the node document/);
    await open('condition');
    assert.match(await line('Settings that wait for the next start').innerText(), /pingRate/);
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

  it('keeps what is half typed while no node answers, and does not let somebody switch what has moved by itself', async () => {
    await signIn();
    await open('condition');
    const status = /api\/v1\/redundancy$/;
    const silence = async (): Promise<void> => {
      await page.route(status, async (route) => route.abort());
      await page.getByText('No node answers with its redundancy status').first().waitFor();
      assert.equal(await page.getByTestId('node-self').count(), 0, 'what was told last is not shown as what is');
    };
    const reason = page.getByTestId('action-reason').locator('input');
    await page.getByTestId('hold-button').click();
    await reason.fill('half a');
    await silence();
    await page.unroute(status);
    await page.getByTestId('node-self').waitFor();
    assert.equal(await reason.inputValue(), 'half a');
    await page.getByTestId('action-dialog').getByRole('button', { name: 'Cancel' }).click();
    const why = page.getByTestId('switch-reason').locator('input');
    await page.getByTestId('switch-button').click();
    await why.fill('a fan of');
    await silence();
    await screenshot(page, 'redundancy-untold');
    await pair.kill('A');
    await page.unroute(status);
    await page.getByText('Control has moved to node B meanwhile').waitFor();
    assert.equal(await why.inputValue(), 'a fan of');
    assert.ok(await page.getByTestId('switch-confirm').evaluate((button) => (button as unknown as { disabled: boolean }).disabled));
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

  it('approves a certificate and then the connection, on each node by itself, and revokes', async () => {
    await signIn();
    await open('certificates');
    for (const [node, other] of [['A', 'B'], ['B', 'A']] as const) {
      const panel = page.getByTestId(`trust-${node}`);
      const row = panel.getByTestId('certificate').filter({ hasText: pair.desk(other).fingerprint });
      await panel.filter({ hasText: pair.desk(node).fingerprint }).filter({ hasText: 'ends in 1012 days' }).waitFor();
      await row.filter({ hasText: 'Waits for approval' }).getByTestId('trust-approve').click();
      const dialog = page.getByTestId('action-dialog');
      await dialog.getByText(pair.desk(other).fingerprint).waitFor();
      await dialog.getByText('Compare this').waitFor();
      if (node === 'A') await screenshot(page, 'certificate-approve');
      await page.getByTestId('action-confirm').click();
      await row.filter({ hasText: 'waits for approval' }).getByTestId('trust-approve-connection').waitFor();
      await dialog.waitFor({ state: 'detached' });
    }
    assert.equal(pair.desk('B').trust.certificates[0]?.state, 'approved');
    const onA = page.getByTestId('trust-A').getByTestId('certificate');
    await onA.getByTestId('trust-approve-connection').click();
    await page.getByTestId('action-confirm').click();
    await onA.getByTestId('trust-approve-connection').waitFor({ state: 'detached' });
    assert.equal(pair.desk('A').trust.certificates[0]?.connection, 'approved');
    await screenshotBoth(page, 'certificates');
    await onA.getByTestId('trust-revoke').click();
    await page.getByTestId('action-confirm').click();
    await onA.filter({ hasText: 'Revoked' }).getByTestId('trust-forget').waitFor();
    assert.equal(pair.desk('A').trust.certificates[0]?.state, 'revoked');
    assert.deepEqual(browser.complaints, []);
  });

  it('shows a refused decision with its code, and a link without TLS as such', async () => {
    await signIn();
    await open('certificates');
    await page.getByTestId('trust-A').getByTestId('certificate').waitFor();
    pair.desk('A').refuse = true;
    pair.desk('B').trust = { tls: 'off', certificates: [] };
    await page.getByTestId('trust-A').getByTestId('trust-approve').click();
    await page.getByTestId('action-confirm').click();
    await becomes('outcome', 'the certificate is gone (TRUST_UNKNOWN)');
    await page.getByRole('button', { name: 'Close' }).last().click();
    await page.getByTestId('trust-B').getByTestId('tls-off').filter({ hasText: 'not encrypted (tls: off)' }).waitFor();
  });

  it('shows every field of the partner table of each node, and changes what may be changed', async () => {
    await signIn();
    await open('partners');
    const local = page.getByTestId('partners-A').getByTestId('row-local');
    const partner = page.getByTestId('partners-A').getByTestId('row-partner');
    await local.waitFor();
    for (const text of [/Is primary\s+yes/, /Port\s+8099/, /Connected servers\s+1/, /Connected clients\s+3/, /DB sync\s+on/, /Database\s+data\/a/]) assert.match(await local.innerText(), text);
    for (const text of [/Address\s+10\.20\.0\.2/, /Period\s+300 ms/, /Timeout\s+1\.0 s/, /Retry count\s+10/, /Connected\s+yes/, /Fault\s+no/, /DB sync\s+In sync/, /Verified\s+not since the last change/]) assert.match(await partner.innerText(), text);
    await page.getByTestId('partners-B').getByTestId('row-partner').filter({ hasText: 'as many calls as the retry count' }).filter({ hasText: 'no: LINK_CERTIFICATE' }).waitFor();

    const confirm = async (): Promise<void> => {
      await page.getByTestId('action-confirm').click();
      await page.getByTestId('action-dialog').waitFor({ state: 'detached' });
    };
    await partner.getByTestId('active-B').click();
    await confirm();
    await partner.filter({ hasText: 'NO: taken out of the pair' }).waitFor();
    await local.getByTestId('db-sync-A').click();
    await confirm();
    await local.filter({ hasText: 'off: live state only' }).waitFor();
    await local.getByTestId('comment-A').click();
    await page.getByTestId('action-reason').locator('input').fill('in the basement');
    await confirm();
    await local.filter({ hasText: 'in the basement' }).waitFor();
    await partner.getByTestId('call-B').click();
    await confirm();
    await partner.filter({ hasText: /connected at \d\d:\d\d:\d\d: answered in 4 ms/ }).waitFor();
    await screenshotBoth(page, 'partners');
    await page.setViewportSize({ width: 390, height: 844 });
    await screenshot(page, 'partners-phone');
    assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')) <= 0, 'wider than a phone');
    assert.deepEqual(browser.complaints, []);
  });

  it('reaches the other node also where the two have met only after the page was loaded', async () => {
    pair.facts.met = false;
    await page.reload();
    await open('certificates');
    await page.getByText('Node B cannot be asked from here').waitFor();
    pair.facts.met = true;
    await page.getByTestId('trust-B').getByTestId('certificate').waitFor();
    assert.match(page.url(), /show=certificates/);
  });

  it('compares the two nodes, shows how far that is, and names every difference; says why an older result counts no more', async () => {
    await open('verify');
    await becomes('verification', 'Not compared since something changed: another configuration is in force');
    await signIn();
    await page.getByTestId('verify-button').click();
    await page.getByTestId('action-confirm').click();
    await becomes('verification', 'being compared: history of 12 points, asked for 1d');
    const atMs = Date.now();
    pair.desk('A').verification = {
      state: 'differences',
      by: 'ann',
      node: 'A',
      atMs,
      history: { fromMs: atMs - 86_400_000, toMs: atMs, points: 40, samples: 57_600 },
      findings: [
        { part: 'device', severity: 'difference', text: 'device plc cannot be reached from node B: timeout' },
        { part: 'address', severity: 'warning', text: 'localhost is another machine on each node' },
        { part: 'device', severity: 'unchecked', text: 'device meter: not checked, exclusive' },
      ],
    };
    await page.locator('[data-testid=verification][data-state=differences]').filter({ hasText: '1 difference.' }).filter({ hasText: 'by ann at node A' }).filter({ hasText: '57600 samples' }).waitFor();
    for (const [index, severity] of ['difference', 'warning', 'unchecked'].entries()) assert.equal(await page.getByTestId('finding').nth(index).getAttribute('data-severity'), severity);
    await becomes('finding', 'device plc cannot be reached from node B: timeout');
    await screenshotBoth(page, 'redundancy-verify');
    assert.deepEqual(browser.complaints, []);
  });

  it('lists and exports what was done apart; each is adopted or dismissed at the active node, also from the other one', async () => {
    pair.switchOver('for this test');
    pair.desk('B').conflicts = [
      { id: 'rest/7', kind: 'command', timeMs: Date.now() - 60_000, by: 'ann', point: 'AHU1.SaTSp', text: 'AHU1.SaTSp = 21 at priority 8 (done)' },
      { id: 'configuration/abc', kind: 'configuration', timeMs: Date.now() - 50_000, by: 'bob', node: 'B', text: 'configuration abc: third floor' },
    ];
    await open('conflicts');
    await becomes('conflict-row', 'bob at node B');
    const saving = page.waitForEvent('download');
    await page.getByTestId('conflicts-csv').click();
    assert.equal((await saving).suggestedFilename(), 'conflicts.csv');
    await screenshotBoth(page, 'redundancy-conflicts');
    await signIn();
    await page.locator('[data-conflict="rest/7"]').getByTestId('adopt').click();
    await page.getByTestId('action-confirm').click();
    await page.locator('[data-conflict="rest/7"]').waitFor({ state: 'detached' });
    await page.locator('[data-conflict="configuration/abc"]').getByTestId('dismiss').click();
    await page.getByTestId('action-confirm').click();
    await page.getByTestId('no-conflicts').waitFor();
    assert.deepEqual(pair.desk('B').decided, ['adopted rest/7', 'dismissed configuration/abc']);
    pair.desk('B').conflicts = Array.from({ length: 250 }, (_, i) => ({ id: `rest/${String(i)}`, kind: 'command' as const, timeMs: Date.now() - i * 1_000, by: 'ann', point: 'AHU1.SaTSp', text: `AHU1.SaTSp = ${String(i)} at priority 8 (done)` }));
    await page.reload();
    await becomes('conflict-row', 'AHU1.SaTSp = 199 ');
    assert.equal(await page.getByTestId('conflict-row').count(), 200);
    await page.getByTestId('dismiss-all').click();
    await page.getByTestId('action-confirm').click();
    await page.getByTestId('no-conflicts').waitFor();
    assert.deepEqual(pair.desk('B').decided.slice(2), ['dismissed 100 at once', 'dismissed 100 at once', 'dismissed 50 at once']);
    assert.deepEqual(browser.complaints, []);
  });
});
