/** Schedules and calendars of a virtual device: what they say is commanded to their objects (12.9 and 12.24). */
import type { Timer } from '../../src/contract/index.js';
import type { DeviceModule, ListView, ModuleObject, ModuleWorld } from './modules.js';
import { faults, indexed, PropertyFault } from './objects.js';
import { hasEntry, valueAt } from './schedule-evaluation.js';
import { RAW, WireError, WireReader, WireWriter, type ObjectId, type WireValue } from './wire.js';

export interface ScheduleOptions {
  readonly instance: number;
  readonly name?: string;
  /** Objects whose present value it commands; without any it commands nothing. */
  readonly targets?: readonly ObjectId[];
  /** At which priority; 12 where not said. */
  readonly priority?: number;
}

const any = Buffer.from('a4ffffffffa4ffffffff', 'hex');
const empty = Buffer.from('0e0f', 'hex');
const LOOK_MS = 1_000;
const MOST_EXCEPTIONS = 255;
/** On no day that there is, no values, at the lowest priority. */
const NO_EXCEPTION = Buffer.from('0e0c00010101' + '0f2e2f3910', 'hex');

export class VirtualSchedule implements ModuleObject {
  readonly id: ObjectId;
  /** Seven days, Monday first, each as encoded. */
  weekly: Buffer[] = new Array<Buffer>(7).fill(empty);
  exceptions: Buffer[] = [];
  effectivePeriod: Buffer = any;
  standard: Buffer = Buffer.from('00', 'hex');
  writes = 0;
  private targets: readonly ObjectId[];
  private priority: number;
  private outOfService = false;
  private present: Buffer = this.standard;
  private told: Buffer | undefined;

  constructor(private readonly options: ScheduleOptions, private readonly world: ModuleWorld, private readonly isToday: (calendar: ObjectId) => boolean) {
    this.id = { type: 17, instance: options.instance };
    this.targets = options.targets ?? [];
    this.priority = options.priority ?? 12;
  }

  properties(): number[] {
    return [75, 77, 79, 85, 32, 123, 38, 174, 54, 88, 111, 103, 81];
  }

  /** Commands what is due now, where that is something else than before. */
  evaluate(): void {
    if (this.outOfService) return;
    const value = valueAt(this, this.world.localMs(), this.isToday);
    if (value === undefined) return; // outside its period it says nothing
    this.present = value;
    if (this.told?.equals(value) === true) return;
    this.told = Buffer.from(value);
    for (const target of this.targets) this.world.command(target, new WireReader(this.told).value(), this.priority);
  }

  read(property: number, index?: number): WireValue[] {
    const raw = (value: Buffer): WireValue => ({ tag: RAW, value });
    if (property === 123) return indexed(this.weekly.map(raw), index);
    if (property === 38) return indexed(this.exceptions.map(raw), index);
    const values = this.plain(property, raw);
    if (index !== undefined) throw faults.notAnArray();
    return values;
  }

  private plain(property: number, raw: (value: Buffer) => WireValue): WireValue[] {
    switch (property) {
      case 75: return [{ tag: 12, value: this.id }];
      case 77: return [{ tag: 7, value: this.options.name ?? `SCH-${this.id.instance}` }];
      case 79: return [{ tag: 9, value: 17 }];
      case 85: return [raw(this.present)];
      case 174: return [raw(this.standard)];
      case 32: return [raw(this.effectivePeriod)];
      case 54: return this.targets.map((target) => raw(reference(target)));
      case 88: return [{ tag: 2, value: this.priority }];
      case 111: return [{ tag: 8, value: [false, false, false, this.outOfService] }];
      case 103: return [{ tag: 9, value: 0 }];
      case 81: return [{ tag: 1, value: this.outOfService }];
      default: throw faults.unknownProperty();
    }
  }

  /** One of the two schedules has to be there, but not both (12.24). */
  optional(): readonly number[] {
    return [123, 38];
  }

  list(property: number): ListView | undefined {
    if (property !== 54) return undefined;
    return { elements: this.targets.map(reference), parse: (raw) => targetsOf(raw).map(reference) };
  }

  write(property: number, raw: Buffer, index?: number): void {
    if (index !== undefined && property !== 123 && property !== 38) throw faults.notAnArray();
    switch (property) {
      case 123:
        if (index === undefined) this.weekly = seven(split(raw, day));
        else this.weekly = replaced(this.weekly, index, split(raw, day));
        break;
      case 38:
        if (index === 0) this.exceptions = resized(this.exceptions, new WireReader(raw).value());
        else this.exceptions = index === undefined ? split(raw, exception) : replaced(this.exceptions, index, split(raw, exception));
        break;
      case 32: this.effectivePeriod = only(split(raw, range)); break;
      case 174:
        new WireReader(raw).value();
        this.standard = Buffer.from(raw);
        break;
      case 54: this.targets = targetsOf(raw); break;
      case 88: this.priority = priorityOf(new WireReader(raw).value()); break;
      case 81: {
        const { tag, value } = new WireReader(raw).value();
        if (tag !== 1) throw faults.invalidDataType();
        this.outOfService = value === true;
        break;
      }
      case 85:
        if (!this.outOfService) throw faults.writeAccessDenied();
        this.present = Buffer.from(raw);
        break;
      default: throw faults.writeAccessDenied();
    }
    this.writes++;
    this.evaluate();
  }
}

export class VirtualCalendar implements ModuleObject {
  readonly id: ObjectId;
  dateList: Buffer[] = [];

  constructor(instance: number, private readonly localMs: () => number, private readonly name = `CAL-${instance}`) {
    this.id = { type: 6, instance };
  }

  get isToday(): boolean {
    return this.dateList.some((each) => hasEntry(each, this.localMs()));
  }

