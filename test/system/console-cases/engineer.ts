import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { screenshot } from '../../console/browser.js';
import { json } from '../demo-pair.js';
import { until } from '../processes.js';
import type { ConsoleOnPair } from './console-on-pair.js';

/** What an engineer changes: programs, the document, tables, what was found in the field. */
export function engineerCases(on: ConsoleOnPair): void {
  it('tries a control program on recorded history, and applies it on both nodes', async () => {
    await on.open('logic');
    await on.page.getByTestId('logic-panel').filter({ hasText: 'B1.HwSTSp' }).waitFor();
    const text = on.page.getByTestId('logic-text');
    await text.fill('return {hw: NaN}');
    await on.page.getByTestId('logic-try').click();
    await on.page.getByTestId('logic-trial').filter({ hasText: 'output.hw is NaN' }).waitFor();
    await text.fill('state.n = (state.n ?? 0) + 1\nreturn {hw: 51, chw: 8}');
    await on.page.getByTestId('logic-try').click();
    await on.page.getByTestId('logic-trial').filter({ hasText: 'hw 1 change' }).waitFor();
    await screenshot(on.page, 'pair-logic');
    const apply = async (): Promise<void> => {
      await on.page.getByTestId('logic-apply').click();
      await on.page.getByTestId('action-reason').locator('input').fill('simpler');
      await on.page.getByTestId('action-confirm').click();
    };
    // Another engineer was quicker: theirs is not replaced unseen, and what is typed stays.
    const { value } = await on.ask<{ value: Record<string, unknown> }>('configuration/logic/Plant.reset');
    await on.ask('configuration/logic/Plant.reset', 'PUT', { value: { ...value, program: 'return {hw: 49, chw: 9}' }, comment: 'the other one' });
    await apply();
    await on.page.getByTestId('action-dialog').filter({ hasText: 'CONFIG_CONFLICT' }).getByRole('button', { name: 'Close' }).last().click();
    await on.page.locator('[data-testid=logic-draft][data-outdated=true]').filter({ hasText: 'return {hw: 49, chw: 9}' }).waitFor();
    assert.match(await text.inputValue(), /hw: 51/);
    await screenshot(on.page, 'pair-logic-conflict');
    await on.page.getByTestId('logic-keep').click();
    await on.page.locator('[data-testid=logic-draft][data-outdated=false]').waitFor();
    await apply();
    await on.page.getByTestId('logic-outputs').filter({ hasText: '51.0' }).waitFor();
    await on.page.getByTestId('logic-draft').waitFor({ state: 'detached' });
    await on.open('configuration');
    await on.page.getByTestId('tab-history').click();
    await on.page.locator('[data-testid=configuration-revision][data-number="6"]').filter({ hasText: 'simpler' }).waitFor();
    await on.page.locator('[data-testid=configuration-revision][data-number="4"]').getByTestId('configuration-compare-with').click();
    await on.page.getByTestId('configuration-differences').filter({ hasText: 'logic Plant.reset' }).waitFor();
    await screenshot(on.page, 'pair-configuration');
  });

  it('shows why a program is stopped, and runs it again, as the audit tells', async () => {
    const { value } = await on.ask<{ value: Record<string, unknown> }>('configuration/logic/Plant.reset');
    await on.ask('configuration/logic/Plant.reset', 'PUT', { value: { ...value, program: "throw new Error('the valve is gone')" }, comment: 'stops at its first step' });
    await on.open('logic');
    await on.page.getByTestId('logic-panel').filter({ hasText: 'the valve is gone' }).waitFor();
    const since = async (): Promise<string | undefined> => (await on.ask<{ fault?: { since: string } }>('logic/Plant.reset')).fault?.since;
    const first = await since();
    await on.page.getByTestId('logic-restart').click();
    await on.page.getByTestId('action-confirm').click();
    await on.page.getByTestId('action-dialog').waitFor({ state: 'detached' });
    await until('it ran, and stopped anew', async () => ((await since()) !== first ? true : undefined));
    const { entries } = await on.ask<{ entries: readonly { who: string; target: string; outcome: string }[] }>('audit?action=logic-restart');
    assert.deepEqual(entries.map(({ who, target, outcome }) => [who, target, outcome]), [['demo', 'Plant.reset', 'done']]);
    await on.ask('configuration/logic/Plant.reset', 'PUT', { value, comment: 'as before' });
    await on.page.getByTestId('logic-restart').waitFor({ state: 'detached' });
  });

  it('names what is wrong with a configuration before it is applied', async () => {
    await on.open('configuration');
    await on.page.getByTestId('tab-document').click();
    const text = on.page.getByTestId('configuration-text');
    await text.fill((await text.inputValue()).replace('point: B1.HwSTSp', 'point: B1.HwSTspp'));
    await on.page.getByTestId('configuration-check').click();
    await on.page.getByTestId('configuration-problems').filter({ hasText: 'did you mean `B1.HwSTSp`' }).waitFor();
    await on.page.getByTestId('configuration-discard').click();
    await on.page.getByTestId('configuration-draft').waitFor({ state: 'detached' });
  });

  it('takes alarms from a spreadsheet: what differs is shown cell by cell before it is applied, a bad cell is named', async () => {
    await on.open('configuration');
    await on.page.getByTestId('tab-sheet').click();
    const table = (low: string): { name: string; mimeType: string; buffer: Buffer } => ({ name: 'alarms.csv', mimeType: 'text/csv', buffer: Buffer.from(`\uFEFFname;point;low;priority\r\nSheet.low;B1.HwST;${low};2\r\n`) });
    await on.page.getByTestId('sheet-file').setInputFiles(table('cold'));
    await on.page.getByTestId('configuration-problems').filter({ hasText: 'must be a number (found "cold")' }).filter({ hasText: 'C2 low' }).waitFor();
    await on.page.getByTestId('sheet-file').setInputFiles(table('3,5'));
    await on.page.locator('[data-testid=sheet-change][data-name="Sheet.low"]').filter({ hasText: 'low 3,5' }).waitFor();
    await screenshot(on.page, 'pair-spreadsheet');
    // What has no row would go, where that is asked for: it is shown before, and taken back.
    await on.page.getByTestId('sheet-delete-missing').check();
    await on.page.locator('[data-testid=sheet-change][data-name="AHU1.Smoke"]').filter({ hasText: 'removed' }).waitFor();
    await on.page.locator('[data-testid=sheet-delete-missing]:not([disabled])').uncheck();
    await on.page.locator('[data-testid=sheet-change][data-name="AHU1.Smoke"]').waitFor({ state: 'detached' });
    await on.page.locator('[data-testid=sheet-delete-missing]:not([disabled])').waitFor();
    await on.page.getByTestId('sheet-apply').click();
    await on.page.getByTestId('action-reason').locator('input').fill('from the planner');
    await on.page.getByTestId('action-confirm').click();
    await on.page.getByTestId('sheet-differences').waitFor({ state: 'detached' });
    await on.page.getByTestId('sheet-dialect').click();
    await on.page.getByRole('option', { name: /comma.*point/i }).click();
    const [saved] = await Promise.all([on.page.waitForEvent('download'), on.page.locator('[data-testid=sheet-save]:not([disabled])').click()]);
    assert.match(readFileSync(await saved.path(), 'utf8'), /^\uFEFFname,[^]*\nSheet\.low,[^\n]*,3\.5,/);
    await on.page.getByTestId('tab-document').click();
    await until('the document has it', async () => ((await on.page.getByTestId('configuration-text').inputValue()).includes('Sheet.low: {point: B1.HwST, low: 3.5, priority: 2}') ? true : undefined));
  });

  it('takes the devices of an EDE file into the configuration, those that are chosen', async () => {
    await on.open('configuration');
    await on.page.getByTestId('tab-discovery').click();
    const row = (device: string, type: number, name: string): string => `${device}.${name};${device};${name};${String(type)};1;;;;;N;;;;;62;`;
    const columns = '# keyname;device obj.-instance;object-name;object-type;object-instance;description;present-value-default;min-present-value;max-present-value;settable;supports COV;hi-limit;low-limit;state-text-reference;unit-code;vendor-specific-address';
    const ede = [columns, row('7001', 0, 'Roof'), row('7002', 0, 'Cellar')].join('\r\n');
    await on.page.getByTestId('discovery-files').setInputFiles({ name: 'Tower_EDE.csv', mimeType: 'text/csv', buffer: Buffer.from(ede) });
    await on.page.locator('[data-testid=found-device][data-device="7002"]').getByRole('checkbox').uncheck();
    await screenshot(on.page, 'pair-discovery');
    await on.page.getByTestId('discovery-add').click();
    await on.becomes('outcome', '1 device added');
    await on.page.getByTestId('tab-document').click();
    const text = await on.page.getByTestId('configuration-text').inputValue();
    assert.match(text, /device-7001: \{driver: bacnet, line: \S+, instance: 7001\}/);
    assert.doesNotMatch(text, /7002/);
    await on.page.getByTestId('configuration-check').click();
    await on.becomes('outcome', 'No errors');
    await on.page.getByTestId('configuration-discard').click();
    await on.page.getByTestId('configuration-draft').waitFor({ state: 'detached' });
  });

  it('looks for Modbus units, and takes a register map of one into the configuration', async () => {
    const { value } = await json<{ value: Record<string, { driver: string; host?: string; port?: number; unit?: number }> }>(`${on.demo.urls[0]}/api/v1/configuration/devices`);
    const { host = '', port = 0, unit = 1 } = Object.values(value).find(({ driver }) => driver === 'modbus-tcp') ?? {};
    await on.open('configuration');
    await on.page.getByTestId('tab-discovery').click();
    await on.page.getByTestId('discovery-protocol').click();
    await on.page.getByRole('option', { name: 'Modbus TCP' }).click();
    const look = async (at: number, units: string): Promise<void> => {
      for (const [field, text] of [['host', host], ['port', String(at)], ['units', units]] as const) await on.page.getByTestId(`discovery-${field}`).locator('input').fill(text);
      await on.page.locator('[data-testid=discovery-start]:not([disabled])').click();
    };
    // Where nobody answers it takes long: how far it has come of how many, and an end to it.
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => void silent.listen(0, host, resolve));
    await look((silent.address() as AddressInfo).port, '1-200');
    const progress = on.page.locator('[data-testid=discovery-progress][data-total="200"]:not([data-done="0"])');
    await progress.waitFor();
    // It goes on without the page, and is found again: as what the node is at, and with what it has found.
    await on.page.reload();
    await on.page.locator('[data-testid=activity-discovery][data-total="200"]').waitFor();
    await on.page.getByTestId('tab-discovery').click();
    await progress.waitFor();
    await on.page.getByTestId('discovery-stop').click();
    await on.becomes('outcome', 'Stopped; 0 devices');
    await on.page.getByTestId('activity-discovery').waitFor({ state: 'detached' });
    for (const socket of sockets) socket.destroy();
    silent.close();
    await look(port, '1-3');
    // What the site has already says so, and is not taken unless somebody wants it twice.
    const twice = on.page.locator(`[data-testid=found-device][data-device="${String(unit)}"]`).filter({ hasText: 'The site has it already' });
    await twice.waitFor();
    assert.equal(await twice.getByRole('checkbox').isChecked(), false);
    await on.page.getByTestId('discovery-preview').filter({ hasText: 'driver: modbus-tcp' }).waitFor();
    const upload = async (text: string): Promise<void> => on.page.getByTestId('map-file').setInputFiles({ name: 'meter.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    await on.page.getByTestId('map-name').locator('input').fill('meter');
    await upload('name;address;type\nU1;hr:900;float99\n');
    await on.becomes('outcome', 'meter.csv: line 2: type: nobody knows what float99 is');
    // The browser's own word of the refusal.
    assert.match(on.browser.complaints.splice(0).join(), /^[^,]* 400 [^,]*discovery\/import$/);
    await upload('name;address;type;unit\nU1;hr:900;float32;V\nU2;hr:902;float32;V\n');
    await on.page.getByTestId('discovery-preview').filter({ hasText: 'meter.U2' }).waitFor();
    await screenshot(on.page, 'pair-discovery-modbus');
    await on.page.getByTestId('discovery-add').filter({ hasText: 'Add 2 points of meter' }).click();
    await on.becomes('outcome', '2 points of meter added');
    await on.page.getByTestId('tab-document').click();
    assert.match(await on.page.getByTestId('configuration-text').inputValue(), new RegExp(`meter: \\{driver: modbus-tcp, host: ${host}, port: ${String(port)}, unit: 1\\}`));
    await on.page.getByTestId('configuration-check').click();
    await on.becomes('outcome', 'No errors');
    await on.page.getByTestId('configuration-discard').click();
    await on.page.getByTestId('configuration-draft').waitFor({ state: 'detached' });
  });
}
