import type { FieldAddress } from '../building/devices.js';
import { fieldDevices } from '../building/devices.js';

/** Reads `--addresses`: `{"plc-ahu": {"host": "127.0.0.1", "port": 5021}, …}`; devices left out keep theirs. */
export function addressesIn(text: string): Readonly<Record<string, FieldAddress>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new Error('--addresses is not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null) throw new Error('--addresses is to be an object, by device name');
  const addresses: Record<string, FieldAddress> = {};
  for (const [name, address] of Object.entries(parsed)) {
    if (!fieldDevices.some((device) => device.name === name)) throw new Error(`--addresses: there is no device ${name}: ${fieldDevices.map((device) => device.name).join(', ')}`);
    if (!isAddress(address)) throw new Error(`--addresses: ${name} needs {"host": "127.0.0.1", "port": 5020}`);
    addresses[name] = { host: address.host, port: address.port };
  }
  return addresses;
}

function isAddress(value: unknown): value is FieldAddress {
  return typeof value === 'object' && value !== null && 'host' in value && typeof value.host === 'string'
    && 'port' in value && Number.isInteger(value.port) && Number(value.port) >= 0 && Number(value.port) <= 65_535;
}
