/** What a virtual device is made of and reports. */
import type { Clock, Network, Random, Timers } from '../../src/contract/index.js';
import type { Route } from './frames.js';
import { objectTypes, type PropertyFault } from './objects.js';
import { WireWriter, type ObjectId, type WireValue } from './wire.js';

export interface DeviceWorld {
  readonly network: Network;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
}

export interface DeviceOptions {
  readonly instance: number;
  readonly name?: string;
  /** Octets; 50 … 1476. */
  readonly maxApdu?: number;
  /** Behind a router: hears only what is for this network and MAC, and answers from there. */
  readonly route?: Route;
  /** What it does with messages longer than one APDU; `none` where not said. */
  readonly segmentation?: 'both' | 'transmit' | 'receive' | 'none';
  /** Of DeviceCommunicationControl and ReinitializeDevice; none where not said. */
  readonly password?: string;
  /** Segments that it takes, and proposes, at a time; 8 where not said. */
  readonly window?: number;
}

/** One accepted write. `value` null is a relinquish. */
export interface WriteEntry {
  /** Wall clock. */
  readonly timeMs: number;
  readonly remote: string;
  /** As people write it: `AV:3`. */
  readonly object: string;
  readonly property: number;
  readonly value: WireValue['value'];
  readonly priority: number | undefined;
}

/** BACnetSegmentation. */
export const segmentationCodes = { both: 0, transmit: 1, receive: 2, none: 3 } as const;
const typeNames = new Map(Object.entries(objectTypes).map(([name, type]) => [type as number, name]));

/** Error-PDU, in the form that the service has (clause 21, BACnet-Error): of a list with the element that failed, of several writes with the one that did. */
export function errorPdu(invokeId: number, service: number, error: Pick<PropertyFault, 'errorClass' | 'errorCode'> & Partial<PropertyFault>): Buffer {
  const writer = new WireWriter().bytes(0x50, invokeId, service);
  const isOfList = service === 8 || service === 9;
  const { attempt } = error;
  if (isOfList || attempt !== undefined) writer.open(0);
  writer.value({ tag: 9, value: error.errorClass }).value({ tag: 9, value: error.errorCode });
  if (isOfList) return writer.close(0).contextUnsigned(1, error.firstFailed ?? 0).done();
  if (attempt === undefined) return writer.done();
  writer.close(0).open(1).contextObject(0, attempt.object).contextUnsigned(1, attempt.property);
  if (attempt.index !== undefined) writer.contextUnsigned(2, attempt.index);
  return writer.close(1).done();
}

export function nameOf({ type, instance }: ObjectId): string {
  return `${typeNames.get(type) ?? String(type)}:${instance}`;
}
