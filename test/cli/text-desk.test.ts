import assert from 'node:assert/strict';
import { textDesk } from '../../src/cli/site-loader.js';
import { isTandemError } from '../../src/contract/index.js';
import { directTexts, type TextDesk } from '../../src/gateway/text-desk.js';

const document = (points: number): string => ['site: {name: s, timezone: UTC}', 'points:', ...Array.from({ length: points }, (_, id) => `  P${String(id)}: {type: number, unit: degC}   # of floor ${String(id % 9)}`), 'alarms:', '  High: {point: P1, high: 50}', ''].join('\n');

/** Everything that is done with texts of site documents, on one of `text`. */
const work = (text: string): Record<string, (desk: TextDesk) => Promise<unknown>> => ({
  'edit of what is not there': async (desk) => desk.edit(text, 'alarms', 'None', undefined),
  addBlocks: async (desk) => desk.addBlocks(text, 'points:\n  New: {type: number}   # found\n'),
  digests: async (desk) => desk.digests(text),
});

/** What comes of it, an error by its code, and whether the thread could do something else meanwhile. */
async function outcome(act: () => Promise<unknown>): Promise<{ result: unknown; turned: boolean }> {
  let turned = false;
  setImmediate(() => {
    turned = true;
  });
  const result = await act().catch((error: unknown) => (isTandemError(error) ? `${error.code}: ${error.message}` : error));
  return { result, turned };
}

describe('work on the text of a site document', function () {
  this.timeout(60_000);

  it('of a large site is done in a thread of its own, and gives the same as without', async () => {
    const acts = Object.values(work(document(500)));
    const aside = await Promise.all(acts.map(async (act) => outcome(async () => act(textDesk))));
    for (const [index, act] of acts.entries()) {
      const here = await outcome(async () => act(directTexts));
      assert.deepEqual(aside[index]?.result, here.result);
      assert.deepEqual([aside[index]?.turned, here.turned], [true, false], 'the main thread went on');
    }
  });

  it('reads a calendar in a thread of its own, however short: some lines may repeat for centuries', async () => {
    const calendar = (start: string): string => ['BEGIN:VCALENDAR', 'VERSION:2.0', 'BEGIN:VEVENT', 'UID:u', `DTSTART;VALUE=DATE:${start}`, 'RRULE:FREQ=WEEKLY', 'SUMMARY:Closed', 'END:VEVENT', 'END:VCALENDAR', ''].join('\r\n');
    const years = { fromYear: 2026, toYear: 2026 };
    let threads = 0;
    const count = (): void => {
      threads++;
    };
    process.on('worker', count);
    const aside = await textDesk.holidays(calendar('20260101'), years);
    await assert.rejects(textDesk.holidays(calendar('20260230'), years), { code: 'CALENDAR_INVALID', details: { problems: ['Closed: 2026-02-30 is no date (DTSTART)'] } });
    process.off('worker', count);
    assert.equal(threads, 2);
    assert.deepEqual(aside, await directTexts.holidays(calendar('20260101'), years));
    assert.equal(aside.dates.length, 53);
  });

  it('of a small one is done at once, which is sooner than a thread starts', async () => {
    for (const act of Object.values(work(document(10)))) {
      const [aside, here] = [await outcome(async () => act(textDesk)), await outcome(async () => act(directTexts))];
      assert.deepEqual(aside, here);
    }
  });
});
