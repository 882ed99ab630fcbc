import { z } from 'zod';
import type { DriverModule, SheetSection } from '../../contract/index.js';
import { alarmShape } from '../alarms.js';
import { feedbackKeys, pointKeys, virtualKeys, writeKeys } from '../points.js';
import { isRecord } from '../schema-check.js';
import { trendShape } from '../trends.js';

/** One key of a definition as a column of a table. */
export interface SheetColumn {
  readonly title: string;
  /** Where the key is within the definition: `write.verify.point`. */
  readonly path: readonly string[];
  /** What may stand there, of one driver or another. */
  readonly schemas: readonly z.ZodType[];
  /** Whether several values may stand there. */
  readonly isList: boolean;
  /** Whether a number may stand there, so that its decimal sign counts. */
  readonly takesNumbers: boolean;
  /** `true` here is a block, with or without keys of its own in further columns. */
  readonly marksBlock?: true;
}

/** Title of the column that tells definitions apart. */
export const keyTitles: Readonly<Record<SheetSection, string>> = { points: 'name', alarms: 'name', trends: 'entry' };
/** Title of the column in which a row is marked for removal. */
export const DELETE_TITLE = 'delete';
/** Title of the column that says which template makes a point. */
export const TEMPLATE_TITLE = 'template';

const known = new WeakMap<readonly DriverModule[], Map<SheetSection, readonly SheetColumn[]>>();

/** Every column that a section may have. With `document` those of drivers that no device of it has are left out. */
export function columnsOf(section: SheetSection, modules: readonly DriverModule[], document?: Readonly<Record<string, unknown>>): readonly SheetColumn[] {
  if (document !== undefined && section === 'points') return pointColumns(modules.filter(({ kind }) => kindsOf(document).has(kind)));
  const ofModules = known.get(modules) ?? new Map<SheetSection, readonly SheetColumn[]>();
  known.set(modules, ofModules);
  const columns = ofModules.get(section) ?? allColumns(section, modules);
  ofModules.set(section, columns);
  return columns;
}

function allColumns(section: SheetSection, modules: readonly DriverModule[]): readonly SheetColumn[] {
  switch (section) {
    case 'alarms':
      return columnsOfShape(alarmShape, ['point']);
    case 'trends':
      return columnsOfShape(trendShape, []);
    case 'points':
      return pointColumns(modules);
  }
}

function columnsOfShape(shape: z.ZodRawShape, first: readonly string[]): readonly SheetColumn[] {
  const keys = [...new Set([...first, ...Object.keys(shape)])];
  return keys.map((key) => column([key], [shape[key] as z.ZodType]));
}

function pointColumns(modules: readonly DriverModule[]): readonly SheetColumn[] {
  const columns = new Map<string, SheetColumn>();
  const add = (path: readonly string[], schema: unknown, marksBlock?: true): void => {
    const title = path.join('.');
    const known = columns.get(title);
    columns.set(title, column(path, [...(known?.schemas ?? []), schema as z.ZodType], marksBlock));
  };
  // `write` comes last, with its own keys.
  for (const [key, schema] of Object.entries(pointKeys)) if (key !== 'write') add([key], schema);
  for (const key of ['type', 'expression'] as const) add([key], virtualKeys[key]);
  for (const { pointShape } of modules) for (const [key, schema] of Object.entries(pointShape)) add([key], schema);
  add(['write'], z.boolean(), true);
  for (const [key, schema] of Object.entries(writeKeys)) {
    if (key !== 'verify') add(['write', key], schema);
  }
  add(['write', 'verify'], z.enum(['none', 'echo', 'readback']));
  for (const [key, schema] of Object.entries(feedbackKeys)) add(['write', 'verify', key], schema);
  return [...columns.values()];
}

function column(path: readonly string[], schemas: readonly z.ZodType[], marksBlock?: true): SheetColumn {
  const takes = (value: unknown): boolean => schemas.some((schema) => schema.safeParse(value).success);
  return {
    title: path.join('.'),
    path,
    schemas,
    // What takes anything at all is read as a single value.
    isList: takes(['a']) && !takes({ '': 0 }),
    takesNumbers: [1, 0.5, [1]].some(takes),
    ...(marksBlock === undefined ? {} : { marksBlock }),
  };
}

function kindsOf(document: Readonly<Record<string, unknown>>): ReadonlySet<unknown> {
  return new Set(isRecord(document.devices) ? Object.values(document.devices).map((device) => (isRecord(device) ? device.driver : undefined)) : []);
}
