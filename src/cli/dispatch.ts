import { TandemError } from '../contract/index.js';
import { usageOf, type Command } from './command.js';
import { commands, usage } from './commands.js';

/** One line of `tandem`, without that word; its exit code. `--help` and `-h` are answered for every command and sub-command. Throws USAGE. */
export async function dispatch([name, ...rest]: readonly string[]): Promise<number> {
  const wanted = name === '-h' ? 'help' : name?.replace(/^--(?=help$|version$)/, '');
  const command = commands.find((each) => each.name === wanted);
  if (command === undefined) throw new TandemError('USAGE', name === undefined ? usage() : `there is no command ${name}\n${usage()}`);
  const asked = rest.findIndex((word) => word === '--help' || word === '-h');
  if (asked === -1) return command.run(rest);
  console.log(helpOf(command, rest.slice(0, asked)));
  return 0;
}

/** The forms of a command that begin with `words`, as far as they are words of the forms and not what is typed in their place. */
export function helpOf(command: Command, words: readonly string[]): string {
  let rows = command.usage;
  for (const [index, word] of words.entries()) {
    const fitting = rows.filter(([form]) => form.split(' ')[index + 1]?.split('|').includes(word) === true);
    if (fitting.length === 0) break;
    rows = fitting;
  }
  return rows.length === 0 ? usage() : usageOf([{ ...command, usage: rows }]);
}
