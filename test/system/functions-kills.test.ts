import assert from 'node:assert/strict';
import { realKills } from '../bench/functions-kills.js';

describe('functions over `kill -9`', function () {
  this.timeout(180_000);

  it('leave the journal, the messages, the schedule\'s writes and the history of a pair that nobody killed', async () => {
    // Fifty of them by hand: npm run bench -- functions --kills 50
    const { kills, journalWrong, messagesLost, messagesRepeatedUnmarked, entriesTwice, entriesBackwards, entries, samplesWrong, ...figures } = await realKills(2, () => undefined);
    assert.deepEqual({ kills, journalWrong, messagesLost, messagesRepeatedUnmarked, entriesTwice, entriesBackwards, samplesWrong }, { kills: 2, journalWrong: 0, messagesLost: 0, messagesRepeatedUnmarked: 0, entriesTwice: 0, entriesBackwards: 0, samplesWrong: 0 }, JSON.stringify(figures));
    assert.ok(entries >= 1);
  });
});
