/** Schedules and calendars that a device runs itself (ANSI/ASHRAE 135 clauses 12.9 and 12.24), read and written whole. */
import { TandemError, type DeviceCalendar, type DeviceSchedule, type DeviceScheduleEdit, type DeviceSchedules } from '../../src/contract/index.js';
import { ConfirmedService } from './apdu.js';
import { Asn1Reader, Asn1Writer } from './asn1.js';
import type { Contact } from './contact.js';
import { objectOf, objectText } from './object-names.js';
import { changeList, joined, readElements, writeArray, writeBody } from './property-parts.js';
import { readRaw } from './raw-property.js';
import { ErrorCode, refusalOf } from './refusal.js';
import { bacnetValueOf, readCalendarEntry, readDay, readException, readRange, scheduleValueOf, writeCalendarEntry, writeDay, writeException, writeRange } from './schedule-codec.js';
import { readValue, writeValue, type BacnetValue, type ObjectId } from './values.js';

const SCHEDULE = 17;
const CALENDAR = 6;
const DEVICE = 8;
const P = { dateList: 23, effectivePeriod: 32, exceptionSchedule: 38, references: 54, objectList: 76, name: 77, outOfService: 81, presentValue: 85, priorityForWriting: 88, weeklySchedule: 123, scheduleDefault: 174 } as const;

type Options = Parameters<DeviceSchedules['write']>[2];

export class ScheduleClient implements DeviceSchedules {
  constructor(private readonly contact: Contact, private readonly instance: number) {}

  async list(): Promise<readonly string[]> {
    const objects = await this.array({ type: DEVICE, instance: this.instance }, P.objectList, readValue);
    return (objects ?? []).flatMap((value) => (value.type === 'object' && (value.value.type === SCHEDULE || value.value.type === CALENDAR) ? [objectText(value.value)] : []));
  }

  async read(text: string): Promise<DeviceSchedule | DeviceCalendar> {
    const object = idOf(text);
    const single = async (property: number): Promise<BacnetValue | undefined> => this.optional(object, property, readValue);
    const name = await single(P.name);
    if (name === undefined) throw new TandemError('SCHEDULE_UNKNOWN', `the device has no ${text}`);
    const named = { object: objectText(object), ...(name.type === 'text' && { name: name.value }) };
    const present = await single(P.presentValue);
    if (object.type === CALENDAR) {
      const dateList = (await this.array(object, P.dateList, readCalendarEntry)) ?? [];
      return { kind: 'calendar', ...named, dateList, ...(present?.type === 'boolean' && { presentValue: present.value }) };
    }
    const effectivePeriod = await this.optional(object, P.effectivePeriod, readRange);
    const standard = await single(P.scheduleDefault);
    const [weekly, exceptions] = [await this.array(object, P.weeklySchedule, readDay), await this.array(object, P.exceptionSchedule, readException)];
    const priority = await single(P.priorityForWriting);
    const outOfService = await single(P.outOfService);
    const any = { year: null, month: null, day: null, weekday: null };
    return {
      kind: 'schedule', ...named,
      effectivePeriod: effectivePeriod ?? { from: any, to: any },
      default: standard === undefined ? null : scheduleValueOf(standard),
      targets: (await this.array(object, P.references, readReference)) ?? [],
      ...(present !== undefined && { presentValue: scheduleValueOf(present) }), ...(weekly && { weekly }), ...(exceptions && { exceptions }),
      ...(priority?.type === 'unsigned' && { priorityForWriting: priority.value }), ...(outOfService?.type === 'boolean' && { outOfService: outOfService.value }),
    };
  }

  async write(text: string, edit: DeviceScheduleEdit, options: Options): Promise<void> {
    const object = idOf(text);
    // Everything is encoded before the first octet leaves: what is wrong is refused whole.
    const encoded = encodeEdit(object.type === CALENDAR ? 'calendar' : 'schedule', edit);
    if (encoded.length === 0) throw new TandemError('VALUE_INVALID', `there is nothing in it that ${text} has`);
    for (const [property, elements] of encoded) await this.put(object, property, elements, options);
  }

  private async put(object: ObjectId, property: number, elements: readonly Uint8Array[], { timeoutMs, permit }: Options): Promise<void> {
    const limits = { urgent: true, permit, totalMs: timeoutMs };
    const whole = joined(elements);
    try {
      await this.contact.request(ConfirmedService.writeProperty, writeBody(object, property, undefined, whole), limits);
    } catch (error) {
      if (refusalOf(error)?.kind !== 'abort') throw error;
      // Too long for a device without segments.
      if (property === P.weeklySchedule || property === P.exceptionSchedule) await writeArray(this.contact, object, property, elements, limits);
      else if (property === P.dateList) await changeList(this.contact, object, property, elements, splitDates, limits);
      else throw error;
    }
    const found = await this.rawElements(object, property);
    const isThere = found !== undefined && (property === P.dateList ? sameDates(found, elements) : Buffer.compare(found, whole) === 0);
    if (!isThere) throw new TandemError('FIELD_NOT_VERIFIED', `${objectText(object)} took the write, but reads otherwise`);
  }

