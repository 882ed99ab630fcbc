/**
 * Finds devices by Who-Is and reads what configuration needs of them: objects, names, units, state texts.
 * A device that refuses something is still reported, with what it did tell.
 */
import { isTandemError, messageOf, type DriverHost } from '../../src/contract/index.js';
import { ConfirmedService } from './apdu.js';
import { Counters } from './counters.js';
import { peerKey, type Peer } from './npdu.js';
import { objectKindOf, Property } from './object-types.js';
import { refusalOf } from './refusal.js';
import { decodeReadPropertyAck, decodeReadPropertyMultipleAck, encodeReadProperty, encodeReadPropertyMultiple, type IAm } from './services.js';
import type { Plug } from './plug.js';
import { sharedTransport, type Transport } from './transport.js';
import type { BacnetValue, ObjectId } from './values.js';

export interface DiscoverOptions {
  /** Ranges of device instances, asked one after the other: a large site does not answer all at once. */
  readonly ranges?: readonly (readonly [low: number, high: number])[];
  /** How long I-Ams are awaited after each Who-Is, which is sent twice. */
  readonly waitMs?: number;
  readonly timeoutMs?: number;
  readonly retries?: number;
  /** Told how many devices have answered one Who-Is, before they are read. */
  readonly onAnswers?: (count: number) => void;
}

export interface FoundObject {
  readonly object: ObjectId;
  readonly name: string;
  readonly description?: string;
  /** BACnetEngineeringUnits. */
  readonly units?: number;
  /** By index of the point's value: of state 1 first, inactive before active. */
  readonly states?: readonly string[];
  /** Has a priority array. */
  readonly commandable: boolean;
}

export interface KnownDevice {
  readonly instance: number;
  /** Absent where it is known from a file only. */
  readonly peer?: Peer;
  readonly name: string;
  readonly vendor?: string;
  readonly model?: string;
  /** Those that can be points, in the device's order. */
  readonly objects: readonly FoundObject[];
  /** What a person should look at: another device with this instance, an object list that was not told … */
  readonly problems: readonly string[];
}

export interface FoundDevice extends KnownDevice {
  readonly peer: Peer;
}

const DEVICE = 8;
const EVERYTHING = [[0, 4_194_302]] as const;

export async function* discover(host: DriverHost, plug: Plug, options: DiscoverOptions = {}): AsyncGenerator<FoundDevice> {
  const transport = sharedTransport(host, plug);
  await transport.open();
  const seen = new Set<number>();
  for (const [low, high] of options.ranges ?? EVERYTHING) {
    const answering = await roundCall(host, transport, low, high, options.waitMs ?? 3_000);
    options.onAnswers?.(answering.size);
    for (const [instance, answers] of answering) {
      const [first, ...others] = answers.values();
      if (first === undefined || seen.has(instance)) continue;
      seen.add(instance);
      const clashes = others.map(({ peer }) => `${peerKey(peer)} answers for instance ${instance} too`);
      const found = await new Inspection(transport, first.peer, first.iAm, options).read();
      yield { ...found, problems: [...clashes, ...found.problems] };
    }
  }
}

/** Everybody who answers for an instance from `low` to `high`, by instance and address. */
async function roundCall(host: DriverHost, transport: Transport, low: number, high: number, waitMs: number): Promise<Map<number, Map<string, { iAm: IAm; peer: Peer }>>> {
  const found = new Map<number, Map<string, { iAm: IAm; peer: Peer }>>();
  const stop = transport.hearIAms((iAm, peer) => {
    if (iAm.device < low || iAm.device > high) return;
    const answers = found.get(iAm.device) ?? new Map<string, { iAm: IAm; peer: Peer }>();
    found.set(iAm.device, answers.set(peerKey(peer), { iAm, peer }));
  });
  try {
    for (let call = 0; call < 2; call++) {
      transport.whoIs(low, high);
      await new Promise<void>((resolve) => void host.timers.after(waitMs, resolve));
    }
  } finally {
    stop();
  }
  return new Map([...found].sort(([a], [b]) => a - b));
}

/** Reads one device. */
class Inspection {
  private readonly problems: string[] = [];
  private multiple = true;

  constructor(private readonly transport: Transport, private readonly peer: Peer, private readonly iAm: IAm, private readonly options: DiscoverOptions) {}

