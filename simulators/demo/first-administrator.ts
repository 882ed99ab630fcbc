import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NAME = 'demo';

/**
 * What a person does on a real site: makes the first administrator with the code that the active node has shown. The demo
 * does it by itself, with a password made at the first start and kept beside its data. Undefined where somebody else was first.
 */
export async function firstAdministrator(url: string, folder: string): Promise<{ readonly name: string; readonly password: string } | undefined> {
  const { needsSetUp } = (await (await fetch(`${url}/api/v1/session`)).json()) as { needsSetUp: boolean };
  const file = join(folder, 'password');
  if (needsSetUp) {
    const code = readFileSync(join(folder, 'main', 'set-up-code'), 'utf8').trim();
    const password = randomBytes(9).toString('base64url');
    const response = await fetch(`${url}/api/v1/set-up`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ code, name: NAME, password }) });
    if (!response.ok) throw new Error(`${url} refuses the set-up: ${await response.text()}`);
    writeFileSync(file, `${password}\n`, { mode: 0o600 });
  }
  return existsSync(file) ? { name: NAME, password: readFileSync(file, 'utf8').trim() } : undefined;
}
