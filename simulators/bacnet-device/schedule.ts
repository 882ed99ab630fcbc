/** Schedules and calendars of a virtual device: kept and checked for form; they command nothing (12.9 and 12.24). */
import type { DeviceModule, ModuleObject } from './modules.js';
import { faults, indexed } from './objects.js';
import { RAW, WireError, WireReader, type ObjectId, type WireValue } from './wire.js';

const any = Buffer.from('a4ffffffffa4ffffffff', 'hex');
const empty = Buffer.from('0e0f', 'hex');

export class VirtualSchedule implements ModuleObject {
  readonly id: ObjectId;
  /** Seven days, Monday first, each as encoded. */
  weekly: Buffer[] = new Array<Buffer>(7).fill(empty);
  exceptions: Buffer[] = [];
  effectivePeriod: Buffer = any;
  standard: Buffer = Buffer.from('00', 'hex');
  writes = 0;

  constructor(instance: number) {
    this.id = { type: 17, instance };
  }

  properties(): number[] {
    return [75, 77, 79, 85, 32, 123, 38, 174, 54, 88, 111, 103, 81];
  }

  read(property: number, index?: number): WireValue[] {
    const raw = (value: Buffer): WireValue => ({ tag: RAW, value });
    switch (property) {
      case 75: return [{ tag: 12, value: this.id }];
      case 77: return [{ tag: 7, value: `SCH-${this.id.instance}` }];
      case 79: return [{ tag: 9, value: 17 }];
      case 85: case 174: return [raw(this.standard)];
      case 32: return [raw(this.effectivePeriod)];
      case 123: return indexed(this.weekly.map(raw), index);
      case 38: return indexed(this.exceptions.map(raw), index);
      case 54: return [raw(Buffer.from('0c008000011955', 'hex'))]; // AV:1 present-value
      case 88: return [{ tag: 2, value: 12 }];
      case 111: return [{ tag: 8, value: [false, false, false, false] }];
      case 103: return [{ tag: 9, value: 0 }];
      case 81: return [{ tag: 1, value: false }];
      default: throw faults.unknownProperty();
    }
  }

  write(property: number, raw: Buffer, _elements: boolean, index?: number): void {
    switch (property) {
      case 123:
        if (index === undefined) this.weekly = seven(split(raw, day));
        else this.weekly[index - 1] = split(raw, day)[0] ?? empty;
        break;
      case 38: this.exceptions = split(raw, exception); break;
      case 32: this.effectivePeriod = split(raw, range)[0] ?? any; break;
      case 174: this.standard = Buffer.from(raw); break;
      default: throw faults.writeAccessDenied();
    }
    this.writes++;
  }
}

export class VirtualCalendar implements ModuleObject {
  readonly id: ObjectId;
  dateList: Buffer[] = [];

  constructor(instance: number) {
    this.id = { type: 6, instance };
  }

  properties(): number[] {
    return [75, 77, 79, 85, 23];
  }

  read(property: number): WireValue[] {
    switch (property) {
      case 75: return [{ tag: 12, value: this.id }];
      case 77: return [{ tag: 7, value: `CAL-${this.id.instance}` }];
      case 79: return [{ tag: 9, value: 6 }];
      case 85: return [{ tag: 1, value: false }];
      case 23: return this.dateList.map((value) => ({ tag: RAW, value }));
      default: throw faults.unknownProperty();
    }
  }

  write(property: number, raw: Buffer): void {
    if (property !== 23) throw faults.writeAccessDenied();
    this.dateList = split(raw, entry);
  }
}

export class VirtualSchedules implements DeviceModule {
  readonly services = {};
  private readonly known: ModuleObject[] = [];

  objects(): Iterable<ModuleObject> {
    return this.known;
  }

  addSchedule(instance: number): VirtualSchedule {
    const added = new VirtualSchedule(instance);
    this.known.push(added);
    return added;
  }

  addCalendar(instance: number): VirtualCalendar {
    const added = new VirtualCalendar(instance);
    this.known.push(added);
    return added;
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

function seven(days: Buffer[]): Buffer[] {
  if (days.length !== 7) throw faults.valueOutOfRange();
  return days;
}
