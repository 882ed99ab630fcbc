import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument, isSeq, isNode } from 'yaml';
import { announceReady, stopWithParent } from '../../simulators/demo/process-life.js';
import { VirtualPlc, type BusOptions } from '../../simulators/modbus-plc/index.js';
import { readFault, readFaultText, replaceFaults, type FaultSpec } from '../../simulators/modbus-plc/fault-spec.js';
import { backgroundOf, profiles } from '../../simulators/modbus-plc/profiles.js';
import { applyMapRow } from '../../simulators/modbus-plc/register-map.js';
import { unitsOf } from '../../simulators/modbus-plc/units-spec.js';
import { messageOf, TandemError, type SerialTarget } from '../contract/index.js';
import { realNetwork } from '../platform/network.js';
import { realClock, realRandom, realTimers } from '../platform/time.js';
import { parse } from './command.js';

const options = {
  listen: { type: 'string' },
  serial: { type: 'string' },
  rtu: { type: 'boolean', default: false },
  ascii: { type: 'boolean', default: false },
  baud: { type: 'string' },
  parity: { type: 'string', default: 'even' },
  echo: { type: 'boolean', default: false },
  units: { type: 'string', default: '1' },
  profile: { type: 'string', default: 'ramp' },
  map: { type: 'string' },
  faults: { type: 'string' },
  fault: { type: 'string', multiple: true },
} as const;

/** A virtual PLC on TCP, RTU over TCP, ASCII or a serial port, until the process is asked to end. SIGHUP reads the faults file again. */
export async function simulateModbus(args: readonly string[]): Promise<void> {
  const { values } = parse({ args: [...args], options });
  if (values.listen === undefined && values.serial === undefined) throw usage('give --listen HOST:PORT, --serial PATH or both');
  const units = unitsOf(values.units) ?? fail(`--units is a number or a range such as 1-8,12, not ${values.units}`);
  const profile = profiles.find((each) => each === values.profile) ?? fail(`--profile is ${profiles.join(', ')}, not ${values.profile}`);
  const plc = new VirtualPlc({ network: realNetwork, clock: realClock, timers: realTimers, random: realRandom, background: backgroundOf(profile, realClock) });
  for (const unit of units) plc.unit(unit);
  if (values.map !== undefined) rowsOf(values.map, (row) => applyMapRow(plc, row));
  const spoken = (values.fault ?? []).map((text) => valid(readFaultText(text), `--fault ${text}`));
  const setFaults = (): void => replaceFaults(plc.faults, [...spoken, ...(values.faults === undefined ? [] : faultsIn(values.faults))]);
  setFaults();

  const bus: BusOptions = { framing: values.ascii ? 'ascii' : 'rtu', echo: values.echo, ...(values.baud === undefined ? {} : { baud: baudIn(values.baud) }) };
  const onTcp = values.rtu || values.ascii ? bus : undefined;
  const address = values.listen === undefined ? undefined : addressIn(values.listen);
  const port = address === undefined ? undefined : await plc.listen(address.host, address.port, onTcp);
  if (values.serial !== undefined) await openSerial(plc, serialTarget(values.serial, values.baud ?? '19200', values.parity, values.ascii), { ...bus, baud: baudIn(values.baud ?? '19200') });
  process.on('SIGHUP', () => {
    try {
      setFaults();
    } catch (error) {
      console.error(messageOf(error));
    }
  });
  stopWithParent(async () => plc.close());
  announceReady({ ...(address === undefined ? {} : { address: { host: address.host, port } }), ...(values.serial === undefined ? {} : { serial: values.serial }), units });
}

function faultsIn(file: string): FaultSpec[] {
  const specs: FaultSpec[] = [];
  rowsOf(file, (row) => {
    const spec = readFault(row);
    if (typeof spec === 'string') return spec;
    specs.push(spec);
    return undefined;
  });
  return specs;
}

/** Reads a YAML list row by row; every complaint is told at once, with its line. */
function rowsOf(file: string, read: (row: unknown) => string | undefined): void {
  const lines = new LineCounter();
  const document = parseDocument(textOf(file), { lineCounter: lines, prettyErrors: false });
  const place = (offset: number): string => `${file}:${lines.linePos(offset).line}`;
  const complaints = document.errors.map((error) => `${place(error.pos[0])}: ${error.message}`);
  if (complaints.length === 0 && document.contents !== null) {
    if (!isSeq(document.contents)) throw usage(`${file} is not a list: each row begins with "- "`);
    for (const item of document.contents.items) {
      const complaint = read(isNode(item) ? item.toJS(document) : item);
      if (complaint !== undefined) complaints.push(`${place(startOf(item))}: ${complaint}`);
    }
  }
  if (complaints.length > 0) throw usage(complaints.join('\n'));
}

function startOf(item: unknown): number {
  return isNode(item) ? (item.range?.[0] ?? 0) : 0;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw usage(messageOf(cause));
  }
}

async function openSerial(plc: VirtualPlc, target: SerialTarget, bus: BusOptions): Promise<void> {
  try {
    await plc.openSerial(target, bus);
  } catch (cause) {
    throw usage(messageOf(cause));
  }
}

function serialTarget(path: string, baud: string, parity: string, ascii: boolean): SerialTarget {
  if (parity !== 'none' && parity !== 'even' && parity !== 'odd') throw usage(`--parity is none, even or odd, not ${parity}`);
  return { path, baud: baudIn(baud), dataBits: ascii ? 7 : 8, parity, stopBits: parity === 'none' ? 2 : 1 };
}

function baudIn(text: string): number {
  const baud = Number(text);
  if (!Number.isInteger(baud) || baud < 300 || baud > 1_000_000) throw usage(`--baud is 300 to 1000000, not ${text}`);
  return baud;
}

function addressIn(text: string): { host: string; port: number } {
  const [, host, port] = /^(?:(.*):)?(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65_535) throw usage(`--listen is HOST:PORT, such as 127.0.0.1:5020, not ${text}`);
  return { host: host === undefined || host === '' ? '0.0.0.0' : host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}

function valid(spec: FaultSpec | string, where: string): FaultSpec {
  if (typeof spec === 'string') throw usage(`${where}: ${spec}`);
  return spec;
}

function fail(message: string): never {
  throw usage(message);
}

function usage(message: string): TandemError {
  return new TandemError('USAGE', message);
}
