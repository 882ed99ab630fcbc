import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** A password from the keyboard, unseen, or the first line of what is piped in. Never from the arguments, which everybody on the machine can read. */
export async function askPassword(prompt: string): Promise<string> {
  const { stdin, stderr } = process;
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: silent, terminal: stdin.isTTY });
  try {
    if (stdin.isTTY) stderr.write(`${prompt}: `);
    const answer = await lines.question('');
    if (stdin.isTTY) stderr.write('\n');
    return answer;
  } finally {
    lines.close();
  }
}
