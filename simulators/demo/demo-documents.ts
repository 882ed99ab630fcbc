import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { FieldAddress } from '../building/devices.js';
import { fieldDevices } from '../building/devices.js';

export interface DemoPlan {
  /** Folder for documents, data and logs. */
  readonly folder: string;
  readonly portBase: number;
  /** Whether this machine has all of 127.0.0.0/8 (Linux), or 127.0.0.1 alone (macOS). */
  readonly manyLoopbacks: boolean;
}

export interface DemoDocuments {
  readonly site: string;
  readonly nodes: readonly [main: string, backup: string];
  readonly urls: readonly [main: string, backup: string];
  readonly addresses: Readonly<Record<string, FieldAddress>>;
  readonly inspectPort: number;
  readonly token: string;
}

const DEFAULT_BASE = 8080;

/** Writes the demo's documents into `folder`: those of `source` (config/demo), with ports and addresses as planned. */
export function writeDemoDocuments(source: string, plan: DemoPlan): DemoDocuments {
  const { folder, portBase, manyLoopbacks } = plan;
  mkdirSync(folder, { recursive: true });
  const token = keptToken(folder);
  const addresses = Object.fromEntries(fieldDevices.map(({ name, address }, index): [string, FieldAddress] => {
    if (!manyLoopbacks) return [name, { host: '127.0.0.1', port: portBase + 30 + index }];
    // Another port base is another building: both may run side by side.
    return [name, portBase === DEFAULT_BASE ? address : { host: address.host, port: portBase + (address.port === 5020 ? 30 : 40) }];
  }));

  const site = parseDocument(readFileSync(join(source, 'site.yaml'), 'utf8'));
  for (const [name, { host, port }] of Object.entries(addresses)) {
    site.setIn(['devices', name, 'host'], host);
    site.setIn(['devices', name, 'port'], port);
  }
  // Where the devices are: a search goes to the port of the line.
  if (manyLoopbacks && portBase !== DEFAULT_BASE) site.setIn(['lines', 'bms-lan', 'port'], portBase + 40);
  const siteFile = join(folder, 'site.yaml');
  writeFileSync(siteFile, site.toString({ lineWidth: 0 }));

  const linkPorts = [portBase + 10, portBase + 11] as const;
  const nodes = (['node-a.yaml', 'node-b.yaml'] as const).map((name, index) => {
    const node = parseDocument(readFileSync(join(source, name), 'utf8'));
    node.setIn(['node', 'data'], join(folder, index === 0 ? 'main' : 'backup'));
    node.setIn(['node', 'listen', 'console'], `127.0.0.1:${String(portBase + index)}`);
    node.setIn(['node', 'listen', 'link'], `127.0.0.1:${String(linkPorts[index === 0 ? 0 : 1])}`);
    node.setIn(['node', 'token'], token);
    node.setIn(['partners', 0, 'port'], linkPorts[index === 0 ? 1 : 0]);
    // The nodes' own BACnet ports move as well: UDP 47808 of an address can be had only once.
    if (portBase !== DEFAULT_BASE) node.setIn(['lines', 'bms-lan', 'port'], portBase + 40);
    if (!manyLoopbacks) {
      node.setIn(['lines', 'bms-lan', 'address'], '127.0.0.1');
      node.setIn(['lines', 'bms-lan', 'port'], portBase + 20 + index);
      node.deleteIn(['field']);
    }
    const file = join(folder, name);
    writeFileSync(file, node.toString({ lineWidth: 0 }));
    return file;
  });
  return {
    site: siteFile,
    nodes: [nodes[0] ?? '', nodes[1] ?? ''],
    urls: [`http://127.0.0.1:${String(portBase)}`, `http://127.0.0.1:${String(portBase + 1)}`],
    addresses,
    inspectPort: portBase + 12,
    token,
  };
}

/** Made at the first start and kept with the data, so that a second start accepts what people noted down. */
function keptToken(folder: string): string {
  const file = join(folder, 'token');
  if (!existsSync(file)) writeFileSync(file, `${randomBytes(9).toString('base64url')}\n`, { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}
