import { z } from 'zod';
import type { AreaDefinition, PointDefinition } from '../contract/index.js';
import { compact } from './compact.js';
import { checkName } from './names.js';
import { suggestion } from './nearest.js';
import type { DocumentProblems } from './problem-list.js';
import { check } from './schema-check.js';
import { matcher } from './wildcard.js';

const shape = z.strictObject({ title: z.string().min(1).optional(), points: z.array(z.string().min(1)).default([]), devices: z.array(z.string().min(1)).default([]) });

export interface WrittenArea extends AreaDefinition {
  readonly points: readonly string[];
  readonly devices: readonly string[];
}

/** Reads one entry of `areas:`. What lies in what follows from the names: `Tower/F1` is in `Tower`. */
export function readArea(name: string, raw: unknown, devices: ReadonlySet<string>, problems: DocumentProblems): WrittenArea | undefined {
  checkName(name, 'area', problems);
  const area = check(shape, raw ?? {}, problems);
  if (area === undefined) return undefined;
  area.devices.forEach((device, index) => {
    if (!devices.has(device)) problems.error('CONFIG_REFERENCE', `there is no device \`${device}\`${suggestion(device, devices)}`, ['devices', index]);
  });
  return compact({ name, title: area.title, points: area.points, devices: area.devices });
}

/** Warns of what names nothing. */
export function checkMembers(areas: ReadonlyMap<string, WrittenArea | undefined>, points: Iterable<string>, problems: DocumentProblems): void {
  const names = [...points];
  for (const [name, area] of areas) {
    (area?.points ?? []).forEach((pattern, index) => {
      const matches = matcher(pattern);
      if (!names.some(matches)) problems.warning('CONFIG_REFERENCE', `no point matches \`${pattern}\``, [name, 'points', index]);
    });
  }
}

/** Tells the area of a point: its own, else the first that names it, else the first that names its device. */
export function membership(areas: Iterable<WrittenArea | undefined>): (point: Pick<PointDefinition, 'name' | 'device' | 'area'>) => string | undefined {
  const members = [...areas].filter((area) => area !== undefined).map(({ name, points, devices }) => ({ name, patterns: points.map(matcher), devices: new Set(devices) }));
  return (point) => point.area ?? (members.find(({ patterns }) => patterns.some((matches) => matches(point.name))) ?? members.find(({ devices }) => devices.has(point.device)))?.name;
}

/** Where areas are declared, others are mistakes. `declared` is undefined where none are. */
export function checkArea(area: string | undefined, declared: ReadonlySet<string> | undefined, problems: DocumentProblems): void {
  if (area === undefined || declared === undefined || isDeclared(area, declared)) return;
  problems.error('CONFIG_REFERENCE', `there is no area \`${area}\`${suggestion(area, declared)}`);
}

/** Areas with what lies above them, in the order of the document, then those that only points name. */
export function allAreas(written: Iterable<WrittenArea | undefined>, placed: Iterable<Pick<PointDefinition, 'area'> | undefined>): AreaDefinition[] {
  const areas = new Map<string, AreaDefinition>();
  for (const area of written) if (area !== undefined) areas.set(area.name, compact({ name: area.name, title: area.title }));
  for (const { area } of [...placed].filter((each) => each !== undefined)) if (area !== undefined && !areas.has(area)) areas.set(area, { name: area });
  for (const name of areas.keys()) for (let at = name.indexOf('/'); at > 0; at = name.indexOf('/', at + 1)) if (!areas.has(name.slice(0, at))) areas.set(name.slice(0, at), { name: name.slice(0, at) });
  return [...areas.values()];
}

function isDeclared(area: string, declared: ReadonlySet<string>): boolean {
  return declared.has(area) || [...declared].some((other) => other.startsWith(`${area}/`));
}
