import { z } from 'zod';
import { graphicAddress, isInArea, pointsOfBinding, type AlarmDefinition, type DrawnElement, type ElementBinding, type GraphicDefinition, type PointDefinition } from '../contract/index.js';
import { watchedPoints } from './alarms.js';
import { checkArea } from './areas.js';
import { compact } from './compact.js';
import { drawingLimits } from './drawing-rules.js';
import { drawingOf, drawnWith, tellFindings, type WrittenGraphic } from './drawings.js';
import { readElement } from './graphic-elements.js';
import { checkName } from './names.js';
import { suggestion } from './nearest.js';
import type { DocumentProblems } from './problem-list.js';
import { check, isRecord } from './schema-check.js';

const shape = z.strictObject({
  title: z.string().min(1).max(200).optional(),
  area: z.string().min(1).optional(),
  under: z.string().min(1).optional(),
  colours: z.enum(['theme', 'drawn']).default('theme'),
  svg: z.string().min(1),
  elements: z.record(z.string(), z.unknown()).default({}),
});

export interface GraphicContext {
  readonly points: ReadonlyMap<string, PointDefinition | undefined>;
  /** Every name under `graphics:`. */
  readonly graphics: ReadonlySet<string>;
  /** Declared ones; undefined where the document declares none. */
  readonly areas: ReadonlySet<string> | undefined;
}

/** A graphic, and what of its drawing can be referred to. */
export interface ReadGraphic {
  readonly definition: GraphicDefinition;
  readonly drawn: ReadonlyMap<string, DrawnElement>;
}

/** Reads one page. The drawing, its ids and the points are checked together. */
export function readGraphic(name: string, { raw, problems, own, from }: WrittenGraphic, context: GraphicContext): ReadGraphic | undefined {
  checkName(name, 'graphic', own);
  if (/[#?]/.test(name)) own.keyError('CONFIG_INVALID', 'the name of a graphic has no # and no ?', []);
  // What is wrong with the use of a drawing has been told.
  if (raw === undefined) return undefined;
  const graphic = check(shape, raw, problems);
  if (graphic === undefined) return undefined;
  const { title = name, area, under, colours, svg, elements } = graphic;
  const at = (key: string): DocumentProblems => (from?.over.has(key) === true ? own : problems).at(key);
  checkArea(area, context.areas, at('area'));
  if (under !== undefined && !context.graphics.has(under)) at('under').error('CONFIG_REFERENCE', `there is no graphic \`${under}\`${suggestion(under, context.graphics)}`);
  const drawing = drawingOf(svg);
  tellFindings(drawing, problems);
  const drawn = new Map(drawing.elements.map((element) => [element.id, element]));
  const ids = Object.keys(elements);
  if (ids.length > drawingLimits.bound) problems.error('DRAWING_INVALID', `${ids.length} elements are bound, and at most ${drawingLimits.bound} can be: divide the drawing into several`, ['elements']);
  const bound = ids.map((id): [string, ElementBinding | undefined] => [id, readElement(id, elements[id], { ...context, drawn: drawing.svg === undefined ? undefined : drawn }, problems.at('elements', id))]);
  if (drawing.svg === undefined) return undefined;
  const bindings = Object.fromEntries(bound.filter((entry): entry is [string, ElementBinding] => entry[1] !== undefined));
  return { definition: compact({ name, title, area, under, colours, svg: drawnWith(drawing.svg, from), elements: bindings, drawing: from?.drawing, parameters: from === undefined ? undefined : Object.fromEntries(from.parameters) }), drawn };
}

/** What no single graphic can know: how many there are, and that none lies under itself. */
export function checkGraphics(pages: ReadonlyMap<string, WrittenGraphic>, problems: DocumentProblems): void {
  const written = [...pages].flatMap(([name, { raw }]): [string, Record<string, unknown>][] => (isRecord(raw) ? [[name, raw]] : []));
  if (pages.size > drawingLimits.graphics) problems.error('DRAWING_INVALID', `there are ${pages.size} graphics, and at most ${drawingLimits.graphics} can be`);
  const above = new Map(written.map(([name, { under }]) => [name, under]));
  for (const name of above.keys()) {
    const seen = new Set<unknown>();
    let at: unknown = name;
    while (at !== undefined && !seen.has(at)) {
      seen.add(at);
      at = above.get(at as string);
    }
    if (at === name) problems.error('CONFIG_CLASH', `\`${name}\` lies under itself`, [name, 'under']);
  }
}

/** Graphics with the one that each lies under: the one that it names, else the first of an area around its own. */
export function placedGraphics(graphics: readonly GraphicDefinition[]): GraphicDefinition[] {
  return graphics.map((graphic) => {
    const { name, area, under } = graphic;
    if (under !== undefined || area === undefined) return graphic;
    const around = graphics.filter((other) => other.name !== name && other.area !== undefined && other.area !== area && isInArea(area, other.area));
    const nearestOne = around.reduce<GraphicDefinition | undefined>((best, other) => ((best?.area?.length ?? -1) < (other.area?.length ?? 0) ? other : best), undefined);
    return nearestOne === undefined ? graphic : { ...graphic, under: nearestOne.name };
  });
}

const ADDRESS = /^(https?:\/\/|#|\/)/;

/**
 * The graphic of an alarm as an address: the one that it names (`AHU1`, or `AHU1#fan` with the element to mark), or the first
 * whose elements show what the alarm watches. An address stays what it is.
 */
export function withGraphic(alarm: AlarmDefinition, graphics: ReadonlyMap<string, ReadGraphic | undefined>, points: ReadonlyMap<number | undefined, PointDefinition | undefined>, problems: DocumentProblems): AlarmDefinition {
  const { graphic } = alarm;
  if (graphic !== undefined && ADDRESS.test(graphic)) return alarm;
  const watched = watchedPoints(alarm.watch).flatMap((id) => points.get(id)?.name ?? []);
  if (graphic === undefined) {
    for (const [name, read] of graphics) {
      const id = read === undefined ? undefined : elementOf(read.definition, watched);
      if (id !== undefined) return { ...alarm, graphic: graphicAddress(name, id) };
    }
    return alarm;
  }
  const [name = '', id] = graphic.split('#');
  const read = graphics.get(name);
  if (!graphics.has(name)) problems.error('CONFIG_REFERENCE', `there is no graphic \`${name}\`${suggestion(name, graphics.keys())}, and it is no address either`, ['graphic']);
  if (read !== undefined && id !== undefined && !read.drawn.has(id)) problems.error('CONFIG_REFERENCE', `the graphic \`${name}\` has no element with the id \`${id}\`${suggestion(id, read.drawn.keys())}`, ['graphic']);
  const marked = id ?? (read === undefined ? undefined : elementOf(read.definition, watched));
  return { ...alarm, graphic: graphicAddress(name, marked) };
}

/** The first element that shows one of these points; one whose own point it is before one that only uses it. */
function elementOf({ elements }: GraphicDefinition, points: readonly string[]): string | undefined {
  const entries = Object.entries(elements);
  return (entries.find(([, { point }]) => point !== undefined && points.includes(point)) ?? entries.find(([, binding]) => pointsOfBinding(binding).some((name) => points.includes(name))))?.[0];
}
