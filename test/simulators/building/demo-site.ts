import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** A point of the demo site, templates filled in; only the keys that say where it is. */
export interface DemoPoint {
  readonly name: string;
  readonly device: string;
  readonly at?: string;
  readonly type?: string;
  readonly scale?: number;
  readonly object?: string;
  readonly unit?: string;
  readonly states?: readonly string[];
  readonly write?: unknown;
}

export interface DemoDevice {
  readonly driver: string;
  readonly host: string;
  readonly port?: number;
  readonly unit?: number;
  readonly instance?: number;
  readonly exclusive?: boolean;
}

export interface DemoDocument {
  readonly devices: Readonly<Record<string, DemoDevice>>;
  readonly points: Readonly<Record<string, Omit<DemoPoint, 'name'>>>;
  readonly templates: Readonly<Record<string, Readonly<Record<string, Omit<DemoPoint, 'name'>>>>>;
  readonly use: readonly ({ readonly template: string } & Readonly<Record<string, string | number>>)[];
}

function document(): DemoDocument {
  return parse(readFileSync(join(process.cwd(), 'config/demo/site.yaml'), 'utf8')) as DemoDocument;
}

export function demoDevices(): Readonly<Record<string, DemoDevice>> {
  return document().devices;
}

/** Reads the document by itself, not with src/config: two readings that agree say more than one. */
export function demoPoints(): DemoPoint[] {
  return expand(document());
}

/** Fills the templates of a site document in. */
export function expand(site: Pick<DemoDocument, 'points' | 'templates' | 'use'>): DemoPoint[] {
  const points = Object.entries(site.points).map(([name, point]) => ({ ...point, name }));
  for (const use of site.use) {
    const fill = (text: string): string => text.replace(/\{(\w+)\}/g, (_, key: string) => String(use[key]));
    const filled = JSON.parse(fill(JSON.stringify(site.templates[use.template] ?? {}))) as DemoDocument['points'];
    for (const [name, point] of Object.entries(filled)) points.push({ ...point, name });
  }
  return points;
}
