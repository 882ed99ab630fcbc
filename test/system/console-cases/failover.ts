import assert from 'node:assert/strict';
import { screenshot, textOf } from '../../console/browser.js';
import type { ConsoleOnPair } from './console-on-pair.js';

/** A person looks at the page for this long before they look for the telephone. */
const FOLLOW_MS = 10_000;

/** A switch, and the main killed while things are half typed. */
export function failoverCases(on: ConsoleOnPair): void {
  it('switches to the backup and back', async () => {
    await on.open('redundancy');
    await on.switchTo('B', 'system test, there');
    await on.inSync(1);
    await screenshot(on.page, 'pair-switched');
    await on.becomes('node-self-state', 'Standby');
    await on.switchTo('A', 'system test, and back');
    await on.inSync(0);
  });

  it('changes the own password', async () => {
    await on.page.getByTestId('own-password').click();
    for (const [field, text] of [['old', on.demo.password], ['next', `${on.demo.password}-2`], ['again', `${on.demo.password}-2`]] as const) await on.page.getByTestId(`password-${field}`).locator('input').fill(text);
    await on.page.getByTestId('password-save').click();
    await on.page.getByTestId('password-close').click();
    // The session of this page goes on.
    await on.open('users');
    await on.page.getByTestId('user-row').first().waitFor();
  });

  it('keeps a schedule that is half changed', async () => {
    await on.page.evaluate(`location.hash = '#/schedules?schedule=Lobby.hours'`);
    const monday = on.page.locator('[data-testid=week-entry][data-day=Mon][data-time="06:00"]');
    await monday.focus();
    await monday.press('ArrowUp');
    await on.page.locator('[data-testid=week-entry][data-day=Mon][data-time="05:45"]').waitFor();
    // By the mouse, in several moves: an hour later. The week is 360 px high.
    const tuesday = on.page.locator('[data-testid=week-entry][data-day=Tue][data-time="06:00"]');
    await tuesday.scrollIntoViewIfNeeded();
    const box = await tuesday.boundingBox();
    assert.ok(box !== null);
    await on.page.mouse.move(box.x + 20, box.y + 8);
    await on.page.mouse.down();
    for (const down of [4, 8, 12, 15]) await on.page.mouse.move(box.x + 20, box.y + 8 + down);
    await on.page.mouse.up();
    await on.page.locator('[data-testid=week-entry][data-day=Tue][data-time="07:00"]').waitFor();
    await on.page.getByTestId('month-after').click();
    await on.page.locator('[data-testid=month-day][data-day$="-10"]').click();
    await on.page.locator('[data-testid=month-day][data-day$="-12"]').click();
    assert.match(await on.page.getByTestId('exception-to').inputValue(), /-12$/);
    await on.page.getByTestId('exception-add').click();
    await on.page.locator('[data-testid=month-day][data-day$="-11"][data-exceptions="1"]').waitFor();
    assert.equal(await on.page.locator('[data-testid=month-day][data-exceptions="1"]').count(), 3);
    await screenshot(on.page, 'pair-schedules');
    await on.page.getByTestId('exception-remove').last().click();
    await on.page.locator('[data-testid=month-day][data-day$="-11"][data-exceptions="0"]').waitFor();
    await on.open('logic');
    await on.page.getByTestId('logic-text').fill('return {hw: 52}');
  });

  it('follows the backup by itself when the main is killed, and says so', async () => {
    // Somebody is about to apply a program: what is open on it stays open, whichever node answers.
    await on.page.getByTestId('logic-apply').click();
    const reason = on.page.getByTestId('action-reason').locator('input');
    await reason.fill('half a sentence');
    const startMs = Date.now();
    process.kill(on.demo.mainPid, 'SIGKILL');
    await on.becomes('active-node', 'Following node B', FOLLOW_MS);
    const followedMs = Date.now() - startMs;
    // The bar of the switch before said the contrary.
    await on.becomes('control-moved', 'from node A to node B', FOLLOW_MS);
    assert.equal(await reason.inputValue(), 'half a sentence');
    await on.page.getByTestId('action-dialog').getByRole('button', { name: 'Cancel' }).click();
    await on.page.getByTestId('action-dialog').waitFor({ state: 'detached' });
    await on.open('redundancy');
    await on.becomes('node-self-state', 'Faulted');
    await screenshot(on.page, 'pair-failed-over');
    assert.ok(followedMs < FOLLOW_MS, `after ${String(followedMs)} ms`);
    // Nothing typed is lost.
    await on.open('logic');
    assert.equal(await on.page.getByTestId('logic-text').inputValue(), 'return {hw: 52}');
    await on.page.evaluate(`location.hash = '#/schedules?schedule=Lobby.hours'`);
    await on.page.locator('[data-testid=week-entry][data-day=Mon][data-time="05:45"]').waitFor();
    await on.page.getByTestId('schedule-apply').click();
    await on.page.getByTestId('action-reason').locator('input').fill('earlier');
    await on.page.getByTestId('action-confirm').click();
    await on.page.getByTestId('schedule-draft').waitFor({ state: 'detached' });
    await on.page.locator('[data-testid=week-entry][data-day=Mon][data-time="05:45"]').waitFor();
    // What was bound is on the other node, too, and live there.
    await on.page.evaluate(`location.hash = '#/graphics?name=Roof'`);
    await on.page.getByTestId('graphic').getByRole('button', { name: /^Daylight, \d/ }).waitFor();
    await on.open('points');
    await on.demo.set('plc-ahu', 'AHU1.SaT', 22.5);
    await on.page.locator('[data-testid=point-row][data-point="AHU1.SaT"]').getByTestId('point-value').filter({ hasText: '22.5' }).waitFor({ timeout: 60_000 });
  });

  it('goes back with the main, without being touched', async () => {
    await on.open('redundancy');
    await on.demo.restartedMain(60_000);
    await on.becomes('active-node', 'Following node A', 60_000);
    await on.becomes('node-self-state', 'Running');
    await on.becomes('node-peer-state', 'Standby');
    assert.match(await textOf(on.page, 'connection-state'), /^Connected/);
    await screenshot(on.page, 'pair-handed-back');
  });
}
