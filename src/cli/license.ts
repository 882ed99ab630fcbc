import { readFileSync } from 'node:fs';
import { drivers } from '../../drivers/index.js';
import { allows, dayOf, installedModules, licenceRefusal, loadNode, readLicence, signLicence, type Licence } from '../config/index.js';
import { TandemError } from '../contract/index.js';
import { realClock } from '../platform/time.js';
import { parse, report, type Command } from './command.js';

export const license: Command = {
  name: 'license',
  usage: [
    ['license modules [--node FILE]', 'drivers and functions of this build, and what the licence of a node allows'],
    ['license verify FILE --key PUBLIC', 'whether a licence file is signed with the private half of that key'],
    ['license sign CONTENT --key PRIVATE', 'make a licence file, for who ships Tandem'],
  ],
  run(args) {
    const { values, positionals } = parse({ args: [...args], allowPositionals: true, options: { node: { type: 'string' }, key: { type: 'string' } } });
    const [verb, file, ...more] = positionals;
    if (verb === 'modules' && file === undefined) return modules(values.node);
    if ((verb !== 'verify' && verb !== 'sign') || file === undefined || more.length > 0 || values.key === undefined) throw new TandemError('USAGE', 'tandem license modules [--node FILE], or verify|sign FILE --key FILE');
    const key = readFileSync(values.key, 'utf8');
    if (verb === 'sign') {
      process.stdout.write(signLicence(readFileSync(file, 'utf8'), key));
      return 0;
    }
    const licence = readLicence(readFileSync(file, 'utf8'), key);
    console.log(`signature good: ${licence.licensee}, issued ${licence.issued}${licence.expires === undefined ? '' : `, to ${licence.expires}`}${licence.nodes === undefined ? '' : `, nodes ${licence.nodes.join(', ')}`}`);
    print(licence);
    const ended = licenceRefusal({ ...licence, nodes: undefined }, '', today());
    if (ended !== undefined) console.log(`does not count today: ${ended}`);
    return ended === undefined ? 0 : 1;
  },
};

function modules(file: string | undefined): number {
  if (file === undefined) {
    print(undefined);
    return 0;
  }
  const { node, problems } = loadNode({ path: file, text: readFileSync(file, 'utf8') }, realClock.wallMs());
  report(problems);
  if (node === undefined) return 2;
  print(node.licence);
  return 0;
}

function print(licence: Licence | undefined): void {
  for (const entry of installedModules(drivers)) console.log(`${licence === undefined || allows(licence, entry) ? 'allowed ' : 'refused '} ${entry.name} ${entry.version}`);
  if (licence === undefined) console.log('no licence file: every installed module is allowed');
}

function today(): string {
  return dayOf(realClock.wallMs());
}
