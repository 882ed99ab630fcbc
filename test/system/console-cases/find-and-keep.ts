import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { until } from '../processes.js';
import type { ConsoleOnPair } from './console-on-pair.js';

/** What is found by filters, saved as files, brought back from before, and ended for others. */
export function findCases(on: ConsoleOnPair): void {
  const choose = async (testId: string, option: string): Promise<void> => {
    await on.page.getByTestId(testId).click();
    await on.page.getByRole('option', { name: option, exact: true }).click();
  };
  /** Text of the file that a click saves. */
  const saved = async (testId: string): Promise<string> => {
    const [file] = await Promise.all([on.page.waitForEvent('download'), on.page.getByTestId(testId).first().click()]);
    return readFileSync(await file.path(), 'utf8');
  };
  const confirm = async (reason?: string): Promise<void> => {
    if (reason !== undefined) await on.page.getByTestId('action-reason').locator('input').fill(reason);
    await on.page.getByTestId('action-confirm').click();
  };

  it('finds points by device, quality and area and those that can be written, alarms by state and class', async () => {
    const { points } = await on.ask<{ points: { name: string; device: string; area?: string; writable: boolean }[] }>('points');
    const shown = async (): Promise<string[]> => (await on.page.getByTestId('point-row').evaluateAll((rows) => rows.map((row) => (row as unknown as { dataset: { point: string } }).dataset.point))).sort();
    /** The rows that are seen are some of these and no others. */
    const onlyThese = async (what: string, wanted: (point: (typeof points)[number]) => boolean): Promise<void> => {
      const names = new Set(points.filter(wanted).map(({ name }) => name));
      assert.ok(names.size > 0 && names.size < points.length, what);
      await until(what, async () => ((await shown()).length > 0 && (await shown()).every((name) => names.has(name)) ? true : undefined));
    };
    await on.page.evaluate(`location.hash = '#/points?search='`);
    await on.page.getByTestId('point-row').first().waitFor();
    await choose('device-filter', 'vav-101');
    await onlyThese('of one device', ({ device }) => device === 'vav-101');
    await on.page.getByTestId('writable-filter').check();
    await onlyThese('of it, those that can be written', ({ device, writable }) => device === 'vav-101' && writable);
    await choose('quality-filter', 'Not good');
    await on.page.getByTestId('point-row').first().waitFor({ state: 'detached' });
    await choose('quality-filter', 'Good only');
    await on.page.getByTestId('point-row').first().waitFor();
    await on.page.getByTestId('writable-filter').uncheck();
    await choose('device-filter', 'Any device');
    await choose('area-filter', 'Tower/Roof');
    await onlyThese('of an area', ({ area }) => area?.startsWith('Tower/Roof') === true);

    await on.open('alarms');
    const smoke = on.page.locator('[data-testid=alarm-row][data-alarm="AHU1.Smoke"]');
    await smoke.waitFor();
    await choose('alarm-filter', 'Shelved, suppressed, out of service');
    await smoke.waitFor({ state: 'detached' });
    await choose('alarm-filter', 'All');
    await on.page.getByTestId('alarm-search').locator('input').fill('no alarm is called so');
    await smoke.waitFor({ state: 'detached' });
    await on.page.getByTestId('alarm-search').locator('input').fill('smoke');
    await smoke.waitFor();
    assert.match(await on.page.title(), /^(\(\d+\) )?Tandem demo-tower$/);
    await on.open('overview');
    for (const [figure, text] of [['role', /Active node\s*A/], ['standby', /In sync/], ['point', /Outdoor air\s*-?\d+\.\d °C/], ['devices', /0\s*of \d devices/], ['not-good', /of \d+/], ['alarms', /critical/i]] as const) {
      await on.page.getByTestId(`kpi-${figure}`).filter({ hasText: text }).first().waitFor();
    }
    // Sound is a matter of this browser, also after a reload.
    await on.page.getByTestId('sound-switch').click();
    await on.page.reload();
    await on.page.getByRole('button', { name: 'Sound is off' }).click();
    await on.page.getByRole('button', { name: 'Sound is on' }).waitFor();
  });

  it('saves history, journal, audit, the document, tables and exchange files, with the credential of who is signed in and not by a link', async () => {
    await on.page.evaluate(`location.hash = '#/trends?points=AHU1.SaT,Main.kW'`);
    await on.page.locator('[data-testid=trend-chart][data-lines="2"]').waitFor();
    const asked = on.page.waitForRequest(/history\.csv/);
    const trends = await saved('trend-csv');
    assert.match(trends, /^\uFEFFpoint,time,value,unit,quality\r?\nAHU1\.SaT,/);
    assert.match(trends, /\nMain\.kW,/);
    assert.match((await asked).headers().authorization ?? '', /^Bearer ./);
    await on.page.evaluate(`location.hash = '#/points?search=AHU1.SaT'`);
    await on.page.locator('[data-testid=point-row][data-point="AHU1.SaT"]').getByTestId('point-open').click();
    assert.match(await saved('history-csv'), /\nAHU1\.SaT,/);
    // What had the keyboard was busy for a moment: Escape closes the details all the same.
    await on.page.keyboard.press('Escape');
    await on.page.getByTestId('point-drawer').waitFor({ state: 'detached' });
    await on.open('alarms');
    await on.page.getByTestId('tab-journal').click();
    await on.page.getByTestId('journal-row').first().waitFor();
    assert.match(await saved('journal-csv'), /AHU1\.Smoke/);
    await choose('journal-event', 'Shelved');
    await until('shelvings only', async () => ((await on.page.getByTestId('journal-row').allInnerTexts()).every((text) => text.includes('Shelved')) ? true : undefined));
    await on.open('audit');
    await on.page.getByTestId('audit-search').locator('input').fill('until the hood works');
    await until('one entry', async () => ((await on.page.getByTestId('audit-row').count()) === 1 ? true : undefined));
    assert.match(await saved('audit-csv'), /alarm-shelve/);
    await on.open('configuration');
    await on.page.getByTestId('configuration-text').waitFor();
    assert.equal(await saved('configuration-export'), await on.page.getByTestId('configuration-text').inputValue());
    await on.page.getByTestId('tab-sheet').click();
    assert.match(await saved('sheet-save'), /^\uFEFFname[;,]template[;,]device/);
    await on.page.getByTestId('tab-discovery').click();
    assert.match(await saved('discovery-save-site'), /Proposal_Engineering-Data-Exchange/);
  });

  it('looks for BACnet devices, and knows those that the site has', async () => {
    await on.open('configuration');
    await on.page.getByTestId('tab-discovery').click();
    await on.page.locator('[data-testid=discovery-start]:not([disabled])').click();
    for (const instance of ['1200', '2001', '2002']) await on.page.locator(`[data-testid=found-device][data-device="${instance}"]`).filter({ hasText: 'The site has it already' }).waitFor();
    await on.page.locator('[data-testid=discovery-start]:not([disabled])').waitFor();
  });

  it('applies a change of the document with a comment, and rolls it back', async () => {
    await on.open('configuration');
    await on.page.getByTestId('tab-document').click();
    const text = on.page.getByTestId('configuration-text');
    await text.waitFor();
    const before = await text.inputValue();
    const { number } = await on.ask<{ number: number }>('configuration');
    await text.fill(before.replace('title: Outdoor air', 'title: Air outside'));
    assert.notEqual(await text.inputValue(), before);
    await on.page.getByTestId('configuration-compare').click();
    await on.page.getByTestId('configuration-differences').filter({ hasText: 'Air outside' }).waitFor();
    await on.page.getByTestId('configuration-apply').click();
    await confirm('another name');
    await on.page.getByTestId('configuration-draft').waitFor({ state: 'detached' });
    await on.page.getByTestId('tab-history').click();
    const row = (of: number): ReturnType<typeof on.page.locator> => on.page.locator(`[data-testid=configuration-revision][data-number="${String(of)}"]`);
    await row(number + 1).filter({ hasText: 'another name' }).waitFor();
    await row(number).getByTestId('configuration-roll-back').click();
    await confirm('the old one');
    await row(number + 2).filter({ hasText: 'the old one' }).waitFor();
    await on.page.getByTestId('tab-document').click();
    await until('the document of before', async () => ((await text.inputValue()) === before ? true : undefined));
  });

  it('puts an entry into a week by typing, and takes it out; ends the session of somebody else', async () => {
    await on.page.evaluate(`location.hash = '#/schedules?schedule=Lobby.hours'`);
    await on.page.getByTestId('week-entry').first().waitFor();
    await on.page.getByTestId('entry-days').selectOption('Sat,Sun');
    await on.page.getByTestId('entry-time').fill('09:30');
    await on.page.getByTestId('entry-put').click();
    for (const day of ['Sat', 'Sun']) await on.page.locator(`[data-testid=week-entry][data-day=${day}][data-time="09:30"]`).waitFor();
    await on.page.locator('[data-testid=week-entry][data-day=Sat][data-time="09:30"]').click();
    await on.page.getByTestId('entry-remove').click();
    await on.page.locator('[data-testid=week-entry][data-day=Sat][data-time="09:30"]').waitFor({ state: 'detached' });
    // An exception with a priority of its own, on some days; the same twice is two.
    const exceptions = on.page.getByTestId('exceptions').locator('li');
    const before = await exceptions.count();
    for (const [field, text] of [['from', '2026-12-24'], ['to', '2026-12-26'], ['value', 'stop'], ['priority', '5']] as const) await on.page.getByTestId(`exception-${field}`).fill(text);
    await on.page.getByTestId('exception-add').click();
    await exceptions.filter({ hasText: /2026-12-24 – 2026-12-26.*stop.*priority 5/ }).waitFor();
    assert.equal(await exceptions.count(), before + 1);
    await on.page.getByTestId('exception-from').fill('2026-12-31');
    await on.page.getByTestId('exception-priority').fill('17');
    await on.page.getByTestId('exception-add').click();
    assert.equal(await exceptions.count(), before + 1, 'no priority is 17');
    await on.page.getByTestId('schedule-discard').click();
    await on.page.getByTestId('schedule-draft').waitFor({ state: 'detached' });

    const eve = { name: 'eve', password: 'a long enough one' };
    await on.ask('users', 'POST', { ...eve, role: 'viewer' });
    const { key } = await on.ask<{ key: string }>('session', 'POST', { user: eve.name, password: eve.password });
    const asThem = async (): Promise<number> => (await fetch(`${on.demo.urls[1]}/api/v1/points`, { headers: { authorization: `Bearer ${key}` } })).status;
    await until('it is good at the other node', async () => ((await asThem()) === 200 ? true : undefined));
    await on.open('users');
    await on.page.getByTestId('tab-sessions').click();
    await on.page.getByTestId('session-row').filter({ hasText: 'eve' }).getByTestId('session-end').click();
    await confirm();
    await until('it is good nowhere', async () => ((await asThem()) === 401 ? true : undefined));

    // Who may not sign in any more is signed out, too, and the role stays for when they may again.
    const { key: again } = await on.ask<{ key: string }>('session', 'POST', { user: eve.name, password: eve.password });
    await on.page.getByTestId('tab-users').click();
    const row = on.page.getByTestId('user-row').filter({ hasText: 'eve' });
    await row.getByTestId('user-edit').click();
    await on.page.getByTestId('user-disabled').click();
    await on.page.getByTestId('user-save').click();
    await row.filter({ hasText: 'May not sign in' }).waitFor();
    const signIn = async (): Promise<number> => (await fetch(`${on.demo.urls[0]}/api/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ user: eve.name, password: eve.password }) })).status;
    assert.equal(await signIn(), 401);
    assert.equal((await fetch(`${on.demo.urls[0]}/api/v1/points`, { headers: { authorization: `Bearer ${again}` } })).status, 401);
    await row.getByTestId('user-edit').click();
    await on.page.getByTestId('user-disabled').click();
    await on.page.getByTestId('user-save').click();
    await row.filter({ hasText: 'Viewer' }).filter({ hasText: 'May sign in' }).waitFor();
    assert.equal(await signIn(), 200);
  });
}
