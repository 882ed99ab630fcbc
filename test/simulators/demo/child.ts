import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A simulator process under test, with pipes on all three ends. */
export interface SimulatorProcess {
  readonly child: ChildProcess;
  readonly ready: Readonly<Record<string, unknown>> & { readonly inspectPort: number };
  /** Resolves to exit code and signal. */
  readonly exited: Promise<unknown[]>;
}

/** Starts `name` of dist/simulators/demo and waits for its line `ready`. */
export async function startSimulator(name: string, args: readonly string[]): Promise<SimulatorProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../../simulators/demo', `${name}.js`), ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  let output = '';
  for await (const chunk of child.stdout) {
    output += String(chunk);
    const line = /^ready (.*)$/m.exec(output)?.[1];
    if (line !== undefined && output.includes('\n')) return { child, exited, ready: JSON.parse(line) as SimulatorProcess['ready'] };
  }
  assert.fail(`${name} ended without \`ready\`: ${output}`);
}

export async function ask<T>(port: number, path: string, body?: unknown): Promise<{ status: number; body: T }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as T };
}
