import type { Command } from './command.js';
import { untilEnded } from './until-ended.js';

export const simulateBacnet: Command = {
  name: 'bacnet',
  usage: [[
    'simulate bacnet [--address A] [--port P] [--devices N] [--instance I] [--objects AI:4,BO:2,… | --map FILE] [--faults drop=0.05,…] [--max-apdu N] [--segmentation S] [--change MS] [--seed N] [--bbmd A] [--inspect-port N]',
    'virtual BACnet/IP devices, each on an address of its own',
  ]],
  run: async (args) => untilEnded((await import('../../simulators/demo/run-bacnet.js')).runBacnet, args),
};
