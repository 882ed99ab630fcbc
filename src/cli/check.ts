import { drivers } from '../../drivers/index.js';
import { checkFiles } from '../config/index.js';
import { TandemError } from '../contract/index.js';
import { realClock } from '../platform/time.js';
import { parse, report, type Command } from './command.js';

export const check: Command = {
  name: 'check',
  usage: [['check FILE…', 'check site and node documents']],
  run(args) {
    const { positionals } = parse({ args: [...args], allowPositionals: true });
    if (positionals.length === 0) throw new TandemError('USAGE', 'tandem check needs at least one file');
    const { problems, documents } = checkFiles(positionals, drivers, realClock.wallMs());
    const failed = report(problems);
    if (!failed) for (const { path, kind } of documents) console.log(`${path}: ok (${kind})`);
    return failed ? 2 : 0;
  },
};
