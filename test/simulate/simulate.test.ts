import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { playStory } from './story.js';

const program = fileURLToPath(new URL('main.js', import.meta.url));

describe('simulation of whole gateways', function () {
  this.timeout(600_000);

  it('tells the same story for the same seed, to the last byte', async () => {
    const [first, second] = [await playStory(7, 1), await playStory(7, 1)];
    assert.equal(first.transcript, second.transcript);
    assert.equal(first.events, second.events);
    assert.notEqual((await playStory(8, 1)).digest, first.digest);
  });

  it('passes 500 seeded stories of a minute with at least ten faults each', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, '--seeds', '500', '--minutes', '1'], { encoding: 'utf8', maxBuffer: 64 << 20 });
    const failed = (/^failed seeds: (.+)$/m.exec(stdout)?.[1] ?? '').split(' ').filter((seed) => seed !== '').map(Number);
    assert.deepEqual(failed, [], `${stdout}\n${stderr}`);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /\d+ passed, \d+ failed\n$/);
    assert.equal(Number(/(\d+) passed, \d+ failed\n$/.exec(stdout)?.[1]), 500);
    console.log(stdout.split('\n').filter((line) => /simulated|passed/.test(line)).map((line) => `      ${line}`).join('\n'));
  });
});
