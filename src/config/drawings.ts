import { z } from 'zod';
import { filledDrawing, placeholdersIn, placeholdersOfDrawing, substituted, type Parameters } from '../contract/index.js';
import { readDrawing, type Drawing } from './drawing.js';
import { drawingLimits } from './drawing-rules.js';
import { suggestion } from './nearest.js';
import type { DocumentProblems, ProblemList } from './problem-list.js';
import { check, isRecord } from './schema-check.js';
import type { SourceDocument } from './source-document.js';
import { readParameters, recordAt } from './templates.js';

/** A page as its drawing is read: as it is written, or as one of `drawings:` makes it. */
export interface WrittenGraphic {
  readonly raw: unknown;
  /** Points into `graphics:`, or into the drawing with the page named. */
  readonly problems: DocumentProblems;
  /** Where the page itself says a key. */
  readonly own: DocumentProblems;
  /** `over`: keys that the page says itself, in place of what its drawing says. */
  readonly from?: { readonly drawing: string; readonly parameters: Parameters; readonly over: ReadonlySet<string> };
}

const useShape = z.strictObject({
  drawing: z.string().min(1),
  parameters: z.record(z.string(), z.unknown()).default({}),
  title: z.string().min(1).max(200).optional(),
  area: z.string().min(1).optional(),
  under: z.string().min(1).optional(),
});

/** All pages in the order of `graphics:`; those that name one of `drawings:` as that makes them, with their parameters in place. */
export function writtenGraphics(document: SourceDocument, top: Readonly<Record<string, unknown>>, list: ProblemList): Map<string, WrittenGraphic> {
  const root = list.at(document);
  const [graphics, drawings] = [recordAt(top.graphics, 'graphics', root), recordAt(top.drawings, 'drawings', root)];
  const used = new Set<string>();
  const pages = document.keys(graphics).map((name): [string, WrittenGraphic] => {
    const [raw, own] = [graphics[name], root.at('graphics', name)];
    if (!isRecord(raw) || raw.drawing === undefined) return [name, { raw, problems: own, own }];
    if (typeof raw.drawing === 'string') used.add(raw.drawing);
    return [name, usedDrawing(name, raw, own, drawings, (drawing) => list.at(document, ['drawings', drawing], name))];
  });
  for (const [name, body] of Object.entries(drawings)) {
    const here = root.at('drawings', name);
    if (!isRecord(body) || typeof body.svg !== 'string') here.error('CONFIG_INVALID', 'must be a block with `svg`, and what its elements do');
    else if (!used.has(name)) {
      here.warning('CONFIG_REFERENCE', 'no page under `graphics` shows this drawing');
      tellFindings(drawingOf(body.svg), here);
    }
  }
  return new Map(pages);
}

function usedDrawing(name: string, raw: Readonly<Record<string, unknown>>, own: DocumentProblems, drawings: Readonly<Record<string, unknown>>, inDrawing: (drawing: string) => DocumentProblems): WrittenGraphic {
  const nothing: WrittenGraphic = { raw: undefined, problems: own, own };
  if (raw.svg !== undefined || raw.elements !== undefined) {
    own.error('CONFIG_CLASH', `\`${name}\` shows the drawing \`${String(raw.drawing)}\`: it has no \`svg\` and no \`elements\` of its own`);
    return nothing;
  }
  const use = check(useShape, raw, own);
  if (use === undefined) return nothing;
  const { drawing, parameters: written, ...over } = use;
  const body = Object.hasOwn(drawings, drawing) ? drawings[drawing] : undefined;
  if (body === undefined) own.error('CONFIG_REFERENCE', `there is no drawing \`${drawing}\`${suggestion(drawing, Object.keys(drawings))}`, ['drawing']);
  if (!isRecord(body) || typeof body.svg !== 'string') return nothing; // reported where the drawing is written
  const { svg, ...rest } = body;
  const clean = drawingOf(svg).svg;
  const wanted = new Set([...placeholdersIn({ ...rest, ...over }), ...placeholdersOfDrawing(clean ?? '')]);
  const parameters = readParameters(written, wanted, `the drawing \`${drawing}\``, own.at('parameters'));
  // What is wrong with a drawing that cannot be read is told with it; which parameters it needs is not known then.
  if (parameters === undefined) return nothing;
  const filledIn = substituted({ ...rest, ...over }, parameters) as Readonly<Record<string, unknown>>;
  return { raw: { ...filledIn, svg }, problems: inDrawing(drawing), own, from: { drawing, parameters, over: new Set(Object.keys(over)) } };
}

/** What readDrawing complains of, at the `svg` of what is written. */
export function tellFindings({ findings }: Drawing, problems: DocumentProblems): void {
  for (const { severity, code, message } of findings) {
    if (severity === 'error') problems.error(code, message, ['svg']);
    else problems.warning(code, message, ['svg']);
  }
}

/** The cleaned drawing of a page, with its parameters in the texts. */
export function drawnWith(svg: string, from: WrittenGraphic['from']): string {
  return from === undefined ? svg : filledDrawing(svg, from.parameters);
}

const read = new Map<string, Drawing>();
const MOST_KEPT = 16;

/** A configuration is read twice, here and for the revision before; a binding is checked without its drawing having changed; and one drawing has many pages. */
export function drawingOf(svg: string): Drawing {
  const found = read.get(svg);
  if (found !== undefined) return found;
  const drawing = readDrawing(svg);
  if (read.size >= MOST_KEPT) read.clear();
  read.set(svg, drawing);
  return drawing;
}

/** What all drawings of a site may have together, and what their pages may. */
export function checkDrawnBytes(top: Readonly<Record<string, unknown>>, pages: ReadonlyMap<string, WrittenGraphic>, problems: DocumentProblems): void {
  const blocks = ['graphics', 'drawings'].flatMap((section) => Object.values(isRecord(top[section]) ? top[section] : {}));
  const bytes = blocks.reduce<number>((sum, block) => sum + bytesOf(block), 0);
  if (bytes > drawingLimits.siteBytes) problems.error('DRAWING_INVALID', `the drawings have ${Math.ceil(bytes / 1024)} KiB together, and at most ${drawingLimits.siteBytes / 1024} are taken`, ['graphics']);
  const shown = [...pages.values()].reduce((sum, { raw }) => sum + bytesOf(raw), 0);
  if (shown > drawingLimits.shownBytes) problems.error('DRAWING_INVALID', `the pages have drawings of ${Math.ceil(shown / 1024)} KiB together, and at most ${drawingLimits.shownBytes / 1024} are taken: simplify the drawing that many show`, ['graphics']);
}

function bytesOf(block: unknown): number {
  return isRecord(block) && typeof block.svg === 'string' ? Buffer.byteLength(block.svg) : 0;
}