  async read(): Promise<FoundDevice> {
    const self = { type: DEVICE, instance: this.iAm.device };
    const objects: FoundObject[] = [];
    let told = new Map<number, readonly BacnetValue[]>();
    try {
      told = await this.properties(self, [Property.objectName, Property.vendorName, Property.modelName]);
      for (const object of await this.objectList(self)) {
        if (objectKindOf(object.type) !== undefined) objects.push(await this.object(object));
      }
    } catch (error) {
      this.problems.push(messageOf(error)); // it stopped answering
    }
    const [name, vendor, model] = [textOf(told.get(Property.objectName)), textOf(told.get(Property.vendorName)), textOf(told.get(Property.modelName))];
    return { instance: self.instance, peer: this.peer, name: name ?? `device-${self.instance}`, objects, problems: this.problems, ...(vendor !== undefined && { vendor }), ...(model !== undefined && { model }) };
  }

  /** At once where the device can, in segments if need be; else index by index (12.1.5). */
  private async objectList(self: ObjectId): Promise<ObjectId[]> {
    const reference = { object: self, property: Property.objectList };
    const whole = await this.property(self, Property.objectList);
    if (whole !== undefined) return whole.flatMap((value) => (value.type === 'object' ? [value.value] : []));
    const [count] = (await this.property(self, Property.objectList, 0)) ?? [];
    if (count?.type !== 'unsigned') {
      this.problems.push('it does not tell its object list');
      return [];
    }
    const list: ObjectId[] = [];
    for (let index = 1; index <= count.value; index++) {
      const [value] = (await this.property(self, reference.property, index)) ?? [];
      if (value?.type === 'object') list.push(value.value);
      else this.problems.push(`it does not tell entry ${index} of its object list`);
    }
    return list;
  }

  private async object(object: ObjectId): Promise<FoundObject> {
    const kind = objectKindOf(object.type);
    const labels = kind?.encoding === 'state' ? [Property.stateText] : kind?.encoding === 'binary' ? [Property.inactiveText, Property.activeText] : [Property.units];
    const told = await this.properties(object, [Property.objectName, Property.description, ...labels]);
    const [units] = told.get(Property.units) ?? [];
    const states = labels.flatMap((label) => (label === Property.units ? [] : told.get(label) ?? [])).flatMap((value) => (value.type === 'text' ? [value.value] : []));
    const description = textOf(told.get(Property.description));
    const commandable = kind?.commandable === 'always' || (kind?.commandable === 'maybe' && (await this.property(object, Property.priorityArray, 0)) !== undefined);
    return {
      object, commandable, name: textOf(told.get(Property.objectName)) ?? `${kind?.short ?? String(object.type)}:${object.instance}`,
      ...(description !== undefined && description !== '' && { description }),
      ...(units?.type === 'enumerated' && { units: units.value }),
      ...(states.length > 1 && { states }),
    };
  }

  private async properties(object: ObjectId, wanted: readonly number[]): Promise<Map<number, readonly BacnetValue[]>> {
    const asked = [{ object, properties: wanted.map((property) => ({ property })) }];
    if (this.multiple) {
      try {
        const results = decodeReadPropertyMultipleAck(await this.ask(ConfirmedService.readPropertyMultiple, encodeReadPropertyMultiple(asked)), asked);
        return new Map(results.flatMap(({ property, values }) => (values === undefined ? [] : [[property, values] as const])));
      } catch (error) {
        const refusal = mayRefuse(error);
        this.multiple = refusal === 'abort'; // too much at once; else it does not know the service
      }
    }
    const told = new Map<number, readonly BacnetValue[]>();
    for (const property of wanted) {
      const values = await this.property(object, property);
      if (values !== undefined) told.set(property, values);
    }
    return told;
  }

  /** Undefined where the device refuses, or answers nonsense. */
  private async property(object: ObjectId, property: number, index?: number): Promise<readonly BacnetValue[] | undefined> {
    const reference = { object, property, ...(index !== undefined && { index }) };
    try {
      return decodeReadPropertyAck(await this.ask(ConfirmedService.readProperty, encodeReadProperty(reference)), reference);
    } catch (error) {
      mayRefuse(error);
      return undefined;
    }
  }

  private ask(service: number, body: Uint8Array): Promise<Uint8Array> {
    const { timeoutMs = 3_000, retries = 3 } = this.options;
    return this.transport.transactions.request(this.peer, service, body, { timeoutMs, retries, maxInFlight: 1, owner: this, counters: new Counters() });
  }
}

/** What kind of refusal it is; throws what is none, because then the device is gone. */
function mayRefuse(error: unknown): string {
  const refusal = refusalOf(error);
  if (refusal === undefined && !isTandemError(error, 'FIELD_MALFORMED')) throw error;
  return refusal?.kind ?? 'malformed';
}

function textOf(values: readonly BacnetValue[] | undefined): string | undefined {
  const [value] = values ?? [];
  return value?.type === 'text' ? value.value : undefined;
}
