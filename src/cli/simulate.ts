import { TandemError } from '../contract/index.js';
import type { Command } from './command.js';
import { simulateBacnet } from './simulate-bacnet.js';
import { untilEnded } from './until-ended.js';

const building: Command = {
  name: 'building',
  usage: [['simulate building [--addresses JSON] [--inspect-port N] [--seed N]', 'the demo building and its five devices']],
  run: async (args) => untilEnded((await import('../../simulators/demo/run-building.js')).runBuilding, args),
};

const load: Command = {
  name: 'load',
  usage: [['simulate load [--points N] [--host H] [--port N] [--inspect-port N]', 'a PLC of which every register changes ten times a second']],
  run: async (args) => untilEnded((await import('../../simulators/demo/run-load.js')).runLoad, args),
};

const modbus: Command = {
  name: 'modbus',
  usage: [['simulate modbus [--listen HOST:PORT [--rtu|--ascii]] [--serial PATH --baud N [--ascii]] [--units 1-40] [--map FILE] [--faults FILE] [--fault KIND:KEY=VALUE,…] [--profile ramp|random|fixed]', 'a virtual PLC; docs/simulators.md has the rest']],
  run: async (args) => untilEnded((await import('./simulate-modbus.js')).simulateModbus, args),
};

/** What can be simulated: a file simulate-….ts each, in the order of the usage text. Loaded when asked for: a gateway starts faster without. */
const kinds: readonly Command[] = [
  building,
  load,
  simulateBacnet,
  modbus,
];

export const simulate: Command = {
  name: 'simulate',
  usage: kinds.flatMap(({ usage }) => usage),
  run([name, ...rest]) {
    const kind = kinds.find((each) => each.name === name);
    if (kind === undefined) throw new TandemError('USAGE', `tandem simulate what? One of: ${kinds.map((each) => each.name).join(', ')}\n(tandem help has their options)`);
    return kind.run(rest);
  },
};
