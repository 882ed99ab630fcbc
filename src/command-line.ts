import { commands, usage } from './cli/commands.js';
import { isTandemError, TandemError } from './contract/index.js';

async function main([name, ...rest]: readonly string[]): Promise<number> {
  const wanted = name?.replace(/^--(?=help$|version$)/, '');
  const command = commands.find((each) => each.name === wanted);
  if (command === undefined) throw new TandemError('USAGE', name === undefined ? usage() : `there is no command ${name}\n${usage()}`);
  return command.run(rest);
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  console.error(isTandemError(error) ? `${error.code}: ${error.message}` : error);
  process.exit(isTandemError(error, 'USAGE') ? 2 : 1);
}
