/** Which devices and objects `tandem simulate bacnet` is made of: a number of each type, a YAML map, or an EDE file. */
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { importEde } from '../../drivers/bacnet/ede.js';
import { objectTypes, type ObjectOptions, type ObjectTypeName } from '../bacnet-device/index.js';
import { furtherIn, furtherNamed, furtherShape, furtherTypes, nothingFurther, type Further } from './bacnet-further.js';

export interface LaidOutDevice {
  readonly instance: number;
  readonly name: string;
  readonly host?: string;
  readonly port?: number;
  readonly maxApdu?: number;
  readonly segmentation?: 'both' | 'transmit' | 'receive' | 'none';
  readonly objects: readonly ObjectOptions[];
  /** Objects without a present value to poll: alarms, logs, schedules. */
  readonly further: Further;
}

export const standardObjects = 'AI:4,AO:2,AV:2,BI:2,BO:2,BV:1,MI:1,MO:1,MV:1,CSV:1,LAV:1,IV:1,PIV:1,ACC:1,PC:1,LP:1,NC:1,TL:1,SCH:1,CAL:1';
const typeNames = [...Object.keys(objectTypes), ...furtherTypes].join(', ');

/** `AI:4,BO:2,NC:1`: so many of each type, instances from 1. */
export function objectsIn(text: string): { readonly objects: ObjectOptions[]; readonly further: Further } {
  const parts = text.split(',').map((part) => namedIn(part, 'a type and how many'));
  const objects = parts.flatMap(([type, count]) => (isObjectType(type) ? Array.from({ length: count }, (_, row): ObjectOptions => ({ type, instance: row + 1, ...startOf(type, row) })) : []));
  return { objects, further: furtherNamed(parts, objects) };
}

/** A map of devices in YAML, or an EDE file (its state texts beside it, where there are any). */
export function layoutIn(text: string, stateTexts = ''): LaidOutDevice[] {
  if (/^#?\s*keyname/im.test(text)) return fromEde(text, stateTexts);
  const parsed = mapSchema.safeParse(parseYaml(text));
  if (!parsed.success) throw new Error(`the map of devices is wrong:\n${parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`).join('\n')}`);
  return parsed.data.devices.map(({ objects, instance, name = `device-${String(instance)}`, host, port, maxApdu, segmentation, ...further }) => ({
    ...compact({ host, port, maxApdu, segmentation }), instance, name,
    objects: objects.map(({ object, states, name: own, description, value, units, covIncrement, commandable }) => {
      const [type, number] = objectNamed(object);
      return { ...startOf(type, number), ...compact({ name: own, description, value, units, covIncrement, commandable }), type, instance: number, ...(states !== undefined && { stateTexts: states, states: states.length }) };
    }),
    further: furtherIn(further, objects),
  }));
}

const mapSchema = z.strictObject({
  devices: z.array(z.strictObject({
    instance: z.int().min(0).max(4_194_302),
    name: z.string().min(1).optional(),
    host: z.ipv4().optional(),
    port: z.int().min(0).max(65_535).optional(),
    maxApdu: z.int().min(50).max(1_476).optional(),
    segmentation: z.enum(['both', 'transmit', 'receive', 'none']).optional(),
    objects: z.array(z.strictObject({
      object: z.string(),
      name: z.string().optional(),
      description: z.string().optional(),
      value: z.union([z.number(), z.string()]).optional(),
      units: z.int().min(0).optional(),
      covIncrement: z.number().min(0).optional(),
      commandable: z.boolean().optional(),
      states: z.array(z.string()).min(1).optional(),
      alarm: furtherShape.alarm.optional(),
    })),
    notificationClasses: furtherShape.notificationClasses,
    trendLogs: furtherShape.trendLogs,
    schedules: furtherShape.schedules,
    calendars: furtherShape.calendars,
    utcOffset: furtherShape.utcOffset,
  })).min(1),
});

function fromEde(ede: string, stateTexts: string): LaidOutDevice[] {
  const names = new Map(Object.entries(objectTypes).map(([name, type]) => [type as number, name as ObjectTypeName]));
  return importEde({ ede, stateTexts }).map(({ instance, name, objects }) => ({
    instance, name, further: nothingFurther,
    objects: objects.flatMap(({ object, name: own, description, units, states, commandable }) => {
      const type = names.get(object.type);
      return type === undefined ? [] : [{ type, instance: object.instance, name: own, commandable, ...startOf(type, object.instance), ...compact({ description, units }), ...(states !== undefined && { stateTexts: states, states: states.length }) }];
    }),
  }));
}

/** MSI, MSO and MSV are what some tools call MI, MO and MV. */
function namedIn(text: string, what: string): [type: string, number: number] {
  const [, written = '', number] = /^\s*([A-Za-z]+):(\d{1,7})\s*$/.exec(text) ?? [];
  const type = written.toUpperCase().replace(/^MS(?=[IOV]$)/, 'M');
  if (!isObjectType(type) && !furtherTypes.includes(type)) throw new Error(`"${text}" is not ${what}: write AI:4; types are ${typeNames}`);
  return [type, Number(number)];
}

function objectNamed(text: string): [type: ObjectTypeName, number: number] {
  const [type, number] = namedIn(text, 'an object');
  if (!isObjectType(type)) throw new Error(`"${text}" has a list of its own in the map: notificationClasses, trendLogs, schedules, calendars`);
  return [type, number];
}

function isObjectType(type: string): type is ObjectTypeName {
  return type in objectTypes;
}

/** Something to look at: temperatures around 20 °C, switches both ways. */
function startOf(type: ObjectTypeName, row: number): Partial<ObjectOptions> {
  switch (type) {
    case 'AI': return { value: 18 + (row % 8), units: 62, covIncrement: 0.1 };
    case 'AO': case 'AV': return { value: 20 + (row % 5), units: 98, covIncrement: 0.5 };
    case 'CSV': return { value: `text ${String(row)}` };
    default: return {};
  }
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function compact<T extends object>(of: T): Defined<T> {
  return Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined)) as Defined<T>;
}
