import { z } from 'zod';
import type { ParseContext } from '../../src/contract/driver.js';
import type { TcpTarget } from '../../src/contract/network.js';

const port = z.int().min(1).max(65_535);

/** Keys that say where a device is found on a network. */
export const addressShape = {
  host: z.string().min(1),
  port: port.optional(),
  /** The same device by another way. */
  host2: z.string().min(1).optional(),
  port2: port.optional(),
} satisfies z.ZodRawShape;

export interface Addresses {
  /** As people know it; the same for all devices that share the connection. */
  readonly name: string;
  readonly targets: readonly [TcpTarget, ...TcpTarget[]];
}

interface AddressKeys {
  readonly host: string;
  readonly host2?: string | undefined;
  readonly port2?: number | undefined;
}

export function addressesOf(keys: AddressKeys, ownPort: number, connectTimeoutMs: number, context: ParseContext): Addresses {
  const { host, host2, port2 } = keys;
  const local = context.plug?.address;
  const target = (to: string, at: number): TcpTarget => ({ host: to, port: at, connectTimeoutMs, ...(typeof local === 'string' ? { localAddress: local } : {}) });
  const name = `${host}:${ownPort}`;
  if (host2 === undefined) {
    if (port2 !== undefined) context.problems.error('CONFIG_INVALID', 'belongs to `host2`, which is missing', ['port2']);
    return { name, targets: [target(host, ownPort)] };
  }
  const at2 = port2 ?? ownPort;
  if (host2 === host && at2 === ownPort) context.problems.error('CONFIG_CLASH', 'is the same address as `host`: a second path needs another', ['host2']);
  return { name: `${name} or ${host2}:${at2}`, targets: [target(host, ownPort), target(host2, at2)] };
}
