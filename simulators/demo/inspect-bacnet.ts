import type { VirtualBacnetDevice } from '../bacnet-device/index.js';
import { BadRequest, type FaultRequest, type Inspected, type RemoteView } from './inspected.js';

export interface InspectedBacnet {
  readonly name: string;
  readonly virtual: VirtualBacnetDevice;
  readonly hosts: ReadonlySet<string>;
  readonly address: { readonly host: string; readonly port: number };
  readonly set: (point: string, value: number | null) => void;
}

/** BACnet/IP has no connections: they are counted as 0. */
export function inspectBacnet({ name, virtual, hosts, address, set }: InspectedBacnet): Inspected {
  return {
    name,
    address,
    set,
    remotes: () => {
      const views: Record<string, RemoteView> = {};
      for (const host of hosts) {
        const requests = Object.values(virtual.requestCounts(host)).reduce((sum, count) => sum + count, 0);
        views[host] = { connectionsNow: 0, connectionsTotal: 0, requests, writes: virtual.writes.filter((write) => write.remote === host).length };
      }
      return views;
    },
    writes: () => virtual.writes.map((write) => ({ ...write })),
    fault: async (fault) => inject(virtual, fault),
  };
}

function inject(virtual: VirtualBacnetDevice, fault: FaultRequest): void {
  const { faults } = virtual;
  const number = (key: string, otherwise: number): number => (typeof fault[key] === 'number' ? fault[key] : otherwise);
  const changes: Readonly<Record<string, () => void>> = {
    none: () => undefined,
    silent: () => (faults.silent = true),
    hang: () => (faults.silent = true),
    off: () => (faults.silent = true),
    garbage: () => (faults.garbage = true),
    'wrong-transaction': () => (faults.wrongInvokeId = true),
    delay: () => (faults.delayMs = number('delayMs', 1_000)),
    drop: () => (faults.drop = number('probability', 0.2)),
    duplicate: () => (faults.duplicate = number('probability', 1)),
    abort: () => (faults.abort = number('code', 0)),
    reject: () => (faults.reject = number('code', 0)),
    error: () => (faults.error = { errorClass: number('class', 0), errorCode: number('code', 0) }),
    malformed: () => (faults.damage = true),
    'no-cov': () => (faults.covSpace = 0),
    restart: () => virtual.restart(),
    'cold-restart': () => virtual.restart(true),
  };
  const change = changes[fault.kind];
  if (change === undefined) throw new BadRequest(`a BACnet device knows the faults ${Object.keys(changes).join(', ')}`);
  Object.assign(faults, { silent: false, garbage: false, damage: false, wrongInvokeId: false, delayMs: 0, drop: 0, duplicate: 0, abort: undefined, reject: undefined, error: undefined, covSpace: Infinity });
  change();
}
