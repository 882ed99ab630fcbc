/** Priority array and relinquish default of a commandable object (ANSI/ASHRAE 135 clause 19.2). */
import { TandemError, type DriverPoint, type PointValue, type PriorityView } from '../../src/contract/index.js';
import type { BacnetAddress } from './config.js';
import type { Contact } from './contact.js';
import { Property } from './object-types.js';
import { toPointValue } from './point-value.js';
import { NO_PRIORITY_ARRAY, refusalOf } from './refusal.js';
import type { BacnetValue } from './values.js';

const SLOTS = 16;

/** Rejects with POINT_NO_PRIORITIES or a FIELD_… code. */
export async function readPriorities(contact: Contact, { address, name }: DriverPoint<BacnetAddress>): Promise<PriorityView> {
  if (address.commandable === 'never') throw none(name);
  const decode = (value: BacnetValue): PointValue => {
    const known = toPointValue(address.encoding, [value]);
    if (known === undefined) throw new TandemError('FIELD_MALFORMED', `a slot of ${name} holds what its object cannot`);
    return known;
  };
  try {
    const slots = await slotsOf(contact, address);
    const standard = await relinquishDefault(contact, address);
    return { slots: slots.map((slot) => (slot.type === 'null' ? null : decode(slot))), ...(standard !== undefined && { relinquishDefault: decode(standard) }) };
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal?.kind === 'error' && NO_PRIORITY_ARRAY.includes(refusal.errorCode)) throw none(name);
    throw error;
  }
}

/** At once; slot by slot where that does not fit into an APDU of the device. */
async function slotsOf(contact: Contact, { object }: BacnetAddress): Promise<readonly BacnetValue[]> {
  const reference = { object, property: Property.priorityArray };
  let slots: BacnetValue[] = [];
  try {
    slots = [...(await contact.readProperty(reference))];
  } catch (error) {
    if (refusalOf(error)?.kind !== 'abort') throw error;
    for (let index = 1; index <= SLOTS; index++) slots.push(...(await contact.readProperty({ ...reference, index })));
  }
  if (slots.length !== SLOTS) throw new TandemError('FIELD_MALFORMED', `a priority array of ${slots.length} slots`);
  return slots;
}

async function relinquishDefault(contact: Contact, { object }: BacnetAddress): Promise<BacnetValue | undefined> {
  try {
    const [value] = await contact.readProperty({ object, property: Property.relinquishDefault });
    return value;
  } catch (error) {
    if (refusalOf(error) === undefined) throw error;
    return undefined;
  }
}

function none(name: string): TandemError {
  return new TandemError('POINT_NO_PRIORITIES', `${name} has no priority array`);
}
