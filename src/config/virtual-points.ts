import { pointsOfExpression, type PointDefinition, type VirtualPointDefinition } from '../contract/index.js';
import { readExpression } from './expression.js';
import type { ReadPoint } from './points.js';

/** So many points of a circle are named: whoever looks for it needs no more. */
const LONGEST_CIRCLE = 10;

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
    const names = around.map(name);
    const shown = names.length > LONGEST_CIRCLE ? [...names.slice(0, LONGEST_CIRCLE - 1), `… (${names.length} points)`] : names;
    places.get(id)?.virtual?.problems.at('expression').error('CONFIG_CLASH', `hangs on itself: ${[...shown, name(id)].join(' -> ')}`);
  });
}

/** Depth first, without recursion or searching: a chain may be as long as the site. */
function inOrder(points: ReadonlyMap<number, VirtualPointDefinition>, onCircle: (point: number, around: readonly number[]) => void): VirtualPointDefinition[] {
  const ordered: VirtualPointDefinition[] = [];
  const done = new Set<number>();
  for (const first of points.keys()) {
    const path: { readonly id: number; readonly rest: number[] }[] = [];
    const onPath = new Set<number>();
    const enter = (id: number): void => {
      const point = points.get(id);
      if (point === undefined || done.has(id)) return;
      if (onPath.has(id)) {
        onCircle(id, path.slice(path.findIndex((step) => step.id === id)).map((step) => step.id));
        return;
      }
      onPath.add(id);
      path.push({ id, rest: point.expression === undefined ? [] : pointsOfExpression(point.expression) });
    };
    enter(first);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.rest.pop();
      if (next !== undefined) {
        enter(next);
        continue;
      }
      path.pop();
      onPath.delete(top.id);
      done.add(top.id);
      ordered.push(points.get(top.id) as VirtualPointDefinition);
    }
  }
  return ordered;
}
