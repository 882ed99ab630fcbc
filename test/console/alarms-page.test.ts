import assert from 'node:assert/strict';
import { until } from '../system/processes.js';
import { screenshot } from './browser.js';
import { consoleOnFake } from './console-on-fake.js';

/** What the loudspeaker is asked for: hertz, and when, after somebody has touched the page. */
const tones = `
  window.tones = [];
  const make = AudioContext.prototype.createOscillator;
  AudioContext.prototype.createOscillator = function () {
    const tone = make.call(this);
    const start = tone.start;
    tone.start = function (at) { window.tones.push([tone.frequency.value, at]); return start.call(this, at); };
    return tone;
  };
  // As a browser does; the one of tests takes each of its questions for a person's touch.
  let touched = false;
  window.addEventListener('keydown', () => { touched = true; });
  let running = false;
  Object.defineProperty(AudioContext.prototype, 'state', { get: () => (running ? 'running' : 'suspended') });
  AudioContext.prototype.resume = async function () {
    if (!touched || running) return;
    running = true;
    this.dispatchEvent(new Event('statechange'));
  };
`;

describe('console: alarms', function () {
  this.timeout(60_000);
  const on = consoleOnFake();

  it('acknowledges an alarm', async () => {
    await on.signIn();
    await on.open('alarms');
    const alarm = on.page.locator('[data-alarm="AHU1.SaT.high"]');
    assert.equal(await alarm.getAttribute('data-state'), 'unacknowledged');
    await alarm.getByTestId('acknowledge-button').click();
    await on.page.locator('[data-alarm="AHU1.SaT.high"][data-state=acknowledged]').waitFor();
    assert.equal(await alarm.getByTestId('acknowledge-button').count(), 0);
    assert.deepEqual(on.browser.complaints, []);
  });

  it('acknowledges several alarms with one note, which the journal shows', async () => {
    await on.signIn();
    await on.open('alarms');
    for (const name of ['AHU1.SaT.high', 'R104.CO2.high']) await on.page.locator(`[data-alarm="${name}"]`).getByTestId('alarm-pick').check();
    await on.page.getByTestId('acknowledge-several').filter({ hasText: 'Acknowledge 2' }).click();
    await on.page.getByTestId('acknowledge-note').locator('input').fill('technician is on the way');
    await screenshot(on.page, 'acknowledge-dialog');
    await on.page.getByTestId('acknowledge-confirm').click();
    await on.page.locator('[data-alarm="AHU1.SaT.high"][data-state=acknowledged]').waitFor();
    assert.equal(await on.page.locator('[data-alarm="AHU1.FilterDp.high"]').getAttribute('data-state'), 'unacknowledged');
    await on.page.getByTestId('tab-journal').click();
    const entry = on.page.getByTestId('journal-row').filter({ hasText: 'AHU1.SaT.high' });
    await entry.filter({ hasText: 'technician is on the way' }).waitFor();
    assert.equal(await on.page.getByTestId('journal-row').count(), 2);
    await screenshot(on.page, 'journal');
    assert.deepEqual(on.browser.complaints, []);
  });

  it('shows which messages wait and why, and which were sent; one is given up, one sent now', async () => {
    const { alarms, notifications } = on.pair.plant;
    const alarm = alarms.get('AHU1.SaT.high');
    assert.ok(alarm !== undefined);
    const message = { to: 'duty', event: 'raised', timeMs: Date.now() } as const;
    notifications.pending.push({ ...message, id: 'm1', alarm, notBeforeMs: Date.now() + 60_000, attempt: 3, error: 'the mail server does not answer' });
    notifications.log.push({ id: '12.1.0', kind: 'notification', timeMs: Date.now(), data: { ...message, what: 'sent', id: 'm2', to: 'boss', alarm: 'AHU1.SaT.high', occurrence: 1, escalation: 1, possibleRepeat: true } });
    await on.signIn();
    await on.open('alarms');
    await on.page.getByTestId('tab-notifications').click();
    const waiting = on.page.getByTestId('notification-pending');
    for (const text of ['AHU1.SaT.high', 'Raised', 'duty', 'waits, tried 3 times', 'the mail server does not answer']) await waiting.filter({ hasText: text }).waitFor();
    const sent = on.page.getByTestId('notification-told');
    for (const text of ['Raised, escalation 1', 'boss', 'sent, possible repeat']) await sent.filter({ hasText: text }).waitFor();
    notifications.pending.push({ ...message, id: '7.1.2.0/boss', to: 'boss', alarm, notBeforeMs: Date.now() + 60_000, attempt: 0 });
    const toBoss = waiting.filter({ hasText: 'boss' });
    await toBoss.getByTestId('notification-give-up').click();
    await on.page.getByTestId('action-reason').locator('input').fill('on holiday');
    await on.page.getByTestId('action-confirm').click();
    await toBoss.waitFor({ state: 'detached' });
    await sent.filter({ hasText: 'given up' }).filter({ hasText: 'ann: on holiday' }).waitFor();
    await waiting.getByTestId('notification-send').click();
    await on.page.getByTestId('action-confirm').click();
    await waiting.waitFor({ state: 'detached' });
    await sent.filter({ hasText: 'duty' }).waitFor();
    await screenshot(on.page, 'notifications');
    assert.deepEqual(on.browser.complaints, []);
  });

  it('sounds as the most urgent alarm does that waits, says when the browser keeps it from that, and is kept off', async () => {
    await on.page.addInitScript(tones);
    await on.page.reload();
    const heard = async (): Promise<number[]> => (await on.page.evaluate<[number, number][]>('window.tones')).map(([hertz]) => Math.round(hertz));
    const { alarms } = on.pair.plant;
    // AHU1.SaT.high, of priority 1, waits; nobody has touched this page yet.
    await on.becomes('sound-blocked', 'click anywhere on this page');
    assert.deepEqual(await heard(), []);
    await on.page.keyboard.press('Shift');
    await on.page.getByTestId('sound-blocked').waitFor({ state: 'detached' });
    await until('priority 1 is heard', async () => ((await heard()).length >= 5 ? true : undefined));
    assert.deepEqual((await heard()).slice(0, 5), [988, 988, 988, 988, 1319]);
    const begun = (await on.page.evaluate<[number, number][]>('window.tones')).slice(0, 5).map(([, at]) => at);
    assert.deepEqual(begun.map((at) => Math.round((at - (begun[0] ?? 0)) * 1_000)), [0, 170, 340, 680, 850]);

    const change = (priority: number, to: object): void => on.pair.publish([], [...alarms.values()].filter((alarm) => alarm.priority === priority).map((alarm) => ({ ...alarm, ...to })));
    await on.page.evaluate('window.tones.length = 0');
    change(1, { silenced: true });
    await until('priority 3 is heard', async () => ((await heard()).length >= 2 ? true : undefined));
    assert.deepEqual((await heard()).slice(0, 2), [659, 523]);
    // It is silent, and waits all the same.
    assert.equal(await on.page.locator('[data-testid=alarm-banner]').count(), 1);

    await on.page.getByTestId('sound-switch').click();
    await on.page.getByRole('button', { name: 'Sound is off' }).waitFor();
    await on.page.evaluate('window.tones.length = 0');
    change(1, { silenced: false });
    await on.open('alarms');
    await on.page.reload();
    await on.page.getByRole('button', { name: 'Sound is off' }).waitFor();
    assert.deepEqual(await heard(), []);
    await on.page.getByTestId('sound-switch').press('Enter');
    await until('priority 1 is heard again', async () => ((await heard()).length >= 5 ? true : undefined));
    assert.deepEqual(on.browser.complaints, []);
  });

  it('says by its title and a sound of its own that no active node is in sight', async () => {
    await on.page.addInitScript(tones);
    await on.page.clock.install();
    await on.page.reload();
    await on.becomes('connection-state', 'Connected');
    await on.page.keyboard.press('Shift');
    const title = async (): Promise<string> => on.page.title();
    const heard = async (): Promise<number[]> => (await on.page.evaluate<[number, number][]>('window.tones')).map(([hertz]) => Math.round(hertz));
    await on.pair.kill('A', false);
    await on.becomes('connection-state', 'read only');
    // As long as a failover may take, what waits is what counts.
    assert.match(await title(), /^\(\d+\) Tandem/);
    await on.page.clock.fastForward(11_000);
    await until('the title', async () => ((await title()).startsWith('⚠ Connected, read only: Tandem') ? true : undefined));
    await until('the long tone', async () => ((await heard()).at(-1) === 330 ? true : undefined));
    // Somebody forces B.
    on.pair.facts.active = 'A';
    on.pair.switchOver('forced');
    await on.becomes('active-node', 'Following node B');
    await until('the title of before', async () => (/^\(\d+\) Tandem/.test(await title()) ? true : undefined));
    await on.page.evaluate('window.tones.length = 0');
    await on.page.clock.fastForward(3_000);
    await until('what waits is heard again', async () => ((await heard()).includes(988) ? true : undefined));
    assert.ok(!(await heard()).includes(330));
    assert.deepEqual(on.browser.complaints, []);
  });

  it('tells of an alarm by its title and its sound in a tab that nobody sees, which gets no frames to draw', async () => {
    await on.becomes('active-node', 'Following node A');
    const waiting = [...on.pair.plant.alarms.values()].filter(({ state }) => state === 'unacknowledged' || state === 'returned-unacknowledged').length;
    await until('the title', async () => ((await on.page.title()).startsWith(`(${String(waiting)}) `) ? true : undefined));
    await on.page.evaluate(`
      Object.defineProperty(document, 'hidden', { value: true });
      window.requestAnimationFrame = () => 0;
      // After five minutes, timers of a hidden tab run once a minute.
      const plain = window.setTimeout;
      window.setTimeout = (work, ms, ...more) => plain(work, Math.max(ms ?? 0, 60000), ...more);
    `);
    on.pair.publish([on.pair.plant.set('AHU1.SaTSp', 17.5)], []);
    on.pair.publish([], [{ name: 'New', point: 'AHU1.SaT', state: 'unacknowledged', priority: 1, class: '', message: 'new', sinceMs: Date.now(), occurrence: 1 }]);
    await until('one more', async () => ((await on.page.title()).startsWith(`(${String(waiting + 1)}) `) ? true : undefined));
  });
});
