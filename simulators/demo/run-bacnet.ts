import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Address, UdpSocket } from '../../src/contract/index.js';
import { realNetwork } from '../../src/platform/network.js';
import { realClock, realRandom, realTimers } from '../../src/platform/time.js';
import { VirtualBacnetDevice, VirtualBbmd, type ObjectOptions } from '../bacnet-device/index.js';
import { seededRandom } from '../virtual-time/index.js';
import { watchedNetwork } from '../building/watched-network.js';
import { applyFaults } from './bacnet-faults.js';
import { addFurther } from './bacnet-further.js';
import { layoutIn, objectsIn, standardObjects, type LaidOutDevice } from './bacnet-layout.js';
import { inspectBacnet } from './inspect-bacnet.js';
import { BadRequest, type Inspected } from './inspected.js';
import { serveInspection } from './inspection.js';
import { portIn } from './ports.js';
import { announceReady, stopWithParent } from './process-life.js';

const options = {
  address: { type: 'string', default: '127.0.0.21' },
  port: { type: 'string', default: '47808' },
  broadcast: { type: 'string' },
  devices: { type: 'string', default: '1' },
  instance: { type: 'string', default: '1001' },
  objects: { type: 'string', default: standardObjects },
  map: { type: 'string' },
  faults: { type: 'string', default: '' },
  'max-apdu': { type: 'string', default: '1476' },
  segmentation: { type: 'string', default: 'both' },
  change: { type: 'string', default: '1000' },
  bbmd: { type: 'string' },
  seed: { type: 'string' },
  'inspect-port': { type: 'string', default: '0' },
} as const;

/** Virtual BACnet/IP devices, each on an address of its own, until the process is asked to end. */
export async function runBacnet(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options });
  const port = portIn(values.port, '--port');
  const random = values.seed === undefined ? realRandom : seededRandom(values.seed);
  const layout = values.map === undefined ? laidOut(values) : layoutIn(readFileSync(values.map, 'utf8'), stateTextsBeside(values.map));
  const changeMs = wholeIn(values.change, '--change', 0, 3_600_000);
  const heard: ((data: Uint8Array, from: Address) => void)[] = [];
  const broadcast = { host: values.broadcast ?? (values.address.startsWith('127.') ? '127.255.255.255' : '255.255.255.255'), port: port === 0 ? 47_808 : port };
  const bbmd = values.bbmd === undefined ? undefined : new VirtualBbmd({ network: realNetwork, clock: realClock }, { at: { host: values.bbmd, port: broadcast.port }, broadcast });
  await bbmd?.open();
  const sockets: UdpSocket[] = [];
  const running: { readonly virtual: VirtualBacnetDevice; readonly at: Address; readonly inspected: Inspected; readonly objects: readonly ObjectOptions[] }[] = [];
  for (const [row, device] of layout.entries()) {
    const { instance, name, objects, further, maxApdu = wholeIn(values['max-apdu'], '--max-apdu', 50, 1_476), segmentation = segmentationIn(values.segmentation) } = device;
    const hosts = new Set<string>();
    const virtual = new VirtualBacnetDevice({ network: watchedNetwork(realNetwork, hosts), clock: realClock, timers: realTimers, random }, { instance, name, maxApdu, segmentation });
    for (const object of objects) virtual.addObject(object);
    addFurther(virtual, further);
    applyFaults(virtual, values.faults);
    const at = await virtual.listen(device.host ?? addressAfter(values.address, row), device.port ?? port);
    heard.push(virtual.hears(broadcast));
    running.push({ virtual, at, objects, inspected: inspectBacnet({ name, virtual, hosts, address: at, set: (object, value) => hold(virtual, object, value) }) });
  }
  sockets.push(await realNetwork.openUdp({ ...broadcast, broadcast: true, reuseAddress: true }, (data, from) => {
    for (const hear of heard) hear(data, from);
    bbmd?.heard(data, from);
  }));
  const changing = changeMs === 0 ? undefined : realTimers.every(changeMs, () => {
    for (const { virtual, objects } of running) move(virtual, objects, () => random.next());
  });
  const inspection = await serveInspection({ devices: running.map(({ inspected }) => inspected), model: () => (bbmd === undefined ? {} : { registrations: bbmd.registrations, forwarded: bbmd.forwarded, foreignDevices: bbmd.foreignDevices() }) }, portIn(values['inspect-port'], '--inspect-port'));
  stopWithParent(async () => {
    changing?.cancel();
    await bbmd?.close();
    await Promise.all([...running.map(({ virtual }) => virtual.close()), ...sockets.map((socket) => socket.close()), inspection.close()]);
  });
  announceReady({ devices: running.map(({ at }, row) => ({ instance: layout[row]?.instance, ...at })), inspectPort: inspection.port });
}

