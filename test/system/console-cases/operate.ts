import assert from 'node:assert/strict';
import { screenshot } from '../../console/browser.js';
import { until } from '../processes.js';
import type { ConsoleOnPair } from './console-on-pair.js';

/** What somebody does who runs the building: values, alarms, trends. */
export function operatorCases(on: ConsoleOnPair): void {
  it('shows live values and the state of both nodes', async () => {
    await on.light();
    await on.becomes('connection-state', 'Connected');
    await on.becomes('active-node', 'Following node A');
    await on.open('points');
    const value = on.page.locator('[data-testid=point-row][data-point="AHU1.SaT"]').getByTestId('point-value');
    for (const [held, shown] of [[25.5, '25.5'], [26.5, '26.5']] as const) {
      await on.demo.set('plc-ahu', 'AHU1.SaT', held);
      await value.filter({ hasText: shown }).waitFor({ timeout: 60_000 });
    }
    await screenshot(on.page, 'pair-points');
    await on.open('devices');
    await on.page.locator('[data-testid=device-row][data-device="plc-plant"]').waitFor();
    await screenshot(on.page, 'pair-devices');
    await on.open('redundancy');
    await on.becomes('node-self-state', 'Running');
    await on.becomes('node-peer-state', 'Standby');
    await screenshot(on.page, 'pair-redundancy');
  });

  it('shows an alarm that the building raises', async () => {
    await on.demo.set('plc-ahu', 'AHU1.Smoke', true);
    await on.open('alarms');
    await on.page.locator('[data-testid=alarm-row][data-alarm="AHU1.Smoke"]').waitFor({ timeout: 60_000 });
    await screenshot(on.page, 'pair-alarms');
    await on.open('overview');
    await on.page.getByTestId('alarm-banner').filter({ hasText: 'Smoke' }).waitFor();
    await screenshot(on.page, 'pair-overview');
  });

  it('does with an alarm what an operator does: acknowledge, shelve, note, mute; the journal and the figures know of it', async () => {
    await on.open('alarms');
    const row = on.page.locator('[data-testid=alarm-row][data-alarm="AHU1.Smoke"]');
    await row.getByTestId('alarm-open').click();
    const drawer = on.page.getByTestId('alarm-drawer');
    const act = async (action: string, reason: string): Promise<void> => {
      await drawer.getByTestId(`alarm-${action}`).click();
      await on.page.getByTestId('action-reason').locator('input').fill(reason);
      await on.page.getByTestId('action-confirm').click();
      await on.page.getByTestId('action-dialog').waitFor({ state: 'detached' });
    };
    await act('acknowledge', 'on my way');
    await drawer.getByTestId('drawer-state').filter({ hasText: 'Active, acknowledged' }).waitFor();
    await act('note', 'steam from the kitchen');
    await drawer.getByTestId('alarm-notes').filter({ hasText: 'steam from the kitchen' }).waitFor();
    await act('shelve', 'until the hood works');
    await drawer.getByTestId('drawer-until').waitFor();
    await screenshot(on.page, 'pair-alarm-drawer');
    await act('unshelve', 'it does');
    await drawer.getByTestId('drawer-state').filter({ hasText: 'Active' }).waitFor();
    await drawer.getByTestId('drawer-close').click();
    await on.page.getByTestId('tab-mutes').click();
    await on.page.getByTestId('mute-add').click();
    await on.page.getByTestId('action-reason').locator('input').fill('commissioning');
    await on.page.getByTestId('action-confirm').click();
    await on.page.getByTestId('mute-row').filter({ hasText: 'commissioning' }).waitFor();
    await on.page.getByTestId('mute-end').click();
    await on.page.getByTestId('action-confirm').click();
    await on.page.getByTestId('mute-row').waitFor({ state: 'detached' });
    await on.page.getByTestId('tab-figures').click();
    await on.page.getByTestId('alarm-figures').waitFor();
    await screenshot(on.page, 'pair-alarm-figures');
    await on.page.getByTestId('tab-journal').click();
    await on.page.getByTestId('journal-search').locator('input').fill('hood');
    await on.page.getByTestId('journal-row').filter({ hasText: 'until the hood works' }).waitFor();
    await until('others are filtered', async () => ((await on.page.getByTestId('journal-row').count()) === 1 ? true : undefined));
    await on.open('audit');
    for (const action of ['acknowledge', 'alarm-shelve', 'alarm-note', 'alarm-mute']) await on.page.getByText(action, { exact: true }).first().waitFor();
  });

  it('shows several trends, with an axis for each unit, and what they are in a table', async () => {
    await on.page.evaluate(`location.hash = '#/trends?points=AHU1.SaT'`);
    await on.page.getByTestId('trend-point').fill('Main.kW');
    await on.page.getByTestId('trend-add').click();
    await on.page.locator('[data-testid=trend-chart][data-lines="2"]').waitFor();
    await on.page.locator('[data-testid=trend-line][data-point="Main.kW"]').waitFor();
    await screenshot(on.page, 'pair-trends');
    await on.page.locator('[data-testid=trend-line][data-point="AHU1.SaT"]').getByTestId('trend-remove').click();
    await on.page.locator('[data-testid=trend-chart][data-lines="1"]').waitFor();
    // The same of a time before, dashed, read with the same figures: only the time differs.
    const asked = on.page.waitForRequest((request) => request.url().includes('history/aggregate') && Date.now() - Date.parse(new URL(request.url()).searchParams.get('to') ?? '') > 3_500_000);
    await on.page.getByTestId('trend-compare').click();
    await on.page.getByRole('option', { name: 'An hour before' }).click();
    await on.page.locator('[data-testid=trend-chart][data-lines="2"]').waitFor();
    const { searchParams } = new URL((await asked).url());
    assert.equal(Date.parse(searchParams.get('to') ?? '') - Date.parse(searchParams.get('from') ?? ''), 3_600_000 + Number.parseInt(searchParams.get('every') ?? '', 10));
    await on.page.locator('[data-testid=trend-earlier][data-point="Main.kW"]').filter({ hasText: '1 hour before' }).waitFor();
    await screenshot(on.page, 'pair-trends-compared');
  });
}
