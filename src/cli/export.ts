import { TandemError } from '../contract/index.js';
import type { Command } from './command.js';
import { exportEdeCommand } from './ede.js';

const kinds: readonly Command[] = [
  exportEdeCommand,
];

export const exportCommand: Command = {
  name: 'export',
  usage: kinds.flatMap(({ usage }) => usage),
  run([name, ...rest]) {
    const kind = kinds.find((each) => each.name === name);
    if (kind === undefined) throw new TandemError('USAGE', `tandem export what? One of: ${kinds.map((each) => each.name).join(', ')}`);
    return kind.run(rest);
  },
};
