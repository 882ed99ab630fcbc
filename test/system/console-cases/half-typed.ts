import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import type { ConsoleOnPair } from './console-on-pair.js';

/** Somebody in the middle of something: where it is, how it was come to, and the field that is half filled. */
interface Place {
  readonly hash: string;
  readonly open: (page: Page) => Promise<unknown>;
  readonly field: (page: Page) => Locator;
  readonly text: string;
}

const reason = (page: Page): Locator => page.getByTestId('action-reason').locator('input');
const click = (...ids: readonly string[]) => async (page: Page): Promise<void> => {
  for (const id of ids) await page.getByTestId(id).first().click();
};
const input = (id: string) => (page: Page): Locator => page.getByTestId(id).locator('input');
const draft = (id: string) => (page: Page): Locator => page.getByTestId(id);

/** On each page what takes a person the longest to fill in. */
const places: readonly Place[] = [
  { hash: '#/points?search=AHU1.SaTSp', open: click('write-button'), field: input('value-input'), text: '23.4' },
  { hash: '#/points?search=AHU1.SaT', open: click('point-open', 'point-override'), field: reason, text: 'the sensor is being' },
  { hash: '#/alarms', open: click('alarm-open', 'alarm-note'), field: reason, text: 'steam from' },
  { hash: '#/alarms', open: click('tab-mutes', 'mute-add'), field: reason, text: 'commissioning of' },
  { hash: '#/alarms', open: click('tab-journal'), field: input('journal-search'), text: 'AHU1' },
  { hash: '#/trends?points=AHU1.SaT', open: async () => undefined, field: draft('trend-point'), text: 'Main.k' },
  { hash: '#/redundancy', open: click('tab-condition', 'hold-button'), field: reason, text: 'maintenance of the' },
  { hash: '#/redundancy', open: click('switch-button'), field: input('switch-reason'), text: 'a fan of' },
  { hash: '#/configuration', open: click('tab-discovery'), field: input('discovery-range'), text: '1000-20' },
  { hash: '#/users', open: click('user-add'), field: input('user-name'), text: 'night.shi' },
  { hash: '#/users', open: click('tab-tokens', 'token-add'), field: input('token-name'), text: 'wall disp' },
  { hash: '#/audit', open: async () => undefined, field: input('audit-search'), text: 'demo' },
  { hash: '#/graphics', open: async (page) => page.locator('.graphic-new summary').click(), field: draft('graphic-new-name'), text: 'Boiler ho' },
  { hash: '#/overview', open: click('own-password'), field: input('password-next'), text: 'correct hor' },
];

/** Opens each place in a window of its own; what is given checks after a failover that everything is still as it was left, and closes them. */
export async function halfTyped(on: ConsoleOnPair): Promise<(node: string) => Promise<void>> {
  const opened: { readonly page: Page; readonly place: Place }[] = [];
  for (const place of places) {
    const page = await on.browser.page(`${on.demo.urls[0]}/${place.hash}`);
    page.setDefaultTimeout(60_000);
    await place.open(page);
    await place.field(page).fill(place.text);
    opened.push({ page, place });
  }
  return async (node) => {
    await Promise.all(opened.map(async ({ page }) => page.getByTestId('active-node').filter({ hasText: `Following node ${node}` }).waitFor()));
    const left = await Promise.all(opened.map(async ({ page, place }) => `${place.hash} ${await place.field(page).inputValue({ timeout: 5_000 }).catch(() => 'is gone')}`));
    assert.deepEqual(left, places.map(({ hash, text }) => `${hash} ${text}`));
    for (const { page } of opened) await page.close();
  };
}
