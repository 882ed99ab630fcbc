import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { PointTable } from '../../src/image/index.js';
import { FakeNode as RealNode, TOKEN as SECRET } from '../clients/fake-node.js';
import { seriousFindings } from './axe.js';
import { consoleOnFake } from './console-on-fake.js';

describe('console: who is signed in', function () {
  this.timeout(60_000);
  const on = consoleOnFake();

  it('gives roles for areas, and shows who has one what it reaches', async () => {
    const table = new PointTable('r', ['East', 'West'].map((area, id) => ({ id, name: `${area}.Sp`, kind: 'number', device: `plc-${id}`, poll: 'normal', area, write: { priority: 8, verify: 'none', repeatable: true } })));
    const node = new RealNode('A', table, { access: 'login', consoleFolder: resolve('dist/console') });
    await node.server.start();
    node.activate(1);
    // There has been a first administrator.
    node.record([['auth/ready', true]]);
    node.set({ 'East.Sp': 21, 'West.Sp': 22 });
    const signedIn = async (token: string): Promise<Page> => {
      const opened = await on.browser.page(node.server.url);
      await opened.getByTestId('use-token').click();
      await opened.getByTestId('token-input').locator('input').fill(token);
      await opened.getByTestId('sign-in-submit').click();
      await opened.getByTestId('sign-out').waitFor();
      return opened;
    };
    const pages: Page[] = [];
    try {
      const admin = await signedIn(SECRET);
      pages.push(admin);
      await admin.evaluate(`location.hash = '#/users'`);
      await admin.getByTestId('user-add').click();
      const dialog = admin.getByTestId('user-dialog');
      await dialog.getByTestId('user-name').locator('input').fill('eve');
      await dialog.getByTestId('user-password').locator('input').fill('a long enough one');
      await dialog.getByTestId('user-area-add').selectOption('East');
      await dialog.locator('[data-testid=user-area][data-area=East]').waitFor();
      assert.deepEqual(await seriousFindings(admin), []);
      await admin.getByTestId('user-save').click();
      await admin.locator('[data-testid=user-row][data-user=eve]').filter({ hasText: 'Operator; East: Operator' }).waitFor();
      assert.deepEqual(node.access.users().map(({ name, role, areas }) => [name, role, areas]), [['eve', 'operator', { East: 'operator' }]]);

      const by = { principal: { kind: 'machine', name: 'test', role: 'administrator' }, address: 'here' } as const;
      const { token } = await node.access.addToken({ name: 'tenant', role: 'viewer', areas: { East: 'operator' }, expiresMs: null }, by);
      const tenant = await signedIn(token);
      pages.push(tenant);
      await tenant.evaluate(`location.hash = '#/points'`);
      const button = (name: string) => tenant.locator(`[data-testid=point-row][data-point="${name}"]`).getByTestId('write-button');
      await button('East.Sp').waitFor();
      const isGrey = async (name: string): Promise<boolean> => button(name).evaluate((element) => (element as unknown as { disabled: boolean }).disabled);
      assert.deepEqual([await isGrey('East.Sp'), await isGrey('West.Sp')], [false, true]);
      assert.equal(await button('West.Sp').getAttribute('title'), 'Needs the role Operator for the area West');
      assert.equal(await tenant.getByTestId('menu-users').count(), 0);
      // Figures of alarms are of the whole site: who has areas only is not shown their tab.
      const { token: key } = await node.access.addToken({ name: 'lodger', role: 'none', areas: { East: 'viewer' }, expiresMs: null }, by);
      const lodger = await signedIn(key);
      pages.push(lodger);
      for (const [who, tabs] of [[lodger, 0], [tenant, 1]] as const) {
        await who.evaluate(`location.hash = '#/alarms'`);
        await who.getByTestId('tab-journal').waitFor();
        assert.equal(await who.getByTestId('tab-figures').count(), tabs);
      }
    } finally {
      for (const opened of pages) await opened.close();
      await node.server.stop();
    }
  });

  it('asks for the password when a session has ended by time; a form that is half filled goes on where it was', async () => {
    let code: string | undefined;
    const setUpFile = { path: 'set-up-code', read: () => code, write: (made: string) => void (code = made), remove: () => undefined };
    const node = new RealNode('A', new PointTable('r', []), { access: 'login', consoleFolder: resolve('dist/console'), setUpFile });
    await node.server.start();
    node.activate(1);
    await fetch(`${node.server.url}/api/v1/set-up`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ code, name: 'anna', password: 'a long enough one' }) });
    const opened = await on.browser.page(node.server.url);
    const typed = async (texts: Readonly<Record<string, string>>): Promise<void> => {
      for (const [testId, text] of Object.entries(texts)) await opened.getByTestId(testId).locator('input').fill(text);
    };
    try {
      await typed({ 'user-input': 'anna', 'password-input': 'a long enough one' });
      await opened.getByTestId('sign-in-submit').click();
      await opened.getByTestId('sign-out').waitFor();
      await opened.evaluate(`location.hash = '#/users'`);
      await opened.getByTestId('user-add').click();
      await typed({ 'user-name': 'eve', 'user-password': 'another long one' });
      // Nobody has touched it for the night.
      node.laterMs = 13 * 3_600_000;
      await opened.getByTestId('session-expired').waitFor();
      // It cannot be put away to leave a page that looks alive and is told nothing any more.
      await opened.getByTestId('user-input').locator('input').focus();
      for (const key of ['Escape', 'Escape', 'Escape']) await opened.keyboard.press(key);
      assert.equal(await opened.getByTestId('sign-in-dialog').getByRole('button', { name: 'Close' }).count(), 0);
      await typed({ 'user-input': 'anna', 'password-input': 'a long enough one' });
      await opened.getByTestId('sign-in-submit').click();
      await opened.getByTestId('sign-in-dialog').waitFor({ state: 'detached' });
      assert.deepEqual([await opened.getByTestId('user-name').locator('input').inputValue(), await opened.getByTestId('user-password').locator('input').inputValue()], ['eve', 'another long one']);
      await opened.getByTestId('user-save').click();
      await opened.locator('[data-testid=user-row][data-user=eve]').waitFor();
    } finally {
      await opened.close();
      await node.server.stop();
    }
  });
});
