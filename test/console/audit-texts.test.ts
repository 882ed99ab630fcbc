import assert from 'node:assert/strict';
import { changeText } from '../../src/console/format/audit.js';

describe('console: what the audit tells of a change', () => {
  it('is for people: moments and lengths of time, lists, and nothing where nothing was', () => {
    const atMs = Date.now() + 60_000.4998;
    const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(atMs);
    assert.equal(changeText({ old: 18, new: { value: 18.5, priority: 8, untilMs: atMs, reason: 'concert' } }), `18 → value: 18.5, priority: 8, until: ${clock}, reason: concert`);
    assert.equal(changeText({ old: 18.5, new: { value: null, priority: 8 } }), '18.5 → value: –, priority: 8');
    assert.equal(changeText({ new: { scope: { area: 'Tower' }, forMs: 7_200_000 } }), 'scope: area: Tower, for: 2 h 00 min');
    assert.equal(changeText({ new: { number: 13, changes: ['changed schedules Lobby.hours', 'added points X'] } }), 'number: 13, changes: changed schedules Lobby.hours, added points X');
    assert.equal(changeText({}), '');
  });
});
