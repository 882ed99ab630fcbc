import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { Browser, screenshot } from '../console/browser.js';
import { requireTool } from '../hooks.js';
import { stopAtFirstFailure } from './demo-pair.js';
import { freePorts } from './processes.js';
import { answers, Rig } from './rig.js';

const PASSWORD = 'a long enough one';
const SITE = 'site: {name: users, timezone: UTC}\npoints: {Sp: {type: number, write: {min: 0, max: 100}, area: East}, Far: {type: number, write: {min: 0, max: 100}, area: West}}\n';

/** Who may do what, as an administrator does it in the console of a fresh node: from the set-up code to a token that is revoked. */
describe('console: users, tokens and sessions on a real node', function () {
  this.timeout(60_000);
  stopAtFirstFailure();
  let rig: Rig;
  let browser: Browser;
  let page: Page;
  let url = '';
  let foreign: Server;

  before(async function () {
    requireTool(this, 'chromium');
    rig = new Rig();
    const [port = 0] = await freePorts(1);
    url = `http://127.0.0.1:${String(port)}`;
    await answers(url, rig.node(rig.write('site.yaml', SITE), { id: 'A', mode: 'independent', console: port, access: 'login' }));
    foreign = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<title>another page</title>'));
    await new Promise<void>((resolve) => void foreign.listen(0, '127.0.0.1', resolve));
    browser = await Browser.open();
    page = await browser.page(url);
  });
  after(async () => {
    await (browser as Browser | undefined)?.close();
    (foreign as Server | undefined)?.close();
    await (rig as Rig | undefined)?.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await screenshot(page, 'users-failure');
    // The browser's own word of a refusal is no complaint of the page.
    assert.deepEqual(browser.complaints.splice(0).filter((text) => !/status of 4\d\d|blocked by CORS policy/.test(text)), []);
  });

  const fill = async (texts: Readonly<Record<string, string>>): Promise<void> => {
    for (const [testId, text] of Object.entries(texts)) await page.getByTestId(testId).locator('input').fill(text);
  };
  const choose = async (testId: string, name: string): Promise<void> => {
    await page.getByTestId(testId).click();
    await page.getByRole('option', { name, exact: true }).click();
  };
  const open = async (name: string): Promise<void> => {
    await page.evaluate(`location.hash = '#/${name}'`);
    await page.getByRole('heading', { level: 1, name: new RegExp(name, 'i') }).waitFor();
  };
  const row = (name: string) => page.locator(`[data-testid=user-row][data-user="${name}"]`);
  const failed = async (text: string): Promise<void> => page.locator('[data-testid=outcome][data-outcome=failed]').filter({ hasText: text }).waitFor();
  const signIn = async (user: string, password: string): Promise<Response> =>
    fetch(`${url}/api/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ user, password }) });
  const codeOf = async (response: Response): Promise<string> => ((await response.json()) as { code: string }).code;

  it('the first administrator is made with the set-up code, and with no other', async () => {
    await page.getByTestId('set-up-code').waitFor();
    await fill({ 'set-up-code': 'AAAA-AAAA', 'set-up-name': 'anna', 'set-up-password': PASSWORD, 'set-up-again': `${PASSWORD}!` });
    await page.getByTestId('set-up-submit').click();
    await failed('not the same');
    await fill({ 'set-up-again': PASSWORD });
    await page.getByTestId('set-up-submit').click();
    await failed('code');
    // What was typed is still there.
    await fill({ 'set-up-code': readFileSync(join(rig.folder, 'A', 'set-up-code'), 'utf8').trim() });
    await page.getByTestId('set-up-submit').click();
    await page.getByTestId('sign-out').waitFor();
  });

  it('a user is added, gets another role and another password, is locked out, unlocked, and removed', async () => {
    await open('users');
    await page.getByTestId('user-add').click();
    await fill({ 'user-name': 'oli', 'user-password': 'short' });
    await page.getByTestId('user-save').click();
    await failed('at least 10 characters');
    await fill({ 'user-password': PASSWORD });
    await page.getByTestId('user-save').click();
    await row('oli').filter({ hasText: 'Operator' }).waitFor();
    await row('oli').getByTestId('user-edit').click();
    await choose('user-role', 'Viewer');
    await fill({ 'user-password': `${PASSWORD} 2` });
    await page.getByTestId('user-save').click();
    await row('oli').filter({ hasText: 'Viewer' }).waitFor();
    assert.equal((await signIn('oli', PASSWORD)).status, 401);
    assert.equal((await signIn('oli', `${PASSWORD} 2`)).status, 200);
    for (let wrong = 0; wrong < 5; wrong++) assert.equal((await signIn('oli', PASSWORD)).status, 401);
    assert.equal(await codeOf(await signIn('oli', `${PASSWORD} 2`)), 'USER_LOCKED');
    await row('oli').filter({ hasText: 'Locked until' }).waitFor();
    await row('oli').getByTestId('user-edit').click();
    await page.getByTestId('user-save').filter({ hasText: 'unlock' }).click();
    await row('oli').filter({ hasText: 'May sign in' }).waitFor();
    await row('oli').getByTestId('user-remove').click();
    await page.getByTestId('action-confirm').click();
    await row('oli').waitFor({ state: 'detached' });
  });

  it('a token is shown once, reaches as far as its role, and ends when it is revoked', async () => {
    await page.getByTestId('tab-tokens').click();
    await page.getByTestId('token-add').click();
    await fill({ 'token-name': 'reports' });
    await page.getByTestId('token-make').click();
    const token = (await page.getByTestId('token-made').innerText()).trim();
    await page.getByTestId('token-dialog').getByRole('button', { name: 'Close' }).last().click();
    const made = page.locator('[data-testid=token-row][data-token=reports]');
    await made.filter({ hasText: 'Viewer' }).waitFor();
    assert.ok(!(await page.content()).includes(token));
    const asked = async (secret: string, init: RequestInit = {}): Promise<Response> =>
      fetch(`${url}/api/v1/points/Sp`, { ...init, headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' } });
    assert.equal((await asked(token)).status, 200);
    assert.equal(await codeOf(await asked(token, { method: 'PUT', body: '{"value":5}' })), 'CLIENT_FORBIDDEN');
    assert.equal((await asked(`${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`)).status, 401);
    await made.getByTestId('token-revoke').click();
    await page.getByTestId('action-confirm').click();
    await made.waitFor({ state: 'detached' });
    assert.equal((await asked(token)).status, 401);
  });

  it('a token with a role for an area reaches that area only', async () => {
    await page.getByTestId('token-add').click();
    await fill({ 'token-name': 'east' });
    await choose('token-role', 'No role for the site, areas only');
    await page.getByTestId('token-area-add').selectOption('East');
    const area = page.locator('[data-testid=token-area][data-area=East]');
    await area.waitFor();
    // A role that was given is taken away again, and another area in its place.
    await page.getByTestId('token-area-add').selectOption('West');
    await page.locator('[data-testid=token-area][data-area=West]').getByTestId('token-area-remove').click();
    await page.locator('[data-testid=token-area][data-area=West]').waitFor({ state: 'detached' });
    await screenshot(page, 'token-areas');
    await page.getByTestId('token-make').click();
    const token = (await page.getByTestId('token-made').innerText()).trim();
    await page.getByTestId('token-dialog').getByRole('button', { name: 'Close' }).last().click();
    await page.locator('[data-testid=token-row][data-token=east]').filter({ hasText: 'East: Operator' }).waitFor();
    const write = async (point: string): Promise<Response> => fetch(`${url}/api/v1/points/${point}`, { method: 'PUT', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: '{"value":5}' });
    assert.equal((await write('Sp')).status, 200);
    // What is not seen is told nowhere.
    assert.equal(await codeOf(await write('Far')), 'POINT_UNKNOWN');
  });

  it('a page of somebody else does nothing with the cookie of who is signed in', async () => {
    const { port } = foreign.address() as AddressInfo;
    const other = await browser.page(`http://127.0.0.1:${String(port)}/`);
    try {
      // One host, so the browser sends the cookie along; the page cannot read the answer, and nothing happens.
      await other.evaluate(`fetch('${url}/api/v1/session', { method: 'DELETE', credentials: 'include' }).catch(() => 0)`);
      const socket = await other.evaluate<string>(`new Promise((resolve) => { const socket = new WebSocket('${url.replace('http', 'ws')}/ws'); socket.onopen = () => resolve('open'); socket.onerror = () => resolve('refused'); })`);
      assert.equal(socket, 'refused');
    } finally {
      await other.close();
    }
    const cookies = (await browser.context.cookies(url)).map(({ name, value }) => `${name}=${value}`).join('; ');
    const stolen = await fetch(`${url}/api/v1/session`, { method: 'DELETE', headers: { cookie: cookies, origin: 'http://elsewhere.example' } });
    assert.deepEqual([stolen.status, await codeOf(stolen)], [403, 'CLIENT_ORIGIN']);
    await page.reload();
    await page.getByTestId('sign-out').waitFor();
  });

  it('a session that is ended while a form is half filled asks for the password, and nothing typed is lost; its key is worth nothing', async () => {
    const cookie = (await browser.context.cookies(url)).map(({ name, value }) => `${name}=${value}`).join('; ');
    await open('configuration');
    const text = page.getByTestId('configuration-text');
    await text.fill(`${await text.inputValue()}# half a thought\n`);
    await page.getByTestId('configuration-apply').click();
    await page.getByTestId('action-reason').locator('input').fill('half a sentence');
    const headers = { authorization: 'Bearer t' };
    const { sessions } = (await (await fetch(`${url}/api/v1/sessions`, { headers })).json()) as { sessions: readonly { id: string; user: string }[] };
    for (const { id } of sessions) assert.equal((await fetch(`${url}/api/v1/sessions/${id}`, { method: 'DELETE', headers })).status, 204);
    await page.getByTestId('session-expired').waitFor();
    await screenshot(page, 'session-expired');
    assert.equal((await fetch(`${url}/api/v1/points/Sp`, { headers: { cookie } })).status, 401);
    await fill({ 'user-input': 'anna', 'password-input': PASSWORD });
    await page.getByTestId('sign-in-submit').click();
    await page.getByTestId('sign-in-dialog').waitFor({ state: 'detached' });
    assert.equal(await page.getByTestId('action-reason').locator('input').inputValue(), 'half a sentence');
    await page.getByTestId('action-confirm').click();
    await page.getByTestId('action-dialog').waitFor({ state: 'detached' });
    assert.match(await text.inputValue(), /# half a thought/);
    const applied = (await (await fetch(`${url}/api/v1/configuration`, { headers })).json()) as { text: string };
    assert.match(applied.text, /# half a thought/);
  });
});
