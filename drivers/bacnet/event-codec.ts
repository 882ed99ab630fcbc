/** Event services: notifications, acknowledgement, summary (ANSI/ASHRAE 135 clauses 13.8, 13.9, 13.5 and 13.12). */
import { Asn1Reader, Asn1Writer, malformed } from './asn1.js';
import { readTimeStamp, writeTimeStamp, type TimeStamp } from './date-time.js';
import { eventStateName, eventTypeName } from './event-names.js';
import { decodeParameters } from './event-parameters.js';
import type { ObjectId } from './values.js';

export const NotifyType = { alarm: 0, event: 1, ackNotification: 2 } as const;

export interface EventNotification {
  readonly processId: number;
  readonly device: number;
  readonly object: ObjectId;
  readonly stamp: TimeStamp;
  readonly notificationClass: number;
  /** 0 (most urgent) … 255. */
  readonly priority: number;
  readonly eventType: number;
  readonly message?: string;
  readonly notifyType: number;
  /** Absent in an ack notification. */
  readonly ackRequired?: boolean;
  readonly fromState?: number;
  readonly toState: number;
  /** What the type of event says besides; raw where it is unknown or malformed, for it must not be lost. */
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
}

/** Notifications 13.8 and 13.9, which are alike. Throws FIELD_MALFORMED. */
export function decodeEventNotification(body: Uint8Array): EventNotification {
  const reader = new Asn1Reader(body);
  const processId = unsigned(reader, 0);
  const device = reader.objectId(reader.context(1));
  if (device.type !== 8) throw malformed('an event of something that is no device');
  const object = reader.objectId(reader.context(2));
  reader.context(3, 'opening');
  const stamp = readTimeStamp(reader);
  reader.context(3, 'closing');
  const notificationClass = unsigned(reader, 4);
  const priority = unsigned(reader, 5);
  const eventType = unsigned(reader, 6);
  const message = reader.isContext(7) ? reader.characters(reader.context(7)) : undefined;
  const notifyType = unsigned(reader, 8);
  if (notifyType > NotifyType.ackNotification) throw malformed(`notify type ${notifyType}, which is reserved`);
  const ackRequired = reader.isContext(9) ? unsigned(reader, 9) === 1 : undefined;
  const fromState = reader.isContext(10) ? unsigned(reader, 10) : undefined;
  const toState = unsigned(reader, 11);
  const parameters = reader.isContext(12, 'opening') ? decodeParameters(reader) : {};
  if (!reader.done) throw malformed('octets after its end');
  return {
    processId, device: device.instance, object, stamp, notificationClass, priority, eventType, notifyType, toState, parameters,
    ...(message !== undefined && { message }), ...(ackRequired !== undefined && { ackRequired }), ...(fromState !== undefined && { fromState }),
  };
}

export interface Acknowledgement {
  readonly processId: number;
  readonly object: ObjectId;
  readonly state: number;
  /** Exactly that of the transition. */
  readonly stamp: TimeStamp;
  readonly by: string;
  readonly at: TimeStamp;
}

/** 13.5 */
export function encodeAcknowledgeAlarm({ processId, object, state, stamp, by, at }: Acknowledgement): Uint8Array {
  const text = new TextEncoder().encode(by);
  const writer = new Asn1Writer().contextUnsigned(0, processId).contextObjectId(1, object).contextUnsigned(2, state).opening(3);
  writeTimeStamp(writer, stamp);
  writer.closing(3).tag(4, true, text.length + 1).octet(0).octets(text).opening(5);
  writeTimeStamp(writer, at);
  return writer.closing(5).take();
}

/** 13.12; `last` is the last object of the answer before, where it said that there are more. */
export function encodeGetEventInformation(last?: ObjectId): Uint8Array {
  return last === undefined ? new Uint8Array() : new Asn1Writer().contextObjectId(0, last).take();
}

export interface EventSummary {
  readonly object: ObjectId;
  readonly state: number;
  /** To-offnormal, to-fault, to-normal, here and below. */
  readonly acknowledged: readonly boolean[];
  readonly stamps: readonly TimeStamp[];
  readonly notifyType: number;
  readonly enabled: readonly boolean[];
  readonly priorities: readonly number[];
}

/** 13.12. Throws FIELD_MALFORMED. */
export function decodeEventInformation(body: Uint8Array): { readonly summaries: readonly EventSummary[]; readonly moreEvents: boolean } {
  const reader = new Asn1Reader(body);
  const summaries: EventSummary[] = [];
  reader.context(0, 'opening');
  while (!reader.isContext(0, 'closing')) {
    const object = reader.objectId(reader.context(0));
    const state = unsigned(reader, 1);
    const acknowledged = three(reader.bits(reader.context(2)));
    reader.context(3, 'opening');
    const stamps = [readTimeStamp(reader), readTimeStamp(reader), readTimeStamp(reader)];
    reader.context(3, 'closing');
    const notifyType = unsigned(reader, 4);
    const enabled = three(reader.bits(reader.context(5)));
    reader.context(6, 'opening');
    const priorities = [priority(reader), priority(reader), priority(reader)];
    reader.context(6, 'closing');
    summaries.push({ object, state, acknowledged, stamps, notifyType, enabled, priorities });
  }
  reader.context(0, 'closing');
  const moreEvents = unsigned(reader, 1) === 1;
  if (!reader.done) throw malformed('octets after its end');
  return { summaries, moreEvents };
}

/** For people: type, states and what the type says besides. */
export function detailsOf(notification: EventNotification): Record<string, string | number | boolean> {
  const { eventType, fromState, notificationClass, priority: of, processId, parameters, notifyType } = notification;
  return {
    eventType: eventTypeName(eventType), notificationClass, priority: of, processId,
    ...(notifyType === NotifyType.event && { notifyType: 'event' }),
    ...(fromState !== undefined && { fromState: eventStateName(fromState) }),
    ...parameters,
  };
}

function unsigned(reader: Asn1Reader, tag: number): number {
  return reader.unsigned(reader.context(tag));
}

function priority(reader: Asn1Reader): number {
  const tag = reader.tag();
  if (tag.context || tag.number !== 2 || tag.form !== 'primitive') throw malformed('a priority that is no unsigned number');
  return reader.unsigned(tag.length);
}

function three(bits: readonly boolean[]): readonly boolean[] {
  if (bits.length !== 3) throw malformed('transitions that are not three');
  return bits;
}