  properties(): number[] {
    return [75, 77, 79, 85, 23];
  }

  read(property: number, index?: number): WireValue[] {
    const values = this.plain(property);
    if (index !== undefined) throw faults.notAnArray();
    return values;
  }

  private plain(property: number): WireValue[] {
    switch (property) {
      case 75: return [{ tag: 12, value: this.id }];
      case 77: return [{ tag: 7, value: this.name }];
      case 79: return [{ tag: 9, value: 6 }];
      case 85: return [{ tag: 1, value: this.isToday }];
      case 23: return this.dateList.map((value) => ({ tag: RAW, value }));
      default: throw faults.unknownProperty();
    }
  }

  optional(): readonly number[] {
    return [];
  }

  list(property: number): ListView | undefined {
    return property === 23 ? { elements: this.dateList, parse: (raw) => split(raw, entry) } : undefined;
  }

  write(property: number, raw: Buffer, index?: number): void {
    if (property !== 23) throw faults.writeAccessDenied();
    if (index !== undefined) throw faults.notAnArray();
    this.dateList = split(raw, entry);
  }
}

export class VirtualSchedules implements DeviceModule {
  readonly services = {};
  private readonly schedules: VirtualSchedule[] = [];
  private readonly calendars: VirtualCalendar[] = [];
  private looking: Timer | undefined;

  constructor(private readonly world: ModuleWorld) {}

  objects(): Iterable<ModuleObject> {
    return [...this.schedules, ...this.calendars];
  }

  addSchedule(options: ScheduleOptions): VirtualSchedule {
    const added = new VirtualSchedule(options, this.world, ({ instance }) => this.calendars.find(({ id }) => id.instance === instance)?.isToday === true);
    this.schedules.push(added);
    this.looking ??= this.world.timers.every(LOOK_MS, () => {
      for (const schedule of this.schedules) schedule.evaluate();
    });
    return added;
  }

  addCalendar(instance: number, name?: string): VirtualCalendar {
    const added = new VirtualCalendar(instance, this.world.localMs, name);
    this.calendars.push(added);
    return added;
  }

  close(): void {
    this.looking?.cancel();
  }
}

/** Element by element, each as it came; whatever has not the form of one throws WireError. */
function split(raw: Buffer, one: (reader: WireReader) => void): Buffer[] {
  const reader = new WireReader(raw);
  const elements: Buffer[] = [];
  while (reader.left > 0) {
    const from = raw.length - reader.left;
    one(reader);
    elements.push(Buffer.from(raw.subarray(from, raw.length - reader.left)));
  }
  return elements;
}

function day(reader: WireReader): void {
  timeValues(new WireReader(reader.enclosed(0)));
}

function exception(reader: WireReader): void {
  if (reader.isContext(1)) {
    if (reader.contextObject(1).type !== 6) throw new WireError('a reference to something that is no calendar');
  } else {
    const inner = new WireReader(reader.enclosed(0));
    entry(inner);
    inner.end();
  }
  timeValues(new WireReader(reader.enclosed(2)));
  const priority = reader.contextUnsigned(3);
  if (priority < 1 || priority > 16) throw faults.valueOutOfRange();
}

function entry(reader: WireReader): void {
  if (reader.isContext(0)) sized(reader.contextRaw(0), 4);
  else if (reader.isContext(2)) sized(reader.contextRaw(2), 3);
  else range(new WireReader(reader.enclosed(1)));
}

function range(reader: WireReader): void {
  for (const value of [reader.value(), reader.value()]) if (value.tag !== 10) throw new WireError('a date is due');
}

function timeValues(reader: WireReader): void {
  while (reader.left > 0) {
    if (reader.value().tag !== 11) throw new WireError('a time is due');
    reader.value();
  }
}

function sized(octets: Buffer, length: number): void {
  if (octets.length !== length) throw new WireError(`${length} octets are due`);
}

function only(elements: readonly Buffer[]): Buffer {
  const [first] = elements;
  if (first === undefined || elements.length !== 1) throw faults.invalidDataType();
  return first;
}

function replaced(elements: readonly Buffer[], index: number, by: readonly Buffer[]): Buffer[] {
  if (index < 1 || index > elements.length) throw faults.invalidIndex();
  return elements.map((element, at) => (at === index - 1 ? only(by) : element));
}

/** Writing element 0 of an array makes it longer or shorter (12.1.5.1); what is new says nothing at all. */
function resized(elements: readonly Buffer[], { tag, value }: WireValue): Buffer[] {
  if (tag !== 2) throw faults.invalidDataType();
  if (Number(value) > MOST_EXCEPTIONS) throw new PropertyFault(3, 20); // no space to write property
  return Array.from({ length: Number(value) }, (_, at) => elements[at] ?? NO_EXCEPTION);
}

/** BACnetDeviceObjectPropertyReference of a present value. */
function reference(target: ObjectId): Buffer {
  return new WireWriter().contextObject(0, target).contextUnsigned(1, 85).done();
}

/** Objects of this device whose present value is meant; no others can be commanded here. */
function targetsOf(raw: Buffer): ObjectId[] {
  const reader = new WireReader(raw);
  const targets: ObjectId[] = [];
  while (reader.left > 0) {
    targets.push(reader.contextObject(0));
    if (reader.contextUnsigned(1) !== 85 || reader.isContext(2) || reader.isContext(3)) throw faults.optionalFunctionality();
  }
  return targets;
}

function priorityOf({ tag, value }: WireValue): number {
  if (tag !== 2) throw faults.invalidDataType();
  if (Number(value) < 1 || Number(value) > 16) throw faults.valueOutOfRange();
  return Number(value);
}

function seven(days: Buffer[]): Buffer[] {
  if (days.length !== 7) throw faults.valueOutOfRange();
  return days;
}
