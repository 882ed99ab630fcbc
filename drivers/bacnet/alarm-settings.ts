/** Keys of a device and of its line that concern alarms. */
import { z } from 'zod';
import type { Recipient } from './recipient-list.js';

const recipientShape = z.union([
  z.strictObject({ device: z.int().min(0).max(4_194_302) }),
  z.string().regex(/^\d{1,3}(\.\d{1,3}){3}(:\d{1,5})?$/, { error: 'an address of a node, 10.20.0.1 or 10.20.0.1:47808, or {device: instance}' }),
]);

export const alarmsShape = z.union([
  z.boolean(),
  z.strictObject({
    /** Instances of notification classes whose recipient list is to hold both nodes. */
    notificationClasses: z.array(z.int().min(0).max(4_194_302)).default([]),
    processId: z.int().min(0).max(0xffff_ffff).default(1),
  }),
]);

export const recipientsShape = z.array(recipientShape).min(1);

export interface AlarmSettings {
  readonly notificationClasses: readonly number[];
  readonly processId: number;
  /** Both nodes, as the line names them; without that, this node only, where its address is known. */
  readonly recipients: readonly Recipient[];
}

export function alarmSettings(
  alarms: z.output<typeof alarmsShape>, line: z.output<typeof recipientsShape> | undefined,
  plug: { readonly address: string; readonly port: number; readonly linePort: number; readonly deviceInstance?: number | undefined },
): AlarmSettings | undefined {
  if (alarms === false) return undefined;
  const { notificationClasses, processId } = alarms === true ? { notificationClasses: [], processId: 1 } : alarms;
  const own: Recipient[] = plug.deviceInstance !== undefined ? [{ device: plug.deviceInstance }] : plug.address === '0.0.0.0' || plug.port === 0 ? [] : [addressOf(plug.address, plug.port)];
  return { notificationClasses, processId, recipients: line?.map((entry) => (typeof entry === 'string' ? addressed(entry, plug.linePort) : entry)) ?? own };
}

function addressed(text: string, standardPort: number): Recipient {
  const [host = '', port] = text.split(':');
  return addressOf(host, port === undefined ? standardPort : Number(port));
}

/** BACnet/IP: four octets of the address, two of the port (J.1.2). */
function addressOf(host: string, port: number): Recipient {
  return { network: 0, mac: Buffer.from([...host.split('.').map(Number), port >> 8, port & 255]).toString('hex') };
}
