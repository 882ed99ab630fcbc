import assert from 'node:assert/strict';
import { screenshot, textOf } from '../../console/browser.js';
import { until } from '../processes.js';
import type { ConsoleOnPair } from './console-on-pair.js';
import { halfTyped } from './half-typed.js';

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
    // Somebody else applies another version meanwhile: that is said, and goes on being so until it is decided which one counts.
    const { value } = await on.ask<{ value: Record<string, unknown> }>('configuration/schedules/Lobby.hours');
    await on.ask('configuration/schedules/Lobby.hours', 'PUT', { value: { ...value, description: 'Opening hours' }, comment: 'the other one' });
    await on.page.locator('[data-testid=schedule-draft][data-outdated=true]').waitFor();
    await screenshot(on.page, 'pair-schedules');
    await on.page.getByTestId('schedule-keep').click();
    await on.page.locator('[data-testid=schedule-draft][data-outdated=false]').waitFor();
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
    // Beside it, in a window of its own, somebody watches three trends and draws over a stretch of them.
    const trend = await on.browser.page(`${on.demo.urls[0]}/#/trends?points=AHU1.SaT,Main.kW,R101.ZnT`);
    const chart = trend.locator('[data-testid=trend-chart][data-lines="3"]');
    await chart.waitFor();
    const known = await until('all three have values', async () => (Number(await chart.getAttribute('data-until')) > 0 ? Number(await chart.getAttribute('data-known')) : undefined), 30_000);
    const plot = await chart.locator('.u-over').boundingBox();
    assert.ok(plot !== null);
    await trend.mouse.move(plot.x + plot.width * 0.9, plot.y + 50);
    await trend.mouse.down();
    await trend.mouse.move(plot.x + plot.width * 0.95, plot.y + 60);
    const untouched = await halfTyped(on);
    const startMs = Date.now();
    process.kill(on.demo.mainPid, 'SIGKILL');
    await on.becomes('active-node', 'Following node B', FOLLOW_MS);
    const followedMs = Date.now() - startMs;
    await untouched('B');
    // The bar of the switch before said the contrary.
    await on.becomes('control-moved', 'from node A to node B', FOLLOW_MS);
    assert.equal(await reason.inputValue(), 'half a sentence');
    await on.page.getByTestId('action-dialog').getByRole('button', { name: 'Cancel' }).click();
    await on.page.getByTestId('action-dialog').waitFor({ state: 'detached' });
    await on.open('redundancy');
    await on.becomes('node-self-state', 'Faulted');
    await screenshot(on.page, 'pair-failed-over');
    // The stretch that is being drawn is still there when the mouse is let go, and is shown; the lines never went.
    await trend.getByTestId('active-node').filter({ hasText: 'Following node B' }).waitFor();
    assert.equal(await chart.count(), 1);
    await trend.mouse.move(plot.x + plot.width - 2, plot.y + 60);
    await trend.mouse.up();
    await trend.waitForURL(/points=AHU1\.SaT%2CMain\.kW%2CR101\.ZnT&from=/);
    await chart.waitFor();
    await screenshot(trend, 'pair-trends-failed-over');
    await trend.getByTestId('trend-live').click();
    await until('the lines go on', async () => (Number(await chart.getAttribute('data-until').catch(() => 0)) > startMs + 2_000 ? true : undefined), 60_000);
    assert.ok(Number(await chart.getAttribute('data-known')) >= known, 'what was recorded before is there');
    await trend.close();
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
    // Mine is the week, theirs the description: nothing of either is lost.
    await on.page.getByTestId('schedule-panel').filter({ hasText: 'Opening hours' }).waitFor();
    // What was bound is on the other node, too, and live there.
    await on.page.evaluate(`location.hash = '#/graphics?name=Roof'`);
    await on.page.getByTestId('graphic').getByRole('button', { name: /^Daylight, E \d/ }).waitFor();
    await on.open('points');
    await on.demo.set('plc-ahu', 'AHU1.SaT', 22.5);
    await on.page.locator('[data-testid=point-row][data-point="AHU1.SaT"]').getByTestId('point-value').filter({ hasText: '22.5' }).waitFor({ timeout: 60_000 });
    // A node that is frozen for seconds by a busy machine refuses until it is active again; the page waits for it, and the browser says a word of its own.
    on.browser.complaints.splice(0, on.browser.complaints.length, ...on.browser.complaints.filter((complaint) => !complaint.includes('status of 503')));
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
