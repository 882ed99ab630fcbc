import assert from 'node:assert/strict';
import { screenshot } from '../../console/browser.js';
import type { ConsoleOnPair } from './console-on-pair.js';

/** Plant graphics: seen, used, bound. */
export function graphicCases(on: ConsoleOnPair): void {
  it('shows the plant: values in the drawing, the alarm at its element, details and commands by a click', async () => {
    await on.demo.set('plc-ahu', 'AHU1.Frost', true);
    await on.page.getByTestId('alarm-banner').filter({ hasText: 'AHU1.Frost' }).getByTestId('banner-graphic').click();
    const graphic = on.page.locator('[data-testid=graphic][data-graphic=AHU1]');
    await on.page.locator('[data-testid=graphic-frame][data-element=frostBox]').waitFor();
    await on.page.locator('[data-testid=graphic-mark][data-element=frostBox][data-mark=alarm]').waitFor();
    await screenshot(on.page, 'pair-graphic-alarm');
    await on.demo.set('plc-ahu', 'AHU1.Frost', false);
    for (const [held, shown] of [[23.5, '23.5 °C'], [24.5, '24.5 °C']] as const) {
      await on.demo.set('plc-ahu', 'AHU1.SaT', held);
      await graphic.getByRole('button', { name: `Supply air, ${shown}, opens details` }).filter({ hasText: shown }).waitFor({ timeout: 60_000 });
    }
    await graphic.getByRole('button', { name: /^Supply air,/ }).click();
    await on.page.getByTestId('point-drawer').filter({ hasText: 'AHU1.SaT' }).waitFor();
    await on.page.getByTestId('drawer-close').click();
    await graphic.getByRole('button', { name: /^Setpoint,/ }).press('Enter');
    await on.page.getByTestId('write-dialog').filter({ hasText: 'AHU1.SaTSp' }).waitFor({ state: 'attached' });
    await on.page.getByTestId('write-dialog').getByRole('button', { name: 'Cancel' }).click();
    await on.page.getByTestId('write-dialog').waitFor({ state: 'detached' });
    await graphic.getByRole('link', { name: /^Demo tower/ }).click();
    await on.page.locator('[data-testid=graphic][data-graphic=Building]').waitFor();
    await on.page.getByTestId('graphic-values').locator('summary').click();
    await on.page.getByTestId('graphic-values').getByRole('button', { name: 'R101, temperature' }).waitFor();
    await on.open('overview');
    await on.page.getByTestId('kpi-count').filter({ hasText: 'of 6' }).waitFor();
    await on.page.locator('[data-testid=graphic][data-graphic=Building]').waitFor();
  });

  it('binds an element: a draft that outlives a reload, checked, applied on both nodes; a drawing that is unsafe is refused', async () => {
    await on.page.evaluate(`location.hash = '#/graphics?name=Roof&edit=1'`);
    await on.page.getByTestId('graphic-element').selectOption('lux');
    await on.page.getByTestId('element-label').fill('Daylight');
    await on.page.getByTestId('element-point').fill('Site.Luxx');
    await on.page.getByTestId('graphic-check').click();
    await on.page.getByTestId('configuration-problems').filter({ hasText: 'did you mean `Site.Lux`' }).waitFor();
    await on.page.reload();
    await on.page.getByTestId('graphic-draft').waitFor();
    await on.page.getByTestId('graphic-element').selectOption('lux');
    assert.equal(await on.page.getByTestId('element-label').inputValue(), 'Daylight');
    await on.page.getByTestId('element-point').fill('Site.Lux');
    const svg = (inner: string): { name: string; mimeType: string; buffer: Buffer } => ({ name: 'roof.svg', mimeType: 'image/svg+xml', buffer: Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 100">${inner}</svg>`) });
    await on.page.getByTestId('graphic-file').setInputFiles(svg('<rect onclick="x()"/><script/>'));
    for (const named of ['`onclick` of <rect>', '<script>: a drawing runs nothing']) await on.page.getByTestId('configuration-problems').filter({ hasText: named }).waitFor();
    await on.page.getByTestId('graphic-file').setInputFiles(svg('<text id="oaT" y="20">0</text><text id="light" y="50">0</text>'));
    await on.page.getByTestId('graphic-lost').filter({ hasText: 'lux' }).waitFor();
    await on.page.getByTestId('graphic-discard').click();
    await on.page.getByTestId('graphic-lost').waitFor({ state: 'detached' });
    await on.page.getByTestId('graphic-element').selectOption('lux');
    await on.page.getByTestId('element-label').fill('Daylight');
    await on.page.getByTestId('rule-fill-add').click();
    await on.page.getByTestId('rule-fill-colour').selectOption('attention');
    // Numbers below zero, typed key by key.
    await on.page.getByTestId('element-before').fill('E ');
    await on.page.getByTestId('element-decimals').selectOption('1');
    await on.page.getByTestId('element-unit').uncheck();
    await on.page.getByTestId('element-turn').fill('45');
    const lowest = on.page.getByTestId('element-from');
    await lowest.press('ControlOrMeta+a');
    await lowest.pressSequentially('-20.5');
    await on.page.getByTestId('element-to').fill('40');
    await on.page.getByTestId('rule-show-add').click();
    await on.page.getByTestId('rule-show-above').pressSequentially('-5');
    await on.page.getByTestId('rule-stroke-add').click();
    await on.page.getByTestId('rule-stroke-remove').click();
    await screenshot(on.page, 'pair-graphic-editor');
    const apply = async (): Promise<void> => {
      await on.page.getByTestId('graphic-apply').click();
      await on.page.getByTestId('action-reason').locator('input').fill('daylight by its name');
      await on.page.getByTestId('action-confirm').click();
    };
    // Another engineer was quicker: theirs is not replaced unseen, and what was done here is kept.
    const { value } = await on.ask<{ value: Record<string, unknown> }>('configuration/graphics/Roof');
    await on.ask('configuration/graphics/Roof', 'PUT', { value: { ...value, title: 'Roof, north' }, comment: 'the other one' });
    await apply();
    await on.page.getByTestId('action-dialog').filter({ hasText: 'CONFIG_CONFLICT' }).getByRole('button', { name: 'Close' }).last().click();
    assert.equal((await on.ask<{ value: { title: string } }>('configuration/graphics/Roof')).value.title, 'Roof, north');
    await on.page.locator('[data-testid=graphic-draft][data-outdated=true]').waitFor();
    assert.equal(await on.page.getByTestId('element-label').inputValue(), 'Daylight');
    await on.page.getByTestId('graphic-keep').click();
    await on.page.locator('[data-testid=graphic-draft][data-outdated=false]').waitFor();
    // Meanwhile something else of the configuration: that is no conflict, and stays.
    await on.ask('configuration/calendars/Bridge', 'PUT', { value: { dates: ['2026-12-28'] }, comment: 'a bridge day' });
    await apply();
    await on.page.getByTestId('graphic-draft').waitFor({ state: 'detached' });
    const { value: roof } = await on.ask<{ value: { elements: Record<string, Record<string, unknown>> } }>('configuration/graphics/Roof');
    const { text, turn, show, stroke } = roof.elements.lux ?? {};
    assert.deepEqual({ text, turn, show, stroke }, { text: { decimals: 1, unit: false, before: 'E ' }, turn: { from: -20.5, to: 40, degrees: 45 }, show: [{ above: -5 }], stroke: undefined });
    await on.page.getByTestId('graphic-edit').click();
    await on.page.getByTestId('graphic').getByRole('button', { name: /^Daylight,/ }).waitFor();
  });
}
