import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

/** In a process of its own: what is set counts for all of it, and for good. */
const program = `
  import { getHeapSpaceStatistics } from 'node:v8';
  import { giveBackMemory } from ${JSON.stringify(new URL('../../src/platform/memory.js', import.meta.url).href)};
  const young = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size >> 20;
  const fill = (count) => { const all = []; for (let i = 0; i < count; i++) all.push({ i, of: [i] }); return all.length; };
  fill(1_000_000);
  const before = young();
  const rss = process.memoryUsage.rss();
  await giveBackMemory();
  const given = (rss - process.memoryUsage.rss()) >> 20;
  const after = young();
  fill(1_000_000);
  console.log(JSON.stringify({ before, given, after, later: young() }));
`;

describe('memory', () => {
  it('is given back once the documents have been read, and young objects do not take it again', () => {
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
    assert.notEqual(stdout, '', stderr);
    const { before, given, after, later } = JSON.parse(stdout) as Record<'before' | 'given' | 'after' | 'later', number>;
    assert.ok(before > 8, `${before} MB for young objects before`);
    assert.ok(given > 20, `${given} MB given back`);
    assert.ok(after <= 8 && later === after, `${after} MB for young objects, later ${later}`);
  });
});
