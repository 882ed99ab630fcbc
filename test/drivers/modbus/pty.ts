import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './rig.js';

/** A serial line without hardware: what is written at one end is read at the other. */
export interface PtyPair {
  readonly a: string;
  readonly b: string;
  close(): Promise<void>;
}

export async function openPty(): Promise<PtyPair> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-pty-'));
  const [a, b] = [join(folder, 'a'), join(folder, 'b')];
  const socat = spawn('socat', [`pty,raw,echo=0,link=${a}`, `pty,raw,echo=0,link=${b}`], { stdio: 'ignore' });
  await until(() => existsSync(a) && existsSync(b), 'socat has made its pseudo terminals');
  return {
    a,
    b,
    close: async () => {
      const ended = new Promise((resolve) => socat.once('exit', resolve));
      socat.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
