/** Alarms, trend logs, schedules and calendars of simulated BACnet devices, as a map or `--objects` tells them. */
import { z } from 'zod';
import { objectOf } from '../../drivers/bacnet/object-names.js';
import { alwaysTo, writeDestination } from '../../drivers/bacnet/recipient-list.js';
import { Asn1Writer } from '../../drivers/bacnet/asn1.js';
import { encodeEdit } from '../../drivers/bacnet/schedule.js';
import { deviceScheduleEdit, durationMs, type DeviceScheduleEdit } from '../../src/contract/index.js';
import type { ObjectOptions, VirtualBacnetDevice } from '../bacnet-device/index.js';

const instance = z.int().min(0).max(4_194_302);
const byte = z.int().min(0).max(255);
const priority = z.int().min(1).max(16);
const object = z.string().refine((text) => objectOf(text) !== undefined, { error: 'an object: AI:1' });
const alarm = z.strictObject({
  notificationClass: instance,
  high: z.number().optional(),
  low: z.number().optional(),
  deadband: z.number().min(0).optional(),
  /** Present values that are alarms, of a binary or multi-state object. */
  values: z.array(z.int()).min(1).optional(),
  delay: durationMs.optional(),
  notify: z.enum(['alarm', 'event']).default('alarm'),
});
const { weekly, exceptions, default: standard, effectivePeriod, dateList } = deviceScheduleEdit.shape;

export const furtherShape = {
  alarm,
  notificationClasses: z.array(z.strictObject({
    instance,
    name: z.string().optional(),
    priorities: z.tuple([byte, byte, byte]).optional(),
    ackRequired: z.tuple([z.boolean(), z.boolean(), z.boolean()]).optional(),
    /** `10.20.0.1` or `10.20.0.1:47809`. */
    recipients: z.array(z.string().regex(/^\d{1,3}(\.\d{1,3}){3}(:\d{1,5})?$/, { error: 'an address: 10.20.0.1 or 10.20.0.1:47809' })).default([]),
  })).default([]),
  trendLogs: z.array(z.strictObject({ instance, name: z.string().optional(), of: object, every: durationMs.optional(), size: z.int().min(1).max(1_000_000).optional() })).default([]),
  schedules: z.array(z.strictObject({ instance, name: z.string().optional(), targets: z.array(object).default([]), priority: priority.optional(), weekly, exceptions, default: standard, effectivePeriod })).default([]),
  calendars: z.array(z.strictObject({ instance, name: z.string().optional(), dateList })).default([]),
  /** Minutes west of Greenwich, as BACnet counts them: -60 in Berlin in winter. */
  utcOffset: z.int().min(-780).max(780).default(0),
};

type Read<Shape extends z.ZodType> = z.output<Shape>;

export interface Further {
  readonly alarms: readonly (Read<typeof alarm> & { readonly object: string })[];
  readonly notificationClasses: Read<typeof furtherShape.notificationClasses>;
  readonly trendLogs: Read<typeof furtherShape.trendLogs>;
  readonly schedules: Read<typeof furtherShape.schedules>;
  readonly calendars: Read<typeof furtherShape.calendars>;
  readonly utcOffset: number;
}

export const furtherTypes: readonly string[] = ['NC', 'TL', 'SCH', 'CAL'];
export const nothingFurther: Further = { alarms: [], notificationClasses: [], trendLogs: [], schedules: [], calendars: [], utcOffset: 0 };

/** What the map says, with the alarms that stand at the objects. */
export function furtherIn(read: Omit<Further, 'alarms'>, objects: readonly { readonly object: string; readonly alarm?: Read<typeof alarm> | undefined }[]): Further {
  return { ...read, alarms: objects.flatMap(({ object: of, alarm: own }) => (own === undefined ? [] : [{ ...own, object: of }])) };
}

/**
 * `NC:2,TL:1`: each notification class has an analog input with limits, each log and schedule an object of those that
 * there are, the first of each the first; a schedule goes by the first calendar, where there is one.
 */
