import assert from 'node:assert/strict';
import type { WireAlarm } from '../../src/contract/index.js';
import { soundOf, soundPatterns } from '../../src/console/format/alarm-sound.js';

const alarm = (priority: number, state: WireAlarm['state'], more: Partial<WireAlarm> = {}): WireAlarm => ({ name: `a${String(priority)}`, point: 'p', priority, state, class: '', message: '', sinceMs: 1, occurrence: 1, ...more });

describe('console: the sound of alarms', () => {
  it('is that of the most urgent alarm that waits, is active and is not silenced', () => {
    assert.equal(soundOf([]), undefined);
    assert.equal(soundOf([alarm(9, 'unacknowledged'), alarm(2, 'unacknowledged'), alarm(3, 'unacknowledged')]), 'high');
    assert.equal(soundOf([alarm(1, 'acknowledged'), alarm(1, 'returned-unacknowledged'), alarm(1, 'shelved'), alarm(3, 'unacknowledged')]), 'medium');
    // To silence is no acknowledgement: it waits on, without noise, and what is less urgent is heard.
    assert.equal(soundOf([alarm(1, 'unacknowledged', { silenced: true }), alarm(7, 'unacknowledged')]), 'low');
    assert.equal(soundOf([alarm(1, 'unacknowledged', { silenced: true })]), undefined);
  });

  it('tells each priority by the number of its tones alone, the more urgent by more of them, higher and sooner again', () => {
    const patterns = [soundPatterns.critical, soundPatterns.high, soundPatterns.medium, soundPatterns.low];
    assert.deepEqual(patterns.map(({ tones }) => tones.length), [5, 3, 2, 1]);
    patterns.forEach(({ tones, everyMs }, index) => {
      const next = patterns[index + 1];
      const last = tones.at(-1);
      assert.ok(last !== undefined && tones[0]?.atMs === 0);
      // A pause that is heard as one before it begins again.
      assert.ok(everyMs - (last.atMs + last.lastsMs) >= 1_000);
      tones.slice(1).forEach(({ atMs }, place) => assert.ok(atMs >= (tones[place]?.atMs ?? 0) + (tones[place]?.lastsMs ?? 0) + 40, 'tones run together'));
      if (next === undefined) return;
      assert.ok(everyMs < next.everyMs);
      assert.ok(Math.max(...tones.map(({ hertz }) => hertz)) > Math.max(...next.tones.map(({ hertz }) => hertz)));
    });
    // A console that sees nothing has the only long one.
    assert.deepEqual(soundPatterns.blind.tones.map(({ lastsMs }) => lastsMs >= 1_000), [true]);
    assert.ok(patterns.every(({ tones }) => tones.every(({ lastsMs }) => lastsMs <= 250)));
    // Longer, and a hidden tab counts as silent: its timers are then run once a minute.
    assert.ok(Math.max(...Object.values(soundPatterns).map(({ everyMs }) => everyMs)) < 30_000);
  });
});
