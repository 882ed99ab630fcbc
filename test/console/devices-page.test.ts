import assert from 'node:assert/strict';
import { screenshot, screenshotBoth } from './browser.js';
import { consoleOnFake } from './console-on-fake.js';

describe('console: devices', function () {
  this.timeout(60_000);
  const on = consoleOnFake();

  it('shows the counters of a device in words', async () => {
    await on.open('devices');
    const device = on.page.locator('[data-testid=device-row][data-device="meter-2"]');
    await device.filter({ hasText: 'Timeouts 97' }).waitFor();
    assert.match(await device.innerText(), /no answer from unit 6/);
    await device.getByTestId('device-open').click();
    await on.page.getByTestId('device-drawer').filter({ hasText: 'Frames skipped' }).waitFor();
    assert.equal(await on.page.getByTestId('cycle-normal').textContent(), 'comes every 3.0 s; takes 2.4 s, at most 2.6 s; 7 polls too long, 14 periods missed');
    await screenshot(on.page, 'device-drawer');
    assert.deepEqual(on.browser.complaints, []);
  });

  it('asks a device what it is, once signed in, and only through the active node', async () => {
    const drawer = await on.openDevice('meter-1');
    await drawer.getByTestId('identification-ask').click();
    await on.giveToken();
    await drawer.getByTestId('identification-ask').click();
    await drawer.getByTestId('identification').filter({ hasText: 'EM-340' }).waitFor();
    assert.match(await drawer.innerText(), /vendor name\s+Example Meters/);
    await screenshotBoth(on.page, 'device-identification');
    await on.page.getByTestId('drawer-close').click();
    const weather = await on.openDevice('weather');
    await weather.getByTestId('identification-ask').click();
    await weather.getByTestId('outcome').filter({ hasText: 'DEVICE_NO_IDENTIFICATION' }).waitFor();
    await on.pair.kill('A', false);
    await weather.filter({ hasText: 'Only the active node asks devices.' }).waitFor();
    assert.ok(await weather.getByTestId('identification-ask').evaluate((button) => (button as unknown as { disabled: boolean }).disabled));
  });
});
