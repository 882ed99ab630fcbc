import { spawnSync } from 'node:child_process';
import type { Context } from 'mocha';
import { watchFetch } from './rest-answers.js';

watchFetch();

/** An unhandled rejection is a floating promise: it fails the run instead of being printed. */
process.on('unhandledRejection', (reason) => {
  throw reason instanceof Error ? reason : new Error(String(reason));
});

/**
 * Skips the running test, visibly, where `tool` is not installed. In CI everything that `.ci/run`
 * installs must be there, so a missing tool fails instead.
 */
export function requireTool(context: Context, tool: string): void {
  const found = spawnSync(process.platform === 'win32' ? 'where' : 'which', [tool]).status === 0;
  if (found) return;
  if (process.env.CI !== undefined) throw new Error(`${tool} is missing: .ci/run should have installed it`);
  context.skip();
}