  /** Undefined where the object has no such property. */
  private async optional<T>(object: ObjectId, property: number, read: (reader: Asn1Reader) => T): Promise<T | undefined> {
    try {
      return read(new Asn1Reader(await readRaw(this.contact, { object, property })));
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  private async array<T>(object: ObjectId, property: number, read: (reader: Asn1Reader) => T): Promise<T[] | undefined> {
    const raw = await this.rawElements(object, property);
    if (raw === undefined) return undefined;
    const reader = new Asn1Reader(raw);
    const elements: T[] = [];
    while (!reader.done) elements.push(read(reader));
    return elements;
  }

  /** Undefined where the object has no such property. */
  private async rawElements(object: ObjectId, property: number): Promise<Uint8Array | undefined> {
    try {
      return await readElements(this.contact, object, property);
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }
}

/** Properties that an edit names, each as its encoded elements. Throws VALUE_INVALID. */
export function encodeEdit(of: 'schedule' | 'calendar', edit: DeviceScheduleEdit): [property: number, elements: Uint8Array[]][] {
  return of === 'calendar' ? encodeCalendar(edit) : encodeSchedule(edit);
}

function encodeSchedule({ effectivePeriod, weekly, exceptions, default: standard }: DeviceScheduleEdit): [number, Uint8Array[]][] {
  const edits: [number, Uint8Array[]][] = [];
  if (weekly !== undefined) {
    if (weekly.length !== 7) throw new TandemError('VALUE_INVALID', `a week has 7 days, Monday first, not ${weekly.length}`);
    edits.push([P.weeklySchedule, weekly.map((day) => bytesOf((writer) => writeDay(writer, day)))]);
  }
  if (exceptions !== undefined) edits.push([P.exceptionSchedule, exceptions.map((exception) => bytesOf((writer) => writeException(writer, exception)))]);
  if (standard !== undefined) edits.push([P.scheduleDefault, [bytesOf((writer) => writeValue(writer, bacnetValueOf(standard)))]]);
  if (effectivePeriod !== undefined) edits.push([P.effectivePeriod, [bytesOf((writer) => writeRange(writer, effectivePeriod))]]);
  return edits;
}

function encodeCalendar({ dateList }: DeviceScheduleEdit): [number, Uint8Array[]][] {
  return dateList === undefined ? [] : [[P.dateList, dateList.map((entry) => bytesOf((writer) => writeCalendarEntry(writer, entry)))]];
}

function splitDates(raw: Uint8Array): Uint8Array[] {
  const reader = new Asn1Reader(raw);
  const elements: Uint8Array[] = [];
  while (!reader.done) {
    const from = reader.position;
    readCalendarEntry(reader);
    elements.push(reader.since(from));
  }
  return elements;
}

/** A list has no order (12.1.5.2): a device may sort it, and drop what is there twice. */
function sameDates(found: Uint8Array, elements: readonly Uint8Array[]): boolean {
  const keys = (of: readonly Uint8Array[]): string => [...new Set(of.map((element) => Buffer.from(element).toString('hex')))].sort().join();
  return keys(splitDates(found)) === keys(elements);
}

/** BACnetDeviceObjectPropertyReference, as people write it. */
function readReference(reader: Asn1Reader): string {
  const object = objectText(reader.objectId(reader.context(0)));
  const property = reader.unsigned(reader.context(1));
  const index = reader.isContext(2) ? `[${reader.unsigned(reader.context(2))}]` : '';
  const device = reader.isContext(3) ? ` of device ${reader.objectId(reader.context(3)).instance}` : '';
  return `${object}${property === P.presentValue && index === '' ? '' : ` property ${property}${index}`}${device}`;
}

function idOf(text: string): ObjectId {
  const object = objectOf(text);
  if (object?.type !== SCHEDULE && object?.type !== CALENDAR) throw new TandemError('SCHEDULE_UNKNOWN', `"${text}" is neither a schedule nor a calendar: write SCH:1 or CAL:1`);
  return object;
}

function isAbsent(error: unknown): boolean {
  const refusal = refusalOf(error);
  return refusal?.kind === 'error' && (refusal.errorCode === ErrorCode.unknownProperty || refusal.errorCode === ErrorCode.unknownObject);
}

function bytesOf(write: (writer: Asn1Writer) => void): Uint8Array {
  const writer = new Asn1Writer();
  write(writer);
  return writer.take();
}
