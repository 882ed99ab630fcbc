/**
 * Both nodes in the recipient lists of a device's notification classes, written once and only what is missing: a list
 * lives in the device's flash, which a rewrite at each failover would wear out. What a person has set up for one of
 * the nodes (other days, other transitions) is his, and left alone.
 */
import { messageOf, type DriverHost } from '../../src/contract/index.js';
import { AlarmService } from './alarm-services.js';
import { ConfirmedService } from './apdu.js';
import type { BacnetDevice } from './config.js';
import type { Contact } from './contact.js';
import type { Counters } from './counters.js';
import { readElements } from './property-parts.js';
import { alwaysTo, encodeAddListElement, encodeWriteList, readDestinations, sameRecipient } from './recipient-list.js';
import { refusalOf } from './refusal.js';

const NOTIFICATION_CLASS = 15;
const RECIPIENT_LIST = 102;

interface Parts {
  readonly host: DriverHost;
  readonly device: BacnetDevice;
  readonly contact: Contact;
  readonly counters: Counters;
}

/** True when there is nothing more to try: every list holds both nodes, or the device refuses for good. */
export async function alarmRecipients(parts: Parts): Promise<boolean> {
  const { alarms, instance } = parts.device;
  if (alarms === undefined || alarms.notificationClasses.length === 0) return true;
  if (alarms.recipients.length === 0) {
    parts.host.log.warn(`the notification classes of device ${instance} are not told of this node: give the line \`recipients\`, or this node an \`address\` or \`deviceInstance\``);
    return true;
  }
  let done = true;
  for (const notificationClass of alarms.notificationClasses) {
    try {
      await complete(parts, notificationClass);
    } catch (error) {
      if (refusalOf(error) === undefined) done = false;
      parts.counters.count('recipientListsFailed');
      parts.host.log.warn(`notification class ${notificationClass} of device ${instance} is not told of both nodes: ${messageOf(error)}`);
    }
  }
  return done;
}

async function complete({ host, device, contact, counters }: Parts, instance: number): Promise<void> {
  const { alarms } = device;
  if (alarms === undefined) return;
  const object = { type: NOTIFICATION_CLASS, instance };
  const present = readDestinations(await readElements(contact, object, RECIPIENT_LIST));
  const missing = alarms.recipients.filter((recipient) => !present.some(({ destination }) => sameRecipient(destination.recipient, recipient) && destination.processId === alarms.processId));
  if (missing.length === 0) return;
  const added = missing.map((recipient) => alwaysTo(recipient, alarms.processId));
  const permit = (): boolean => host.permit?.() ?? true;
  try {
    await contact.request(AlarmService.addListElement, encodeAddListElement(object, RECIPIENT_LIST, added), { permit });
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    if (refusal.kind === 'abort' && added.length > 1) {
      // Too long for the device: one after the other.
      for (const one of added) await contact.request(AlarmService.addListElement, encodeAddListElement(object, RECIPIENT_LIST, [one]), { permit });
      counters.count('recipientListsWritten');
      return;
    }
    // A device without AddListElement: the list as it is now, and what is missing.
    await contact.request(ConfirmedService.writeProperty, encodeWriteList(object, RECIPIENT_LIST, present.map(({ raw }) => raw), added), { permit });
  }
  counters.count('recipientListsWritten');
  host.log.info(`notification class ${instance} of device ${device.instance} now tells ${added.length} more of this pair`);
}
