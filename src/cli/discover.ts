import { TandemError } from '../contract/index.js';
import type { Command } from './command.js';
import { discoverBacnet } from './discover-bacnet.js';
import { discoverModbus } from './discover-modbus.js';

/** What can be looked for: a file discover-….ts each, in the order of the usage text. */
const kinds: readonly Command[] = [
  discoverModbus,
  discoverBacnet,
];

export const discover: Command = {
  name: 'discover',
  usage: kinds.flatMap(({ usage }) => usage),
  run([name, ...rest]) {
    const kind = kinds.find((each) => each.name === name);
    if (kind === undefined) throw new TandemError('USAGE', `tandem discover what? One of: ${kinds.map((each) => each.name).join(', ')}\n(tandem help has their options)`);
    return kind.run(rest);
  },
};
