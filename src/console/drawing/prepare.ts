import DOMPurify from 'dompurify';
import { inTheDark } from '../format/themed-colour.js';

/** Of ids within a drawing, so that they are never taken for those of the page. */
const PREFIX = 'drawn-';
const references = ['href', 'fill', 'stroke', 'clip-path', 'mask', 'marker-start', 'marker-mid', 'marker-end'];
const colours = ['fill', 'stroke', 'stop-color', 'color'] as const;
const mostUses = 5_000;

/** A drawing as elements of this page. */
export interface PreparedDrawing {
  readonly root: SVGSVGElement;
  /** By the id that it was drawn with. */
  readonly elements: ReadonlyMap<string, SVGGraphicsElement>;
}

/**
 * The nodes have checked the drawing already; here it is cleaned once more, by another library, before a browser draws it. Undefined
 * where nothing is left of it.
 */
export function prepare(svg: string): PreparedDrawing | undefined {
  const clean = DOMPurify.sanitize(svg, { USE_PROFILES: { svg: true }, ADD_TAGS: ['use'], FORBID_TAGS: ['style', 'a', 'foreignObject', 'script', 'animate', 'set'], FORBID_ATTR: ['style', 'class', 'target'], ADD_ATTR: ['href'], SANITIZE_DOM: false, RETURN_DOM_FRAGMENT: true });
  const root = clean.querySelector('svg');
  if (root === null) return undefined;
  const elements = new Map<string, SVGGraphicsElement>();
  for (const element of [root, ...root.querySelectorAll('*')]) {
    for (const name of references) {
      const value = element.getAttribute(name);
      if (value === null) continue;
      if (name !== 'href') {
        if (/url\(\s*["']?(?!#)/i.test(value.replace(/url\(\s*["']?#/gi, ''))) element.removeAttribute(name);
        else element.setAttribute(name, value.replace(/url\(\s*["']?#/gi, `url(#${PREFIX}`));
      }
      else if (value.startsWith('#')) element.setAttribute(name, `#${PREFIX}${value.slice(1)}`);
      else if (element.localName !== 'image' || !value.startsWith('data:image/')) element.remove();
    }
    const id = element.getAttribute('id');
    if (id === null) continue;
    element.setAttribute('id', PREFIX + id);
    if (element instanceof SVGGraphicsElement && !elements.has(id)) elements.set(id, element);
  }
  if (root.querySelectorAll('use').length > mostUses) return undefined;
  // What is drawn without a colour is drawn in black, which the dark theme turns.
  if (!root.hasAttribute('fill')) root.setAttribute('fill', '#000000');
  return { root, elements };
}

const drawnColours = new WeakMap<Element, Readonly<Record<string, string>>>();

/** Turns the greys of a drawing for the dark theme, or back. */
export function applyTheme({ root }: PreparedDrawing, dark: boolean): void {
  for (const element of [root, ...root.querySelectorAll('*')]) {
    const drawn = drawnColours.get(element) ?? Object.fromEntries(colours.flatMap((name) => (element.hasAttribute(name) ? [[name, element.getAttribute(name) ?? '']] : [])));
    drawnColours.set(element, drawn);
    for (const [name, colour] of Object.entries(drawn)) element.setAttribute(name, dark ? inTheDark(colour) : colour);
  }
}
