import assert from 'node:assert/strict';
import { screenshot } from '../../console/browser.js';
import { until } from '../processes.js';
import type { ConsoleOnPair } from './console-on-pair.js';

/** More than a node lets wait on one socket. */
const FLOOD = 260;

/** More than one thing at a time, and what is held by hand: by the keyboard where it matters. */
export function floodCases(on: ConsoleOnPair): void {
  it('acknowledges a flood of alarms at once, with one note, on both nodes', async () => {
    const { number, revision } = await on.ask<{ number: number; revision: string }>('configuration');
    const rows = Array.from({ length: FLOOD }, (_, at) => `Flood.${String(at)};B1.HwST;999;3`);
    await on.ask('configuration/sheets/alarms', 'PUT', { sheet: ['name;point;low;priority', ...rows].join('\r\n'), missing: 'keep', expected: revision, comment: 'a flood' });
    await on.open('alarms');
    await on.page.getByTestId('alarm-search').locator('input').fill('Flood.');
    const all = on.page.getByTestId('acknowledge-several');
    await all.filter({ hasText: String(FLOOD) }).waitFor();
    await screenshot(on.page, 'pair-flood');
    // By the keyboard alone: the button, the note, Enter.
    await all.press('Enter');
    const dialog = on.page.getByTestId('acknowledge-dialog');
    await dialog.filter({ hasText: `and ${String(FLOOD - 12)} more` }).waitFor({ state: 'attached' });
    await screenshot(on.page, 'pair-flood-dialog');
    await on.page.getByTestId('acknowledge-note').locator('input').fill('power cut');
    await on.page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    const waiting = async (url: string): Promise<number> => {
      const { alarms } = await on.askAt<{ alarms: readonly { name: string; state: string }[] }>(url, 'alarms?state=unacknowledged');
      return alarms.filter(({ name }) => name.startsWith('Flood.')).length;
    };
    // The journal has come in pages: 260 raised and acknowledged are more than one.
    await on.page.getByTestId('tab-journal').click();
    await on.page.getByTestId('journal-search').locator('input').fill('Flood.');
    const rows500 = on.page.locator('[role=table][aria-rowcount="501"]');
    await rows500.waitFor();
    await on.page.getByTestId('journal-more').click();
    await rows500.waitFor({ state: 'detached' });
    await on.page.locator(`[role=table][aria-rowcount="${String(2 * FLOOD + 1)}"]`).waitFor();
    await on.page.getByTestId('journal-more').waitFor({ state: 'detached' });
    await on.page.getByTestId('tab-present').click();
    for (const url of on.demo.urls) await until('nothing of the flood waits', async () => ((await waiting(url)) === 0 ? true : undefined));
    await on.ask('configuration/rollback', 'POST', { number, expected: (await on.ask<{ revision: string }>('configuration')).revision, comment: 'the flood is over' });
    await on.page.locator('[data-testid=alarm-row][data-alarm^="Flood."]').first().waitFor({ state: 'detached' });
  });

  it('overrides a point until a time, gives the command up again, takes it out of service and back: on both nodes', async () => {
    await on.page.evaluate(`location.hash = '#/points?search=AHU1.SaTSp'`);
    await on.page.locator('[data-testid=point-row][data-point="AHU1.SaTSp"]').getByTestId('point-open').press('Enter');
    const drawer = on.page.getByTestId('point-drawer');
    const dialog = on.page.getByTestId('action-dialog');
    /** Again until it is taken: the button lets nobody in before the page has seen what was typed a moment ago. */
    const confirm = async (): Promise<void> => {
      await until('the dialog is done', async () => {
        if ((await dialog.count()) > 0) await on.page.getByTestId('action-confirm').press('Enter', { timeout: 1_000 }).catch(() => undefined);
        return (await dialog.count()) === 0 ? true : undefined;
      }, 60_000, 200);
    };
    const act = async (action: string, reason: string): Promise<void> => {
      await drawer.getByTestId(action).press('Enter');
      await on.page.getByTestId('action-reason').locator('input').fill(reason);
      await confirm();
    };
    type Commands = Readonly<Record<string, { readonly by: string; readonly reason?: string; readonly until?: string }>>;
    interface Held { readonly hold?: { readonly kind: string; readonly by: string; readonly untilMs?: number; readonly reason: string } }
    const held = async (url: string, kind: string | undefined): Promise<Held['hold']> =>
      (await until(`both hold it: ${kind ?? 'nothing'}`, async () => {
        const { hold } = await on.askAt<Held>(url, 'points/AHU1.SaTSp');
        return hold?.kind === kind ? { hold } : undefined;
      })).hold;
    await drawer.getByTestId('point-override').press('Enter');
    await dialog.getByTestId('value-input').locator('input').fill('18,5');
    await on.page.getByTestId('action-reason').locator('input').fill('concert');
    await confirm();
    // An override is a command at priority 8 of the point's array, with its end.
    const slot = drawer.getByTestId('priority-slot').nth(7);
    await slot.filter({ hasText: '18.5 °C (in force)' }).filter({ hasText: 'concert' }).waitFor();
    await screenshot(on.page, 'pair-point-override');
    const commands = async (url: string): Promise<Commands> => (await on.askAt<{ commands?: Commands }>(url, 'points/AHU1.SaTSp/priority-array')).commands ?? {};
    for (const url of on.demo.urls) {
      const { by, reason, until: end = '' } = await until('both hold the command', async () => (await commands(url))['8']);
      assert.deepEqual([by.startsWith('demo@'), reason, Date.parse(end) > Date.now()], [true, 'concert', true]);
    }
    await slot.getByTestId('slot-relinquish').press('Enter');
    await confirm();
    await slot.filter({ hasNotText: 'concert' }).waitFor();
    for (const url of on.demo.urls) await until('both have given it up', async () => ((await commands(url))['8'] === undefined ? true : undefined));
    await act('point-out', 'the sensor is being replaced');
    for (const url of on.demo.urls) assert.equal((await held(url, 'out-of-service'))?.reason, 'the sensor is being replaced');
    await drawer.getByTestId('point-return').press('Enter');
    await confirm();
    for (const url of on.demo.urls) await held(url, undefined);
    await on.page.getByTestId('drawer-close').click();
  });
}
