import type { DrawnElement, ElementBinding, GraphicDefinition } from '../../contract/graphic.js';
import { filledDrawing, placeholdersIn, placeholdersOfDrawing, substituted, type Parameter } from '../../contract/parameters.js';

/** A page as it is written under `graphics:`, or a drawing of many pages under `drawings:`. */
export interface WrittenGraphic {
  readonly title?: string;
  readonly area?: string;
  readonly under?: string;
  readonly colours?: GraphicDefinition['colours'];
  /** Absent where it shows a `drawing`. */
  readonly svg?: string;
  readonly elements?: Readonly<Record<string, ElementBinding>>;
  readonly drawing?: string;
  readonly parameters?: Readonly<Record<string, Parameter>>;
}

export const emptyGraphic: WrittenGraphic = { svg: '', elements: {} };

/** With the binding of one element; undefined or an empty one removes it. */
export function withElement(graphic: WrittenGraphic, id: string, binding: ElementBinding | undefined): WrittenGraphic {
  if (binding === undefined || Object.keys(binding).length === 0) return { ...graphic, elements: Object.fromEntries(Object.entries(graphic.elements ?? {}).filter(([other]) => other !== id)) };
  // In its place where it is there already, so that a difference shows what was changed and nothing else.
  return { ...graphic, elements: { ...graphic.elements, [id]: binding } };
}

/** The binding of a lost id goes to another element. */
export function rebound(graphic: WrittenGraphic, from: string, to: string): WrittenGraphic {
  const binding = graphic.elements?.[from];
  return withElement(withElement(graphic, from, undefined), to, binding);
}

/** Without the keys that say nothing: what is left empty is not written. */
export function compactly<T extends object>(value: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined && part !== '' && !(Array.isArray(part) && part.length === 0))) as T;
}

/** Names of the parameters that a drawing needs, in the order of their letters. */
export function parametersOf(drawing: WrittenGraphic, clean: string): readonly string[] {
  // As written it may hold more braces than those that are filled: only what is drawn counts.
  return [...new Set([...placeholdersIn({ ...drawing, svg: '' }), ...placeholdersOfDrawing(clean)])].sort((a, b) => a.localeCompare(b));
}

/** A drawing as a page with these parameters shows it. */
export function withParameters(drawing: WrittenGraphic, clean: string, parameters: Readonly<Record<string, Parameter>>): { readonly value: WrittenGraphic; readonly svg: string } {
  const given = new Map(Object.entries(parameters));
  return { value: substituted(drawing, given) as WrittenGraphic, svg: filledDrawing(clean, given) };
}

/** As the node reads it: what is left out has its default. */
export function shownDraft(name: string, { title = name, colours = 'theme', elements = {} }: WrittenGraphic, svg: string): GraphicDefinition {
  const full = Object.entries(elements).map(([id, binding]): [string, ElementBinding] => [
    id,
    {
      ...binding,
      ...(binding.level === undefined ? {} : { level: { ...{ from: 0, to: 100, grows: 'up' as const }, ...binding.level } }),
      ...(binding.turn === undefined ? {} : { turn: { ...{ from: 0, to: 100, degrees: 90 }, ...binding.turn } }),
    },
  ]);
  return { name, title, colours, svg, elements: Object.fromEntries(full) };
}

export interface IdChange {
  /** Bound, and not drawn. */
  readonly lost: readonly string[];
  readonly came: readonly string[];
  readonly went: readonly string[];
}

/** What another drawing has of the ids of the one before. */
export function idChange(before: readonly DrawnElement[], after: readonly DrawnElement[], bound: readonly string[]): IdChange {
  const [old, now] = [new Set(before.map(({ id }) => id)), new Set(after.map(({ id }) => id))];
  return { lost: bound.filter((id) => !now.has(id)), came: [...now].filter((id) => !old.has(id)), went: [...old].filter((id) => !now.has(id)) };
}