export function furtherNamed(counts: readonly (readonly [type: string, count: number])[], objects: readonly ObjectOptions[]): Further {
  const numbers = (wanted: string): number[] => Array.from({ length: counts.reduce((sum, [type, count]) => sum + (type === wanted ? count : 0), 0) }, (_, row) => row + 1);
  const named = (types: readonly string[]): string[] => objects.filter(({ type }) => types.includes(type)).map(({ type, instance: number }) => `${type}:${number}`);
  const [inputs, values, all] = [named(['AI']), named(['AV']), named(['AI', 'AV', 'AO', 'BI', 'MI'])];
  const calendars = numbers('CAL');
  const work = [{ time: '06:00', value: { real: 21 } }, { time: '18:00', value: null }];
  const any = null;
  return {
    utcOffset: 0,
    notificationClasses: numbers('NC').map((number) => ({ instance: number, recipients: [] })),
    alarms: numbers('NC').flatMap((number) => (inputs[number - 1] === undefined ? [] : [{ object: inputs[number - 1] ?? '', notificationClass: number, high: 30, low: 10, deadband: 1, notify: 'alarm' as const }])),
    trendLogs: numbers('TL').flatMap((number) => (all[number - 1] === undefined ? [] : [{ instance: number, of: all[number - 1] ?? '', every: 10_000 }])),
    schedules: numbers('SCH').map((number) => ({
      instance: number, targets: values.slice(number - 1, number), default: { real: 16 }, weekly: [work, work, work, work, work, [], []],
      ...(calendars.length > 0 && { exceptions: [{ period: { calendar: 'CAL:1' }, values: [{ time: '00:00', value: { real: 16 } }], priority: 1 }] }),
    })),
    calendars: calendars.map((number) => ({ instance: number, dateList: [{ date: { year: any, month: 12, day: 25, weekday: any } }] })),
  };
}

/** Gives a device what the layout says; its objects are there already. Throws for a name that is none of them. */
export function addFurther(device: VirtualBacnetDevice, further: Further): void {
  device.time.utcOffset = further.utcOffset;
  for (const { instance: number, name, priorities, ackRequired, recipients } of further.notificationClasses) {
    const added = device.events.addNotificationClass({ instance: number, ...(name !== undefined && { name }), ...(priorities && { priorities }), ...(ackRequired && { ackRequired }) });
    if (recipients.length === 0) continue;
    const list = new Asn1Writer();
    for (const at of recipients) writeDestination(list, alwaysTo({ network: 0, mac: macOf(at) }, 1));
    added.write(102, Buffer.from(list.take()));
  }
  for (const { object: of, notificationClass, high, low, deadband, values, delay, notify } of further.alarms) {
    device.watch(of, {
      notificationClass, notifyType: notify === 'event' ? 1 : 0, ...(high !== undefined && { high }), ...(low !== undefined && { low }), ...(deadband !== undefined && { deadband }),
      ...(values !== undefined && { alarmValues: values }), ...(delay !== undefined && { delayS: delay / 1_000 }),
    });
  }
  for (const { of, every, instance: number, name, size } of further.trendLogs) device.log(of, { instance: number, ...(name !== undefined && { name }), ...(size !== undefined && { size }), ...(every !== undefined && { everyMs: every }) });
  for (const { instance: number, name, dateList: dates } of further.calendars) fill(device.schedules.addCalendar(number, name), 'calendar', { dateList: dates ?? [] });
  for (const { instance: number, name, targets, priority: at, ...edit } of further.schedules) {
    const objects = targets.map((text) => device.object(text).id);
    const added = device.schedules.addSchedule({ instance: number, targets: objects, ...(name !== undefined && { name }), ...(at !== undefined && { priority: at }) });
    // (What is left out is left out, not undefined: that is what the schema gives.)
    fill(added, 'schedule', edit as DeviceScheduleEdit);
    added.evaluate();
  }
}

function fill(into: { write(property: number, raw: Buffer): void }, of: 'schedule' | 'calendar', edit: DeviceScheduleEdit): void {
  for (const [property, elements] of encodeEdit(of, edit)) into.write(property, Buffer.concat(elements));
}

function macOf(address: string): string {
  const [host = '', port = '47808'] = address.split(':');
  const octets = [...host.split('.').map(Number), Number(port) >> 8, Number(port) & 255];
  if (octets.some((octet) => octet > 255)) throw new Error(`"${address}" is no address: write 10.20.0.1:47808`);
  return Buffer.from(octets).toString('hex');
}
