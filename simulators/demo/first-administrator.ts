import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NAME = 'demo';
/** Data folders of the nodes, below the demo's. */
const NODES = ['main', 'backup'];
const WITHIN_MS = 30_000;

export interface Person {
  readonly name: string;
  readonly password: string;
}

/**
 * What a person does on a real site: makes the first administrator with the code that the active node has shown. The demo
 * does it by itself, with a password made at the first start and kept beside its data. Undefined where somebody else was
 * first. Control may move meanwhile (a busy machine), so that both nodes are asked until one has taken it.
 */
export async function firstAdministrator(urls: readonly string[], folder: string): Promise<Person | undefined> {
  const file = join(folder, 'password');
  const deadline = Date.now() + WITHIN_MS;
  for (let turn = 0; ; turn++) {
    const url = urls[turn % urls.length] ?? '';
    const said = await setUpAt(url, folder, file).catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    if (said === undefined) return existsSync(file) ? { name: NAME, password: readFileSync(file, 'utf8').trim() } : undefined;
    if (Date.now() > deadline) throw new Error(`${url} refuses the set-up: ${said}`);
    await new Promise((wake) => setTimeout(wake, 200));
  }
}

/** Undefined where it is done; else what the node said. */
async function setUpAt(url: string, folder: string, file: string): Promise<string | undefined> {
  const { needsSetUp, role } = (await (await fetch(`${url}/api/v1/session`)).json()) as { needsSetUp: boolean; role: string };
  if (!needsSetUp) return undefined;
  if (role !== 'active') return `it is ${role}`;
  const codes = NODES.map((node) => join(folder, node, 'set-up-code')).filter((path) => existsSync(path));
  const code = codes.map((path) => readFileSync(path, 'utf8').trim()).at(-1);
  if (code === undefined) return 'no code is there yet';
  const password = randomBytes(9).toString('base64url');
  const response = await fetch(`${url}/api/v1/set-up`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ code, name: NAME, password }) });
  if (!response.ok) return response.text();
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  return undefined;
}
