/** The objects of a virtual device, with its device object: what is read, written and listed of them (clauses 12 and 15). */
import { deviceProperties, optionalOfDevice, readDevice, type DeviceFacts } from './device-object.js';
import type { DeviceModule, ListView, ModuleObject } from './modules.js';
import { faults, indexed, objectTypes, PropertyFault, VirtualObject, type ObjectOptions, type ObjectTypeName } from './objects.js';
import { singleValue, type WriteSpec } from './services.js';
import type { ObjectId, WireValue } from './wire.js';

const DEVICE = 8;
/** "Whichever device this is" (12.11.1). */
const WILDCARD = 4_194_303;
const ALL = 8;
const OPTIONAL = 80;
const PROPERTY_LIST = 371;
/** Not in the list of properties (12.1.1.4.1). */
const unlisted: readonly number[] = [75, 77, 79, PROPERTY_LIST];

export interface ObjectTableOptions {
  readonly instance: number;
  readonly modules: () => readonly DeviceModule[];
  readonly facts: () => DeviceFacts;
  /** What a client has written to an object with a present value. */
  readonly written: (object: VirtualObject, what: WriteSpec, value: WireValue, remote: string) => void;
}

export class ObjectTable {
  private readonly objects = new Map<string, VirtualObject>();

  constructor(private readonly options: ObjectTableOptions) {}

  add(options: ObjectOptions): VirtualObject {
    const object = new VirtualObject(options);
    this.objects.set(keyOf(object.id), object);
    return object;
  }

  /** Those with a present value. */
  values(): Iterable<VirtualObject> {
    return this.objects.values();
  }

  /** In the order of Object_List, without the device object. */
  ids(): ObjectId[] {
    return [...this.objects.values(), ...this.moduleObjects()].map(({ id }) => id);
  }

  /** `text` as `AI:1`; throws Error for what nobody added. */
  named(text: string): VirtualObject {
    const [type, instance = ''] = text.split(':');
    const found = this.objects.get(`${objectTypes[type as ObjectTypeName]}:${instance}`);
    if (found === undefined) throw new Error(`virtual device ${this.options.instance} has no ${text}`);
    return found;
  }

  /** Throws PropertyFault, as everything below. */
  find(object: ObjectId): VirtualObject {
    const found = this.objects.get(keyOf(object));
    if (found === undefined) throw faults.unknownObject();
    return found;
  }

  /** As {@link find}; an object that has no COV says so. */
  findForCov(object: ObjectId): VirtualObject {
    if (this.isSelf(object) || this.moduleObject(object) !== undefined) throw faults.notCov();
    return this.find(object);
  }

  /** The instance that stands for whichever device this is, is answered with the device's own. */
  answeredAs(object: ObjectId): ObjectId {
    return this.isSelf(object) ? { type: DEVICE, instance: this.options.instance } : object;
  }

  read(object: ObjectId, property: number, index?: number): WireValue[] {
    if (property === PROPERTY_LIST) return indexed(this.propertiesOf(object).filter((each) => !unlisted.includes(each)).map((value) => ({ tag: 9, value })), index);
    return this.isSelf(object) ? readDevice(this.options.facts(), property, index) : this.any(object).read(property, index);
  }

  /** What ALL (8), REQUIRED (105) and OPTIONAL (80) stand for; the list of properties is none of them (15.7.3.1.2). */
  meant(object: ObjectId, which: number): number[] {
    const all = this.propertiesOf(object);
    const optional = this.isSelf(object) ? optionalOfDevice : this.any(object).optional();
    return which === ALL ? all : all.filter((property) => optional.includes(property) === (which === OPTIONAL));
  }

  /** `remote` is the address of who writes. */
  write(what: WriteSpec, remote: string): void {
    const { object, property, index, raw, priority } = what;
    if (this.isSelf(object)) throw this.isKnown(object, property) ? faults.writeAccessDenied() : faults.unknownProperty();
    const ofModule = this.moduleObject(object);
    if (ofModule !== undefined) {
      if (!this.isKnown(object, property)) throw faults.unknownProperty();
      ofModule.write(property, raw, index);
      return;
    }
    const target = this.find(object);
    const value = singleValue(raw);
    target.write(property, index, value, priority);
    this.options.written(target, what, value, remote);
  }

  /** Those before the first that fails stay written (15.10.2). */
  writeAll(writes: readonly WriteSpec[], remote: string): void {
    for (const write of writes) {
      try {
        this.write(write, remote);
      } catch (error) {
        if (error instanceof PropertyFault) error.attempt = write;
        throw error;
      }
    }
  }

  list(object: ObjectId, property: number): ListView & { replace(elements: readonly Buffer[]): void } {
    const ofModule = this.moduleObject(object);
    const own = this.isSelf(object) ? this.options.facts().list(property) : undefined;
    const view = own === undefined ? ofModule?.list(property) : { elements: own, parse: denied };
    if (view === undefined) throw this.isKnown(object, property) ? faults.notAList() : faults.unknownProperty();
    return { ...view, replace: (elements) => (ofModule === undefined ? denied() : ofModule.write(property, Buffer.concat(elements))) };
  }

  isSelf({ type, instance }: ObjectId): boolean {
    return type === DEVICE && (instance === this.options.instance || instance === WILDCARD);
  }

  private any(object: ObjectId): VirtualObject | ModuleObject {
    return this.moduleObject(object) ?? this.find(object);
  }

  private propertiesOf(object: ObjectId): number[] {
    return this.isSelf(object) ? deviceProperties(this.options.facts()) : this.any(object).properties();
  }

  private isKnown(object: ObjectId, property: number): boolean {
    return property === PROPERTY_LIST || this.propertiesOf(object).includes(property);
  }

  private moduleObjects(): ModuleObject[] {
    return this.options.modules().flatMap((module) => [...module.objects()]);
  }

  private moduleObject({ type, instance }: ObjectId): ModuleObject | undefined {
    return this.moduleObjects().find(({ id }) => id.type === type && id.instance === instance);
  }
}

function denied(): never {
  throw faults.writeAccessDenied();
}

function keyOf({ type, instance }: ObjectId): string {
  return `${type}:${instance}`;
}
