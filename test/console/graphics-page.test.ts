import assert from 'node:assert/strict';
import { until } from '../system/processes.js';
import { screenshot } from './browser.js';
import { consoleOnFake, phone } from './console-on-fake.js';

describe('console: graphics', function () {
  this.timeout(60_000);
  const on = consoleOnFake();

  it('draws nothing of a hostile drawing that a node has let through, and what is harmless of it', async () => {
    on.pair.plant.graphics.push({
      name: 'Evil', title: 'Evil', colours: 'theme',
      svg: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 50" onload="window.ran=1"><script>window.ran=1</script><style>body{display:none}</style><foreignObject><img xmlns="http://www.w3.org/1999/xhtml" src="x" onerror="window.ran=1"/></foreignObject>
<a href="javascript:window.ran=1"><text id="link" x="1" y="9">a</text></a><image href="https://evil.example/beacon.png" width="9" height="9"></image><use href="https://evil.example/x.svg#a"></use><rect id="box" x="50" width="40" height="20" fill="url(https://evil.example/#p)" onclick="window.ran=1"></rect><animate href="#box" attributeName="href" to="javascript:window.ran=1"></animate><text id="t" x="5" y="40" font-size="9">0</text><clipPath id="clip"><rect width="9" height="9"></rect></clipPath><text id="bad" x="60" y="40" font-size="9">0</text></svg>`,
      elements: { t: { point: 'AHU1.SaTSp', text: true }, box: { point: 'AHU1.FanSts', fill: [{ is: 'run', colour: 'on' }] }, bad: { point: 'Chiller.kW', label: 'Chiller', text: true } },
    });
    await on.page.evaluate(`location.hash = '#/graphics?name=Evil&element=box'`);
    const graphic = on.page.getByTestId('graphic');
    await graphic.getByRole('button', { name: /^AHU1\.SaTSp, 21\.0 °C/ }).waitFor();
    on.pair.publish([on.pair.plant.set('AHU1.SaTSp', 17.5)], []);
    const value = graphic.getByRole('button', { name: 'AHU1.SaTSp, 17.5 °C, opens details' });
    await value.filter({ hasText: '17.5 °C' }).waitFor();
    // Bad in words, by a shape and dimmed; the alarm of its point stands before it.
    await graphic.getByRole('button', { name: /^Chiller, .*no communication/ }).waitFor();
    await on.page.locator('[data-testid=graphic-mark][data-element=bad]').waitFor();
    await on.page.getByTestId('graphic-frame').waitFor();
    assert.equal(await on.page.evaluate('window.ran'), undefined);
    assert.equal(await graphic.locator('script, style, foreignObject, a, animate, image, use, [onclick], [onload], img').count(), 0);
    assert.equal(await graphic.locator('clipPath[id="drawn-clip"]').count(), 1);
    await screenshot(on.page, 'graphic-hostile');
    await value.focus();
    await on.page.keyboard.press('Enter');
    await on.page.getByTestId('point-drawer').filter({ hasText: 'AHU1.SaTSp' }).waitFor();
    assert.equal(await graphic.locator('[fill*=evil], [href*=evil]').count(), 0);
    // What the browser says of it is that its policy holds, too.
    assert.deepEqual(on.browser.complaints.filter((complaint) => !complaint.includes('Content Security Policy')), []);
    on.browser.complaints.length = 0;
  });

  it('enlarges a drawing around the pointer, by keys, buttons and two fingers; a drag moves it and opens nothing', async () => {
    on.pair.plant.graphics.push({
      name: 'Large', title: 'Large', colours: 'theme',
      svg: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 500"><rect width="1000" height="500" fill="#eeeeee"></rect><text id="t" x="700" y="300" font-size="24">0</text></svg>',
      elements: { t: { point: 'AHU1.SaTSp', text: true } },
    });
    await on.page.evaluate(`location.hash = '#/graphics?name=Large'`);
    await on.page.locator('[data-testid=graphic][data-graphic=Large] [role=button]').waitFor();
    const pane = on.page.getByTestId('zoom-pane');
    const at = async (): Promise<{ readonly width: number; readonly left: number; readonly top: number }> => on.page.evaluate(`(() => { const { scrollWidth, scrollLeft, scrollTop } = document.querySelector('[data-testid=zoom-pane]'); return { width: scrollWidth, left: scrollLeft, top: scrollTop }; })()`);
    const percent = async (text: string): Promise<void> => on.page.getByTestId('zoom-percent').filter({ hasText: text }).waitFor();
    const whole = (await at()).width;
    const box = await pane.boundingBox();
    assert.ok(box !== null);
    const element = on.page.locator('[data-testid=graphic] [data-opens]');
    const middle = async (): Promise<{ readonly x: number; readonly y: number }> => {
      const { x, y, width, height } = (await element.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
      return { x: x + width / 2, y: y + height / 2 };
    };
    const before = await middle();
    await on.page.mouse.move(before.x, before.y);
    await on.page.keyboard.down('Control');
    await on.page.mouse.wheel(0, -200);
    await on.page.keyboard.up('Control');
    await percent('182 %');
    const after = await middle();
    assert.ok(Math.hypot(after.x - before.x, after.y - before.y) < 12, `what is pointed at stays there: ${JSON.stringify([before, after])}`);
    assert.ok((await at()).width > whole * 1.7);
    // Dragged from an element: moved, and nothing opens.
    await on.page.mouse.down();
    await on.page.mouse.move(after.x - 30, after.y - 20);
    await on.page.mouse.move(after.x - 60, after.y - 40);
    await on.page.mouse.up();
    const moved = await middle();
    assert.ok(Math.abs(moved.x - after.x + 60) < 12, JSON.stringify([after, moved]));
    assert.equal(await on.page.getByTestId('point-drawer').count(), 0);
    await pane.focus();
    await on.page.keyboard.press('0');
    await percent('100 %');
    assert.equal((await at()).width, whole);
    await on.page.keyboard.press('+');
    await percent('125 %');
    await on.page.getByTestId('zoom-closer').click();
    await on.page.getByTestId('zoom-away').click();
    await percent('125 %');
    const { left } = await at();
    await on.page.keyboard.press('Tab');
    await pane.focus();
    await on.page.keyboard.press('ArrowRight');
    await until('the drawing has moved', async () => ((await at()).left > left ? true : undefined));
    await on.page.getByTestId('zoom-fit').click();
    await percent('100 %');
    const fingers = await on.page.context().newCDPSession(on.page);
    const touch = async (type: 'touchStart' | 'touchMove' | 'touchEnd', apart: number): Promise<void> => {
      const touchPoints = type === 'touchEnd' ? [] : [-1, 1].map((side, id) => ({ x: box.x + box.width / 2 + (side * apart) / 2, y: box.y + 100, id }));
      await fingers.send('Input.dispatchTouchEvent', { type, touchPoints });
    };
    await touch('touchStart', 100);
    for (const apart of [140, 200]) await touch('touchMove', apart);
    await touch('touchEnd', 0);
    await percent('200 %');
    await screenshot(on.page, 'graphic-enlarged');
    await fingers.detach();
  });

  it('draws a page of a drawing of many while its parameters are typed, with the values that they lead to', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 80"><text id="name" x="10" y="30">Fan {room}</text><text id="value" x="10" y="60">0</text></svg>';
    const written = { svg, elements: { value: { point: '{room}.ZnT', text: true } } };
    await on.page.route(/\/api\/v1\/graphics$/, async (route) => route.fulfill({ json: { graphics: [{ name: 'P1', title: 'P1', drawing: 'Fan', version: 'v1', points: [] }] } }));
    await on.page.route(/\/api\/v1\/graphics\/P1$/, async (route) => route.fulfill({ json: { name: 'P1', title: 'P1', svg, elements: {}, colours: 'theme' } }));
    await on.page.route(/\/api\/v1\/graphics\/Fan\/check$/, async (route) => route.fulfill({ json: { ok: true, problems: [], drawing: { svg, elements: [{ id: 'name', kind: 'text' }, { id: 'value', kind: 'text' }] } } }));
    await on.page.route(/\/api\/v1\/configuration\/drawings\/Fan$/, async (route) => route.fulfill({ json: { revision: 'r', value: written } }));
    await on.page.route(/\/api\/v1\/configuration\/graphics\/P1$/, async (route) => route.fulfill({ json: { revision: 'r', value: { drawing: 'Fan', parameters: { room: 'R101' } } } }));
    await on.page.evaluate(`location.hash = '#/graphics?name=P1&edit=1'`);
    const drawn = on.page.getByTestId('graphic-editor').getByTestId('graphic');
    await drawn.filter({ hasText: /Fan R101.*\d\d\.\d °C/s }).waitFor();
    await on.page.getByTestId('graphic-parameter-room').fill('R999');
    await drawn.filter({ hasText: 'Fan R999' }).waitFor();
    await drawn.getByTestId('graphic-mark').filter({ hasText: 'no point' }).waitFor();
    await on.page.getByTestId('graphic-parameter-room').fill('R102');
    await drawn.filter({ hasText: /Fan R102.*\d\d\.\d °C/s }).waitFor();
    await screenshot(on.page, 'graphic-parameters');
    await on.page.setViewportSize(phone);
    assert.ok((await on.page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')) <= 0);
    await screenshot(on.page, 'graphic-parameters-phone');
  });
});
