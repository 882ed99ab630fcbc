import assert from 'node:assert/strict';
import { commands } from '../../src/cli/commands.js';
import { dispatch } from '../../src/cli/dispatch.js';

/** Words of a form that are typed as they stand: `redundancy`, then each of `hold|release`. */
function lines(form: string): string[][] {
  const fixed: string[][] = [];
  for (const token of form.split(' ')) {
    const words = token.split('|');
    if (!words.every((word) => /^[a-z][a-z-]*$/.test(word))) break;
    fixed.push(words);
  }
  return fixed.reduce<string[][]>((all, words) => all.flatMap((line) => words.map((word) => [...line, word])), [[]]);
}

async function said(args: readonly string[]): Promise<{ code: number; text: string }> {
  const { log } = console;
  const printed: string[] = [];
  console.log = (text: string) => printed.push(text);
  try {
    return { code: await dispatch(args), text: printed.join('\n') };
  } finally {
    console.log = log;
  }
}

describe('tandem … --help', () => {
  it('is answered by every command and sub-command, with its own forms', async () => {
    let asked = 0;
    for (const command of commands) {
      for (const form of command.usage.length === 0 ? [command.name] : command.usage.map(([text]) => text)) {
        for (const line of lines(form).filter(([name]) => name === command.name)) {
          for (const help of ['--help', '-h']) {
            const { code, text } = await said([...line, help]);
            assert.equal(code, 0, line.join(' '));
            assert.ok(text.startsWith('usage:\n'), line.join(' '));
            if (command.usage.length > 0) assert.ok(text.includes(`  tandem ${form}`), `${line.join(' ')} does not show its form: ${text}`);
          }
          asked++;
        }
      }
    }
    assert.ok(asked > 40, String(asked));
  });

  it('shows the forms that were asked for, and no others', async () => {
    const { text } = await said(['discover', 'bacnet', '--range', '1-5', '--help']);
    assert.match(text, /tandem discover bacnet/);
    assert.doesNotMatch(text, /modbus/);
    const all = await said(['discover', '--help']);
    assert.match(all.text, /discover modbus[^]*discover bacnet/);
    assert.match((await said(['--help'])).text, /tandem run/);
    assert.match((await said(['redundancy', 'hold', '--help'])).text, /--for DURATION/);
  });

  it('refuses what is no command all the same', async () => {
    await assert.rejects(said(['discovr', '--help']), /there is no command discovr/);
  });
});
