/** The device object (clause 12.11): what a client reads before anything else. */
import { faults, indexed } from './objects.js';
import { MOST_SEGMENTS } from './segmentation.js';
import { RAW, type ObjectId, type WireValue } from './wire.js';

export interface DeviceFacts {
  readonly instance: number;
  readonly name: string;
  readonly maxApdu: number;
  /** BACnetSegmentation: 0 both … 3 none. */
  readonly segmentation: number;
  readonly databaseRevision: number;
  /** Confirmed services that it does not know just now. */
  readonly unknownServices: ReadonlySet<number>;
  readonly objects: readonly ObjectId[];
  /** Confirmed services of its modules. */
  readonly moduleServices: readonly number[];
  /** Of clause 21, BACnetCOVSubscription, encoded. */
  readonly covSubscriptions: () => Buffer[];
  /** Elements of a property that is a list; undefined for the others. */
  readonly list: (property: number) => Buffer[] | undefined;
  /** Properties of its clock. */
  readonly time: (property: number) => WireValue[] | undefined;
}

const text = (value: string): WireValue => ({ tag: 7, value });
const unsigned = (value: number): WireValue => ({ tag: 2, value });
const enumerated = (value: number): WireValue => ({ tag: 9, value });
const bits = (length: number, set: readonly number[]): WireValue => ({ tag: 8, value: Array.from({ length }, (_, bit) => set.includes(bit)) });

/** Bits of BACnetServicesSupported that it executes, with the number of the confirmed service where it can be switched off. */
const services: readonly (readonly [bit: number, service?: number])[] = [[5, 5], [12, 12], [14, 14], [15, 15], [16, 16], [26], [33], [34], [32], [36], [38, 28]];
/** Where the bit is not the number of the service: ReadRange, GetEventInformation. */
const bitOf: Readonly<Record<number, number>> = { 26: 35, 29: 39 };

const always = [75, 77, 79, 112, 121, 120, 70, 44, 12, 98, 139, 97, 96, 76, 62, 107, 11, 73, 30, 155, 152, 24, 56, 57, 119];
const NO_SEGMENTS = 3;
/** Those of them that a device object may lack. */
export const optionalOfDevice: readonly number[] = [10, 167, 152, 24, 56, 57, 119];

/** Those that it has. */
export function deviceProperties({ segmentation }: Pick<DeviceFacts, 'segmentation'>): number[] {
  return segmentation === NO_SEGMENTS ? always : [...always, 10, 167];
}

export function readDevice(facts: DeviceFacts, property: number, index?: number): WireValue[] {
  if (property === 76) {
    return indexed([{ type: 8, instance: facts.instance }, ...facts.objects].map((value) => ({ tag: 12, value })), index);
  }
  const values = scalar(facts, property);
  if (values === undefined) throw faults.unknownProperty();
  if (index !== undefined) throw faults.notAnArray();
  return values;
}

function scalar(facts: DeviceFacts, property: number): WireValue[] | undefined {
  switch (property) {
    case 75: return [{ tag: 12, value: { type: 8, instance: facts.instance } }];
    case 77: return [text(facts.name)];
    case 79: return [enumerated(8)];
    case 112: return [enumerated(0)];
    case 121: return [text('Tandem virtual devices')];
    case 120: return [unsigned(0)];
    case 70: return [text('virtual')];
    case 44: case 12: return [text('1')];
    case 98: return [unsigned(1)];
    case 139: return [unsigned(14)];
    case 97: return [bits(41, [...services, ...facts.moduleServices.map((service) => [bitOf[service] ?? service, service] as const)].flatMap(([bit, service]) => (service !== undefined && facts.unknownServices.has(service) ? [] : [bit])))];
    case 96: return [bits(55, [8, ...facts.objects.map(({ type }) => type)])];
    case 62: return [unsigned(facts.maxApdu)];
    case 107: return [enumerated(facts.segmentation)];
    case 10: return facts.segmentation === NO_SEGMENTS ? undefined : [unsigned(2000)];
    case 167: return facts.segmentation === NO_SEGMENTS ? undefined : [unsigned(MOST_SEGMENTS)];
    case 152: return facts.covSubscriptions().map((value) => ({ tag: RAW, value }));
    case 11: return [unsigned(3000)];
    case 73: return [unsigned(3)];
    case 30: return [];
    case 155: return [unsigned(facts.databaseRevision)];
    default: return facts.time(property);
  }
}
