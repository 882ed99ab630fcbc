import type { DiscoverWay } from '../../drivers/modbus/discover.js';
import { parseDuration, TandemError } from '../contract/index.js';
import { consoleLog } from '../platform/log.js';
import { realNetwork } from '../platform/network.js';
import { realClock, realRandom, realTimers } from '../platform/time.js';
import { parse, type Command } from './command.js';

const options = {
  host: { type: 'string' },
  port: { type: 'string' },
  rtu: { type: 'boolean', default: false },
  serial: { type: 'string' },
  baud: { type: 'string', default: '19200' },
  parity: { type: 'string', default: 'even' },
  'stop-bits': { type: 'string', default: '1' },
  'data-bits': { type: 'string', default: '8' },
  framing: { type: 'string', default: 'rtu' },
  units: { type: 'string', default: '1-247' },
  timeout: { type: 'string', default: '300ms' },
  identify: { type: 'boolean', default: false },
} as const;

/** Bytes have 8 bits on TCP, where 0 and 248 to 255 are legal units too. */
const MOST_UNIT = { tcp: 255, bus: 247 };

export const discoverModbus: Command = {
  name: 'modbus',
  usage: [[
    'discover modbus --host H [--port 502] [--rtu] | --serial PATH [--baud N] [--parity even|odd|none] [--stop-bits N] [--data-bits N]; [--framing rtu|ascii] [--units 1-247] [--timeout 300ms] [--identify]',
    'Modbus units, as blocks for a site document',
  ]],
  async run(args) {
    const { values } = parse({ args: [...args], options });
    const way = wayOf(values);
    const timeoutMs = parseDuration(values.timeout);
    if (timeoutMs === undefined || timeoutMs < 1) throw new TandemError('USAGE', `--timeout is a duration such as 300ms, not ${values.timeout}`);
    // Loaded when asked for: a gateway starts faster without.
    const [{ discoverUnits, parseUnits }, { siteBlocks }] = await Promise.all([import('../../drivers/modbus/discover.js'), import('../../drivers/modbus/site-block.js')]);
    const units = parseUnits(values.units, way.kind === 'tcp' ? MOST_UNIT.tcp : MOST_UNIT.bus);
    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort());
    let asked = 0;
    const found = await discoverUnits({ clock: realClock, timers: realTimers, random: realRandom, network: realNetwork, log: consoleLog('error', 'discover') }, way, {
      units, timeoutMs, identify: values.identify, signal: stop.signal,
      progress: () => {
        if (process.stderr.isTTY) process.stderr.write(`\rasked ${++asked} of ${units.length} units `);
      },
    });
    if (process.stderr.isTTY) process.stderr.write('\r');
    console.error(found.length === 0 ? 'nobody answers' : `${found.length} ${found.length === 1 ? 'unit answers' : 'units answer'}`);
    if (found.length > 0) process.stdout.write(siteBlocks(found, way));
    return found.length === 0 ? 1 : 0;
  },
};

interface Values {
  readonly host?: string;
  readonly port?: string;
  readonly rtu: boolean;
  readonly serial?: string;
  readonly baud: string;
  readonly parity: string;
  readonly 'stop-bits': string;
  readonly 'data-bits': string;
  readonly framing: string;
}

function wayOf(values: Values): DiscoverWay {
  const framing = oneOf('--framing', values.framing, ['rtu', 'ascii']);
  if (values.serial !== undefined && values.host !== undefined) throw new TandemError('USAGE', 'either --host or --serial, not both');
  if (values.serial !== undefined) {
    const target = {
      path: values.serial,
      baud: number('--baud', values.baud, 300, 1_000_000),
      parity: oneOf('--parity', values.parity, ['even', 'odd', 'none']),
      stopBits: number('--stop-bits', values['stop-bits'], 1, 2) as 1 | 2,
      dataBits: number('--data-bits', values['data-bits'], 7, 8) as 7 | 8,
    };
    return { kind: 'serial', target, framing };
  }
  if (values.host === undefined) throw new TandemError('USAGE', 'tandem discover modbus needs --host or --serial');
  const host = { host: values.host, port: number('--port', values.port ?? '502', 1, 65_535) };
  return values.rtu || framing === 'ascii' ? { kind: 'rtu-tcp', ...host, framing } : { kind: 'tcp', ...host };
}

function oneOf<T extends string>(option: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((each) => each === text);
  if (choice === undefined) throw new TandemError('USAGE', `${option} is ${choices.join(' or ')}, not ${text}`);
  return choice;
}

function number(option: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) throw new TandemError('USAGE', `${option} is a whole number from ${min} to ${max}, not ${text}`);
  return value;
}
