import assert from 'node:assert/strict';
import { dayAt } from '../../src/console/format/day.js';
import { formatTimeAt } from '../../src/console/format/times.js';
import { daysIn, draftOf, minuteOf, timeText, withDraft, withEntry } from '../../src/console/data/schedule-draft.js';

describe('console: when a schedule does something', () => {
  it('is told on the clock of the site, also in the nights that have an hour more or less', () => {
    const at = (iso: string): string => formatTimeAt(Date.parse(iso), 'Europe/Berlin');
    assert.deepEqual([at('2026-10-24T22:00:00Z'), at('2026-10-25T00:30:00Z'), at('2026-10-25T01:30:00Z'), at('2026-03-29T01:00:05Z')], ['Sun 2026-10-25 00:00', 'Sun 2026-10-25 02:30', 'Sun 2026-10-25 02:30', 'Sun 2026-03-29 03:00:05']);
    assert.equal(formatTimeAt(Date.parse('2026-11-22T12:00:00Z'), 'Pacific/Auckland'), 'Mon 2026-11-23 01:00');
    assert.deepEqual(['Europe/Berlin', 'America/Lima'].map((zone) => dayAt(Date.parse('2026-11-22T23:30:00Z'), zone)), ['2026-11-23', '2026-11-22']);
  });
});

describe('console: what a person changes of a schedule', () => {
  const written = { writes: ['P'], default: 'stop', weekly: { 'Mon-Fri': { '20:00': 'stop', '06:00:30': 'run' }, 'Sat,Sun': { '08:00': 'run' } }, exceptions: [{ calendar: 'holidays', priority: 8, values: { '00:00': 'stop' } }] };

  it('is the definition again where nothing is changed, in the order of days and times', () => {
    assert.deepEqual(withDraft(written, draftOf(written)), { ...written, weekly: { 'Mon-Fri': { '06:00:30': 'run', '20:00': 'stop' }, 'Sat-Sun': { '08:00': 'run' } } });
  });

  it('writes a day that is no longer like its neighbours by itself', () => {
    const { week, exceptions } = draftOf(written);
    const changed = withDraft(written, { week: withEntry(week, 2, 1_200, { minute: 1_080, value: 'stop' }), exceptions });
    assert.deepEqual(Object.keys(changed.weekly as object), ['Mon-Tue', 'Wed', 'Thu-Fri', 'Sat-Sun']);
    assert.deepEqual((changed.weekly as Record<string, unknown>).Wed, { '06:00:30': 'run', '18:00': 'stop' });
  });

  it('leaves out what is empty', () => {
    const emptied = withDraft(written, { week: [[], [], [], [], [], [], []], exceptions: [] });
    assert.deepEqual(emptied, { writes: ['P'], default: 'stop' });
  });

  it('moves an entry onto another by taking its place', () => {
    const { week } = draftOf(written);
    assert.deepEqual(withEntry(week, 5, 480, { minute: 540, value: 'off' })[5], [{ minute: 540, value: 'off' }]);
    assert.deepEqual(withEntry(week, 5, 480, undefined)[5], []);
  });

  it('reads days and times as the configuration does', () => {
    assert.deepEqual([daysIn('Mon'), daysIn('Fri-Mon'), daysIn('Sat, Sun'), daysIn('someday')], [[0], [4, 5, 6, 0], [5, 6], []]);
    for (const text of ['00:00', '06:00:30', '23:45']) assert.equal(timeText(minuteOf(text)), text);
  });
});
