import type { FoundDevice } from '../../drivers/bacnet/discover.js';
import { bacnet } from '../../drivers/bacnet/index.js';
import { drivers } from '../../drivers/index.js';
import { loadPair } from '../config/index.js';
import { isTandemError, TandemError, type DiscoveredDevice, type DiscoveryEvent, type DiscoveryRequest } from '../contract/index.js';
import { realClock } from '../platform/time.js';
import { parse, report, type Command } from './command.js';
import { loneHost } from './driver-host.js';
import { writeEde } from './ede-files.js';

const options = {
  line: { type: 'string' },
  site: { type: 'string' },
  node: { type: 'string' },
  interface: { type: 'string' },
  port: { type: 'string' },
  'local-port': { type: 'string' },
  bbmd: { type: 'string' },
  broadcast: { type: 'string' },
  range: { type: 'string' },
  wait: { type: 'string' },
  timeout: { type: 'string' },
  ede: { type: 'string' },
  yaml: { type: 'boolean', default: false },
} as const;

type Values = { readonly [Key in keyof typeof options]?: string | boolean };

export const discoverBacnet: Command = {
  name: 'bacnet',
  usage: [
    ['discover bacnet [--interface A] [--port P] [--range LO-HI,…] [--bbmd H:P] [--wait 3s] [--timeout 3s] [--ede FILE] [--yaml]', 'devices that answer Who-Is, with their objects'],
    ['discover bacnet --site FILE --node FILE --line NAME …', 'the same on a line of the site, as this machine is plugged in'],
  ],
  async run(args) {
    const { values } = parse({ args: [...args], options });
    const known = values.line === undefined ? undefined : lineOfSite(values);
    const { range, wait, timeout } = values;
    const request: DiscoveryRequest = {
      line: { kind: 'bacnet-ip', ...known?.line, ...(values.port !== undefined && { port: portIn(values.port, '--port') }) },
      plug: { ...known?.plug, ...plugOf(values) },
      options: { ...(range !== undefined && { range }), ...(wait !== undefined && { wait }), ...(timeout !== undefined && { timeout }) },
    };
    const found = await look(request, values['local-port'] === undefined);
    if (values.ede !== undefined) writeEde(values.ede, found.map(({ detail }) => detail as FoundDevice), known?.site ?? 'discovered');
    if (values.yaml) console.log(bacnet.discovery?.blocks(found, values.line ?? 'bacnet', known?.names ?? []));
    else printTable(found);
    return found.length === 0 ? 1 : 0;
  },
};

/** The line's own port is tried first, because some devices answer only there; with a gateway on it, any free one has to do. */
async function look(request: DiscoveryRequest, mayMove: boolean): Promise<DiscoveredDevice[]> {
  try {
    return await lookFrom(request);
  } catch (error) {
    if (!mayMove || !isTandemError(error, 'FIELD_UNREACHABLE') || !isTandemError(error.cause, 'PORT_IN_USE')) throw error;
    console.error(`${error.message}; another local port is taken`);
    return lookFrom({ ...request, plug: { ...request.plug, port: 0 } });
  }
}

async function lookFrom(request: DiscoveryRequest): Promise<DiscoveredDevice[]> {
  const host = loneHost();
  const found: DiscoveredDevice[] = [];
  try {
    for await (const event of eventsOf(host, request)) {
      if (event.kind === 'device') found.push(event.device);
      else console.error(`${event.text}${event.done > 0 ? `, ${String(event.done)} read` : ''}`);
    }
  } finally {
    await host.close();
  }
  return found;
}

function eventsOf(host: ReturnType<typeof loneHost>, request: DiscoveryRequest): AsyncIterable<DiscoveryEvent> {
  if (bacnet.discovery === undefined) throw new TandemError('INTERNAL', 'the BACnet driver cannot look for devices');
  return bacnet.discovery.run(host, request);
}

function plugOf({ interface: card, 'local-port': localPort, bbmd, broadcast }: Values): Record<string, unknown> {
  return {
    ...(card !== undefined && (/^\d+\.\d+\.\d+\.\d+$/.test(String(card)) ? { address: card } : { interface: card })),
    ...(localPort !== undefined && { port: portIn(localPort, '--local-port') }),
    ...(broadcast !== undefined && { broadcast }),
    ...(bbmd !== undefined && { bbmd: endpointIn(String(bbmd)) }),
  };
}

interface KnownLine {
  readonly line: NonNullable<DiscoveryRequest['line']>;
  readonly plug: DiscoveryRequest['plug'];
  readonly site: string;
  readonly names: readonly string[];
}

function lineOfSite({ line, site: siteFile, node: nodeFile }: Values): KnownLine {
  if (siteFile === undefined || nodeFile === undefined) throw new TandemError('USAGE', '--line needs --site FILE and --node FILE');
  const { site, problems } = loadPair(String(siteFile), String(nodeFile), drivers, realClock.wallMs());
  if (report(problems) || site === undefined) throw new TandemError('CONFIG_INVALID', 'the documents have errors');
  const known = site.lines?.find(({ name }) => name === line);
  if (known === undefined) throw new TandemError('CONFIG_REFERENCE', `the site has no line ${String(line)}; it has ${site.lines?.map(({ name }) => name).join(', ') ?? 'none'}`);
  return { line: known.line, plug: known.plug, site: site.name, names: [...site.devices, ...site.points].map(({ name }) => name) };
}

function endpointIn(text: string): { readonly host: string; readonly port?: number } {
  const [, host, port] = /^([^\s:]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (host === undefined) throw new TandemError('USAGE', `--bbmd is an address and a port, 10.20.9.1:47808, not ${text}`);
  return { host, ...(port !== undefined && { port: portIn(port, '--bbmd') }) };
}

function portIn(text: string | boolean, option: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new TandemError('USAGE', `${option} is a port, not ${String(text)}`);
  return port;
}

function printTable(found: readonly DiscoveredDevice[]): void {
  const rows = [['instance', 'address', 'objects', 'name', 'vendor and model'], ...found.map(({ id, address, objects, name, vendor = '', model = '' }) => [id, address, String(objects.length), name, `${vendor} ${model}`.trim()])];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd());
  for (const { id, problems } of found) for (const problem of problems) console.error(`${id}: ${problem}`);
}
