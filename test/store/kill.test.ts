import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { openFolder, temporaryFolder } from './rig.js';

/** A real process on a real disk, killed while it writes: what it had acknowledged is there, and all before it. */
describe('store in a process that is killed with kill -9', function () {
  this.timeout(60_000);

  it('loses no acknowledged frame, five times in a row', async () => {
    const folder = temporaryFolder();
    try {
      let acknowledged = 0;
      for (let cycle = 0; cycle < 5; cycle++) {
        const reached = await writeAndDie(folder.path, acknowledged + 200 + cycle * 37);
        assert.ok(reached > acknowledged, 'the child has written');
        acknowledged = reached;
        const { store, state, damaged } = await openFolder(folder.path);
        assert.equal(damaged, undefined);
        assert.ok(state.position.seq >= acknowledged, `cycle ${cycle}: ${state.position.seq} of ${acknowledged}`);
        assert.equal(state.image.value(0), state.position.seq * 10);
        const logs = await store.logs('audit', state.position.seq + 1);
        assert.equal(logs.length, state.position.seq);
        acknowledged = state.position.seq;
        await store.close();
      }
    } finally {
      folder.remove();
    }
  });
});

/** Starts a writer and kills it as soon as it has acknowledged `until`; resolves to the last frame that it acknowledged. */
async function writeAndDie(folder: string, until: number): Promise<number> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./kill-child.js', import.meta.url)), folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (text: string) => {
    said += text;
    if (lastOf(said) >= until) child.kill('SIGKILL');
  });
  await new Promise<void>((resolve) => void child.once('close', () => resolve()));
  return lastOf(said);
}

/** The last whole line is the last acknowledgement that left the process. */
function lastOf(said: string): number {
  return Number(said.slice(0, said.lastIndexOf('\n') + 1).trimEnd().split('\n').at(-1) ?? 0);
}
