import type { GraphicCheck, GraphicDefinition, GraphicInfo, KpiDefinition } from '../../contract/graphic.js';
import { getJson, postJson } from './rest.js';

const root = 'api/v1/graphics';

export async function readGraphics(url: string): Promise<readonly GraphicInfo[]> {
  return ((await getJson(url, root)) as { readonly graphics: readonly GraphicInfo[] }).graphics;
}

export async function readGraphic(url: string, name: string): Promise<GraphicDefinition> {
  return (await getJson(url, `${root}/${encodeURIComponent(name)}`)) as GraphicDefinition;
}

/** `drawings`: what many pages show. */
export type GraphicSection = 'graphics' | 'drawings';

export async function checkGraphic(url: string, section: GraphicSection, name: string, value: unknown, token: string): Promise<GraphicCheck> {
  return (await postJson(url, `${root}/${encodeURIComponent(name)}/check`, { value, section }, token)) as GraphicCheck;
}

export interface Kpis {
  /** null: the site names none. */
  readonly kpis: readonly KpiDefinition[] | null;
  readonly timezone: string;
}

export async function readKpis(url: string): Promise<Kpis> {
  return (await getJson(url, 'api/v1/kpis')) as Kpis;
}

/** Graphics in the order of a tree, each with how deep it lies. */
export function treeOf(graphics: readonly GraphicInfo[]): readonly { readonly graphic: GraphicInfo; readonly depth: number }[] {
  const names = new Set(graphics.map(({ name }) => name));
  const below = (parent: string | undefined, depth: number): { readonly graphic: GraphicInfo; readonly depth: number }[] =>
    depth > graphics.length ? [] : graphics.filter(({ under }) => (under !== undefined && names.has(under) ? under : undefined) === parent).flatMap((graphic) => [{ graphic, depth }, ...below(graphic.name, depth + 1)]);
  return below(undefined, 0);
}
