import { TandemError } from '../contract/index.js';
import type { Command } from './command.js';
import { importEdeCommand } from './ede.js';
import { importCalendar } from './import-calendar.js';
import { importModbusMap } from './import-modbus-map.js';

const kinds: readonly Command[] = [
  importEdeCommand,
  importCalendar,
  importModbusMap,
];

export const importCommand: Command = {
  name: 'import',
  usage: kinds.flatMap(({ usage }) => usage),
  run([name, ...rest]) {
    const kind = kinds.find((each) => each.name === name);
    if (kind === undefined) throw new TandemError('USAGE', `tandem import what? One of: ${kinds.map((each) => each.name).join(', ')}`);
    return kind.run(rest);
  },
};
