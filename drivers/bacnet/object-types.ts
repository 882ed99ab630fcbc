/**
 * Object types and properties that a point may name, and how their values are encoded
 * (ANSI/ASHRAE 135 clauses 12 and 21). Numbers and long names come from the library's enumerations.
 */
import { ObjectType, PropertyIdentifier } from '@bacnet-js/client/dist/lib/enum.js';
import type { ValueKind } from '../../src/contract/index.js';

/** `state` is a multi-state value, UNSIGNED and counted from 1 on the wire; `binary` is ENUMERATED. */
export type Encoding = 'real' | 'double' | 'signed' | 'unsigned' | 'enumerated' | 'binary' | 'state' | 'boolean' | 'text';

export interface ObjectKind {
  readonly type: number;
  readonly short: string;
  readonly encoding: Encoding;
  /** Has a priority array: always, never, or as the device likes. */
  readonly commandable: 'always' | 'maybe' | 'never';
}

const kind = (type: number, short: string, encoding: Encoding, commandable: ObjectKind['commandable']): ObjectKind => ({ type, short, encoding, commandable });

const objectKinds: readonly ObjectKind[] = [
  kind(ObjectType.ANALOG_INPUT, 'AI', 'real', 'never'),
  kind(ObjectType.ANALOG_OUTPUT, 'AO', 'real', 'always'),
  kind(ObjectType.ANALOG_VALUE, 'AV', 'real', 'maybe'),
  kind(ObjectType.BINARY_INPUT, 'BI', 'binary', 'never'),
  kind(ObjectType.BINARY_OUTPUT, 'BO', 'binary', 'always'),
  kind(ObjectType.BINARY_VALUE, 'BV', 'binary', 'maybe'),
  kind(ObjectType.MULTI_STATE_INPUT, 'MI', 'state', 'never'),
  kind(ObjectType.MULTI_STATE_OUTPUT, 'MO', 'state', 'always'),
  kind(ObjectType.MULTI_STATE_VALUE, 'MV', 'state', 'maybe'),
  kind(ObjectType.LOOP, 'LP', 'real', 'never'),
  kind(ObjectType.ACCUMULATOR, 'ACC', 'unsigned', 'never'),
  kind(ObjectType.PULSE_CONVERTER, 'PC', 'real', 'never'),
  kind(ObjectType.CHARACTERSTRING_VALUE, 'CSV', 'text', 'maybe'),
  kind(ObjectType.INTEGER_VALUE, 'IV', 'signed', 'maybe'),
  kind(ObjectType.LARGE_ANALOG_VALUE, 'LAV', 'double', 'maybe'),
  kind(ObjectType.POSITIVE_INTEGER_VALUE, 'PIV', 'unsigned', 'maybe'),
];

const longName = (name: string): string => name.toLowerCase().replaceAll('_', '-');
const byName = new Map(objectKinds.flatMap((entry) => [[entry.short.toLowerCase(), entry], [longName(ObjectType[entry.type] ?? entry.short), entry]] as const));
const byType = new Map(objectKinds.map((entry) => [entry.type, entry]));

/** `AI`, `analog-input`, in any case. */
export function objectKindNamed(name: string): ObjectKind | undefined {
  return byName.get(name.toLowerCase());
}

export function objectKindOf(type: number): ObjectKind | undefined {
  return byType.get(type);
}

/** As people write it: `AI:1`; the type's number where it has no name here. */
export function objectName({ type, instance }: { readonly type: number; readonly instance: number }): string {
  return `${byType.get(type)?.short ?? String(type)}:${instance}`;
}

export const objectKindNames = objectKinds.map((entry) => entry.short).join(', ');

export const Property = {
  activeText: PropertyIdentifier.ACTIVE_TEXT as number,
  description: PropertyIdentifier.DESCRIPTION as number,
  inactiveText: PropertyIdentifier.INACTIVE_TEXT as number,
  modelName: PropertyIdentifier.MODEL_NAME as number,
  objectList: PropertyIdentifier.OBJECT_LIST as number,
  objectName: PropertyIdentifier.OBJECT_NAME as number,
  stateText: PropertyIdentifier.STATE_TEXT as number,
  units: PropertyIdentifier.UNITS as number,
  vendorName: PropertyIdentifier.VENDOR_NAME as number,
  covIncrement: PropertyIdentifier.COV_INCREMENT as number,
  segmentationSupported: PropertyIdentifier.SEGMENTATION_SUPPORTED as number,
  maxApduLengthAccepted: PropertyIdentifier.MAX_APDU_LENGTH_ACCEPTED as number,
  presentValue: PropertyIdentifier.PRESENT_VALUE as number,
  priorityArray: PropertyIdentifier.PRIORITY_ARRAY as number,
  statusFlags: PropertyIdentifier.STATUS_FLAGS as number,
  lastRestartReason: PropertyIdentifier.LAST_RESTART_REASON as number,
  protocolServicesSupported: PropertyIdentifier.PROTOCOL_SERVICES_SUPPORTED as number,
  relinquishDefault: PropertyIdentifier.RELINQUISH_DEFAULT as number,
  reliability: PropertyIdentifier.RELIABILITY as number,
  systemStatus: PropertyIdentifier.SYSTEM_STATUS as number,
};

/** Properties other than the present value; `value` is encoded like the object's present value. */
const properties = new Map<string, { readonly id: number; readonly encoding: Encoding | 'value' }>([
  ['present-value', { id: PropertyIdentifier.PRESENT_VALUE, encoding: 'value' }],
  ['relinquish-default', { id: PropertyIdentifier.RELINQUISH_DEFAULT, encoding: 'value' }],
  ['high-limit', { id: PropertyIdentifier.HIGH_LIMIT, encoding: 'real' }],
  ['low-limit', { id: PropertyIdentifier.LOW_LIMIT, encoding: 'real' }],
  ['deadband', { id: PropertyIdentifier.DEADBAND, encoding: 'real' }],
  ['cov-increment', { id: PropertyIdentifier.COV_INCREMENT, encoding: 'real' }],
  ['setpoint', { id: PropertyIdentifier.SETPOINT, encoding: 'real' }],
  ['out-of-service', { id: PropertyIdentifier.OUT_OF_SERVICE, encoding: 'boolean' }],
  ['event-state', { id: PropertyIdentifier.EVENT_STATE, encoding: 'enumerated' }],
  ['reliability', { id: PropertyIdentifier.RELIABILITY, encoding: 'enumerated' }],
  ['units', { id: PropertyIdentifier.UNITS, encoding: 'enumerated' }],
  ['object-name', { id: PropertyIdentifier.OBJECT_NAME, encoding: 'text' }],
  ['description', { id: PropertyIdentifier.DESCRIPTION, encoding: 'text' }],
]);

export const propertyNames = [...properties.keys()].join(', ');

export function propertyNamed(name: string, object: ObjectKind): { id: number; encoding: Encoding } | undefined {
  const property = properties.get(name.toLowerCase());
  return property && { id: property.id, encoding: property.encoding === 'value' ? object.encoding : property.encoding };
}

/** What a point of this encoding is inside the gateway. */
export function kindOf(encoding: Encoding): ValueKind {
  switch (encoding) {
    case 'real': case 'double': case 'signed': case 'unsigned': return 'number';
    case 'binary': case 'boolean': return 'boolean';
    case 'state': case 'enumerated': return 'enum';
    case 'text': return 'text';
  }
}
