import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The set-up code in the data folder, readable by its owner alone. */
export function setUpFile(data: string): { readonly path: string; read(): string | undefined; write(code: string): void; remove(): void } {
  const path = join(data, 'set-up-code');
  return {
    path,
    read: () => (existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined),
    write: (code) => {
      mkdirSync(data, { recursive: true });
      writeFileSync(path, `${code}\n`, { mode: 0o600 });
    },
    remove: () => rmSync(path, { force: true }),
  };
}
