import type { FaultKind, FaultScope, VirtualPlc } from '../modbus-plc/index.js';
import { BadRequest, type FaultRequest, type Inspected, type RemoteView } from './inspected.js';

export interface InspectedPlc {
  readonly name: string;
  readonly plc: VirtualPlc;
  readonly address: { readonly host: string; readonly port: number };
  readonly set: (point: string, value: number | null) => void;
}

export function inspectPlc({ name, plc, address, set }: InspectedPlc): Inspected {
  let listening = true;
  return {
    name,
    address,
    set,
    remotes: () => {
      const views: Record<string, RemoteView> = {};
      for (const [host, counters] of plc.ledger.remotes) {
        views[host] = { connectionsNow: counters.open, connectionsTotal: counters.connections, requests: plc.ledger.requestsOf(host), writes: counters.writes };
      }
      return views;
    },
    writes: () => plc.ledger.writes.map((write) => ({ ...write })),
    fault: async (fault) => {
      const kind = fault.kind === 'none' || fault.kind === 'off' ? undefined : plcFault(fault);
      plc.faults.clear();
      if (kind !== undefined) plc.faults.inject(kind, scopeOf(fault));
      const wanted = fault.kind !== 'off';
      if (wanted === listening) return;
      listening = wanted;
      if (wanted) await plc.listen(address.host, address.port);
      else await plc.close();
    },
  };
}

const plainKinds = ['drop', 'hang', 'wrong-transaction', 'wrong-unit', 'wrong-function', 'wrong-length', 'wrong-echo', 'duplicate', 'cut-short', 'garbage', 'reset'] as const;

function plcFault(fault: FaultRequest): FaultKind {
  if (fault.kind === 'silent') return { kind: 'drop' };
  if (fault.kind === 'exception') return { kind: 'exception', code: numberIn(fault, 'code') ?? 4 };
  if (fault.kind === 'delay') return { kind: 'delay', delayMs: numberIn(fault, 'delayMs') ?? 1_000 };
  const kind = plainKinds.find((each) => each === fault.kind);
  if (kind === undefined) throw new BadRequest(`a PLC knows the faults none, off, silent, exception, delay, ${plainKinds.join(', ')}`);
  return { kind };
}

function scopeOf(fault: FaultRequest): FaultScope {
  const [unit, code, times] = [numberIn(fault, 'unit'), numberIn(fault, 'function'), numberIn(fault, 'times')];
  return { ...(unit === undefined ? {} : { unit }), ...(code === undefined ? {} : { function: code }), ...(times === undefined ? {} : { times }) };
}

function numberIn(fault: FaultRequest, key: string): number | undefined {
  const value = fault[key];
  if (value !== undefined && typeof value !== 'number') throw new BadRequest(`${key} is a number`);
  return value;
}
