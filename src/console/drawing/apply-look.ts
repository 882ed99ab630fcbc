import type { LevelBinding } from '../../contract/graphic.js';
import type { ElementLook } from '../format/graphic.js';

const origins: Record<LevelBinding['grows'], readonly [origin: string, axis: 'X' | 'Y']> = { up: ['50% 100%', 'Y'], down: ['50% 0%', 'Y'], right: ['0% 50%', 'X'], left: ['100% 50%', 'X'] };
const drawnTexts = new WeakMap<Element, string>();

/** Makes an element look as the values say; what is not said of it stays as it is drawn. */
export function applyLook(element: SVGGraphicsElement, { text, fill, stroke, shown, spinning, turn, level, quality }: ElementLook, grows: LevelBinding['grows'] = 'up'): void {
  if (text !== undefined) {
    // The first piece of a text holds its place and font; the others would show what was drawn.
    const [first, ...others] = element.localName === 'text' ? [...element.querySelectorAll(':scope > tspan')] : [];
    const target = first ?? element;
    if (!drawnTexts.has(element)) drawnTexts.set(element, element.textContent);
    if (target.textContent !== text) target.textContent = text;
    for (const other of others) other.remove();
  }
  colour(element, 'fill', fill);
  colour(element, 'stroke', stroke);
  element.style.display = shown ? '' : 'none';
  element.classList.toggle('drawn-spinning', spinning);
  element.classList.toggle('drawn-doubtful', quality !== undefined && quality >> 6 !== 0);
  if (turn !== undefined) element.style.transform = `rotate(${turn.toFixed(1)}deg)`;
  if (level !== undefined) {
    const [origin, axis] = origins[grows];
    element.style.transformOrigin = origin;
    element.style.transform = `scale${axis}(${level.toFixed(3)})`;
  }
}

/** A shape takes the colour itself; of a group its shapes do, those that are drawn with one. */
function colour(element: SVGGraphicsElement, property: 'fill' | 'stroke', name: string | undefined): void {
  const value = name === undefined ? '' : name.startsWith('#') ? name : `var(--drawn-${name})`;
  const targets = element.localName === 'g' || element.localName === 'use' ? [element, ...element.querySelectorAll<SVGGraphicsElement>(`[${property}]:not([${property}=none])`)] : [element];
  for (const target of targets) if (target.style[property] !== value) target.style[property] = value;
}

/** Where an attribute says how an element lies, what moves it goes around that: style would win over it. */
export function keepPlace(element: SVGGraphicsElement): void {
  const transform = element.getAttribute('transform');
  if (transform === null) return;
  const place = document.createElementNS('http://www.w3.org/2000/svg', 'g');
  place.setAttribute('transform', transform);
  element.removeAttribute('transform');
  element.replaceWith(place);
  place.append(element);
}
