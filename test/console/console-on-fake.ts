import type { Locator, Page } from 'playwright-core';
import { requireTool } from '../hooks.js';
import { Browser } from './browser.js';
import { TOKEN } from './fake-node.js';
import { FakePair } from './fake-pair.js';

export const phone = { width: 390, height: 844 };
export const desk = { width: 1366, height: 768 };

/** The built console on a fake pair: one browser for all cases of a file, a pair and a page of node A for each. */
export class ConsoleOnFake {
  browser!: Browser;
  pair!: FakePair;
  page!: Page;

  async open(name: string): Promise<void> {
    await this.page.evaluate(`location.hash = '#/${name}'`);
    await this.page.getByRole('heading', { level: 1, name: new RegExp(name, 'i') }).waitFor();
  }

  async openPoint(name: string): Promise<Locator> {
    await this.page.evaluate(`location.hash = '#/points?search=${name}'`);
    await this.row(name).getByTestId('point-open').click();
    return this.page.getByTestId('point-drawer');
  }

  async openDevice(name: string): Promise<Locator> {
    await this.page.evaluate(`location.hash = '#/devices'`);
    await this.page.locator(`[data-testid=device-row][data-device="${name}"]`).getByTestId('device-open').click();
    return this.page.getByTestId('device-drawer');
  }

  /** With a token, by the button of the header. */
  async signIn(token = TOKEN): Promise<void> {
    await this.page.getByTestId('sign-in').click();
    await this.giveToken(token);
  }

  /** Into the dialog that something has opened. */
  async giveToken(token = TOKEN): Promise<void> {
    await this.page.getByTestId('use-token').click();
    await this.page.getByTestId('token-input').locator('input').fill(token);
    await this.page.getByTestId('sign-in-submit').click();
    await this.page.getByTestId('sign-out').waitFor();
  }

  row(name: string): Locator {
    return this.page.locator(`[data-testid=point-row][data-point="${name}"]`);
  }

  async becomes(testId: string, text: string | RegExp): Promise<void> {
    await this.page.getByTestId(testId).filter({ hasText: text }).first().waitFor();
  }

  /** How far the page is wider than the screen. */
  async overflow(): Promise<number> {
    return this.page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  }
}

/** For the suite that calls it. */
export function consoleOnFake(): ConsoleOnFake {
  const on = new ConsoleOnFake();
  before(async function () {
    requireTool(this, 'chromium');
    on.browser = await Browser.open();
  });
  after(async () => {
    // Undefined where the suite was skipped.
    await (on.browser as Browser | undefined)?.close();
  });
  beforeEach(async () => {
    on.browser.complaints.length = 0;
    on.pair = new FakePair();
    await on.pair.start();
    on.page = await on.browser.page(on.pair.url('A'));
  });
  afterEach(async () => {
    await on.page.close();
    await on.pair.stop();
  });
  return on;
}
