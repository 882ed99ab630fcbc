import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { Browser, screenshot } from '../../console/browser.js';
import { DemoPair, json } from '../demo-pair.js';
import { redundancyOf, until } from '../processes.js';

/**
 * The demo's 300 ms of silence are less than two busy cores may keep a process from running while both nodes read a new
 * configuration and a browser draws: a takeover by such a freeze is right, and is not what these tests are about.
 */
const PATIENT = { missedPings: 30, failoverTime: '5s' };

/** The demo pair, and one page of its console, signed in: what all cases go on with, one after the other. */
export class ConsoleOnPair {
  private folder = '';
  private pair: DemoPair | undefined;
  private opened: { readonly browser: Browser; readonly page: Page } | undefined;

  get demo(): DemoPair {
    assert.ok(this.pair !== undefined);
    return this.pair;
  }

  get browser(): Browser {
    assert.ok(this.opened !== undefined);
    return this.opened.browser;
  }

  get page(): Page {
    assert.ok(this.opened !== undefined);
    return this.opened.page;
  }

  async start(): Promise<void> {
    this.folder = mkdtempSync(join(tmpdir(), 'tandem-console-pair-'));
    this.pair = await DemoPair.start(this.folder, undefined, PATIENT);
    const browser = await Browser.open();
    const page = await browser.page(this.pair.urls[0]);
    // Each waits for what a machine does that may be three times slower, and busy: checks of the whole configuration among it.
    page.setDefaultTimeout(60_000);
    this.opened = { browser, page };
    // Nothing of the plant before somebody has signed in; from here on nobody signs in again, whatever becomes of the nodes.
    await page.getByTestId('sign-in-page').waitFor();
    await screenshot(page, 'pair-sign-in');
    await page.getByTestId('user-input').locator('input').fill('demo');
    await page.getByTestId('password-input').locator('input').fill(this.pair.password);
    await page.getByTestId('sign-in-submit').click();
    await page.getByTestId('sign-out').waitFor();
  }

  async stop(): Promise<void> {
    await this.opened?.browser.close();
    await this.pair?.stop();
    if (this.folder !== '') rmSync(this.folder, { recursive: true, force: true });
  }

  /** After a failed case: the page, and what became of the pair meanwhile, which explains most of what a page shows. */
  async tell(): Promise<void> {
    await screenshot(this.page, 'pair-failure');
    const { events = [] } = (await redundancyOf(this.demo.urls[0])) ?? {};
    console.log(events.map(({ timeMs, node, what, evidence }) => `${new Date(timeMs).toISOString()} ${node} ${what}: ${evidence}`).join('\n'));
  }

  /** What the REST interface answers to an engineer who is not at this screen. */
  async ask<T>(path: string, method = 'GET', body?: unknown): Promise<T> {
    return this.askAt<T>(this.demo.urls[0], path, method, body);
  }

  async askAt<T>(url: string, path: string, method = 'GET', body?: unknown): Promise<T> {
    return json<T>(`${url}/api/v1/${path}`, { method, headers: { 'authorization': `Bearer ${this.demo.token}`, 'content-type': 'application/json' }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  }

  async open(name: string): Promise<void> {
    await this.page.evaluate(`location.hash = '#/${name}'`);
    await this.page.getByRole('heading', { level: 1, name: new RegExp(name, 'i') }).waitFor();
  }

  async light(): Promise<void> {
    const scheme = async (): Promise<string> => this.page.evaluate<string>('document.documentElement.dataset.ixColorSchema');
    if ((await scheme()) !== 'light') await this.page.getByTestId('theme-switch').click();
    assert.equal(await scheme(), 'light');
  }

  async becomes(testId: string, text: string, timeout = 60_000): Promise<void> {
    await this.page.getByTestId(testId).filter({ hasText: text }).first().waitFor({ timeout });
  }

  async inSync(active: 0 | 1): Promise<void> {
    await until('the pair is in sync', async () => {
      const states = await Promise.all(this.demo.urls.map(redundancyOf));
      return states[active]?.self.role === 'active' && states.every((state) => state?.sync.state === 'in-sync') ? true : undefined;
    }, 60_000);
  }

  async switchTo(node: string, reason: string): Promise<void> {
    await this.page.getByTestId('switch-button').click();
    await this.page.getByTestId('switch-reason').locator('input').fill(reason);
    await this.page.getByTestId('switch-confirm').click();
    await this.becomes('active-node', `Following node ${node}`);
    await this.becomes('redundancy-event', reason);
  }
}