function laidOut(values: { readonly devices: string; readonly instance: string; readonly objects: string }): LaidOutDevice[] {
  const { objects, further } = objectsIn(values.objects);
  const first = wholeIn(values.instance, '--instance', 0, 4_194_302);
  return Array.from({ length: wholeIn(values.devices, '--devices', 1, 5_000) }, (_, row) => ({ instance: first + row, name: `virtual-${String(first + row)}`, objects, further }));
}

/** What nobody commands moves a little: measurements drift, switches switch now and then, meters count. */
function move(device: VirtualBacnetDevice, objects: readonly ObjectOptions[], chance: () => number): void {
  for (const { type, instance, states = 3 } of objects) {
    const object = `${type}:${String(instance)}`;
    const value = Number(device.object(object).presentValue);
    if (type === 'AI' || type === 'PC') device.setPresentValue(object, Math.round((value + (chance() - 0.5) * 0.4 + (20 - value) * 0.01) * 100) / 100);
    else if (type === 'ACC') device.setPresentValue(object, value + 1);
    else if (type === 'BI' && chance() < 0.05) device.setPresentValue(object, 1 - value);
    else if (type === 'MI' && chance() < 0.05) device.setPresentValue(object, (value % states) + 1);
  }
}

function hold(device: VirtualBacnetDevice, object: string, value: number | null): void {
  if (value === null) throw new BadRequest('give a value: nothing is held here');
  try {
    device.setPresentValue(object, value);
  } catch (cause) {
    throw new BadRequest(cause instanceof Error ? cause.message : String(cause));
  }
}

/** Tools write `Tower_EDE.csv` and `Tower_StateTexts.csv`, or `Tower.csv` and `Tower-state-texts.csv`. */
function stateTextsBeside(file: string): string {
  const beside = [file.replace(/_EDE(?=\.csv$)/i, '_StateTexts'), file.replace(/(?=\.csv$)/i, '-state-texts')].find((name) => name !== file && existsSync(name));
  return beside === undefined ? '' : readFileSync(beside, 'utf8');
}

function addressAfter(first: string, row: number): string {
  const octets = first.split('.').map(Number);
  if (octets.length !== 4 || octets.some((octet) => !Number.isInteger(octet) || octet < 0 || octet > 255)) throw new Error(`--address is an IPv4 address, not "${first}"`);
  const number = octets.reduce((sum, octet) => sum * 256 + octet, 0) + row;
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}

function segmentationIn(text: string): NonNullable<LaidOutDevice['segmentation']> {
  if (text === 'both' || text === 'transmit' || text === 'receive' || text === 'none') return text;
  throw new Error(`--segmentation is both, transmit, receive or none, not "${text}"`);
}

function wholeIn(text: string, option: string, from: number, to: number): number {
  const value = Number(text);
  if (text === '' || !Number.isInteger(value) || value < from || value > to) throw new Error(`${option} is a whole number from ${String(from)} to ${String(to)}, not "${text}"`);
  return value;
}
