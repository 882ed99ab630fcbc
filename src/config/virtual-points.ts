import { pointsOfExpression, type PointDefinition, type VirtualPointDefinition } from '../contract/index.js';
import { readExpression } from './expression.js';
import type { ReadPoint } from './points.js';

/** The virtual points, each after those that its expression reads. */
export function readVirtualPoints(points: ReadonlyMap<string, ReadPoint | undefined>, definitions: ReadonlyMap<string, PointDefinition | undefined>): VirtualPointDefinition[] {
  const read = new Map<number, VirtualPointDefinition>();
  const places = new Map<number, ReadPoint>();
  for (const point of points.values()) {
    if (point?.virtual === undefined) continue;
    const { id } = point.definition;
    const { expression: text } = point.virtual;
    const expression = text === undefined ? undefined : readExpression(text, definitions, point.virtual.problems.at('expression'));
    if (text !== undefined && expression === undefined) continue;
    places.set(id, point);
    read.set(id, { point: id, ...(expression === undefined ? {} : { expression }), ...(text === undefined ? {} : { text }) });
  }
  return inOrder(read, (id, around) => {
    const name = (at: number): string => places.get(at)?.definition.name ?? '';
    places.get(id)?.virtual?.problems.at('expression').error('CONFIG_CLASH', `hangs on itself: ${[...around, id].map(name).join(' -> ')}`);
  });
}

/** Depth first, without recursion: a chain may be as long as the site. */
function inOrder(points: ReadonlyMap<number, VirtualPointDefinition>, onCircle: (point: number, around: readonly number[]) => void): VirtualPointDefinition[] {
  const ordered: VirtualPointDefinition[] = [];
  const done = new Set<number>();
  for (const first of points.keys()) {
    const path: { readonly id: number; readonly rest: number[] }[] = [];
    const enter = (id: number): void => {
      const point = points.get(id);
      if (point === undefined || done.has(id)) return;
      const at = path.findIndex((step) => step.id === id);
      if (at >= 0) onCircle(id, path.slice(at).map((step) => step.id));
      else path.push({ id, rest: point.expression === undefined ? [] : pointsOfExpression(point.expression) });
    };
    enter(first);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.rest.pop();
      if (next !== undefined) {
        enter(next);
        continue;
      }
      path.pop();
      done.add(top.id);
      ordered.push(points.get(top.id) as VirtualPointDefinition);
    }
  }
  return ordered;
}
