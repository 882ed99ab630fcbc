import { SaxesParser, type SaxesTagNS } from 'saxes';
import type { DrawnElement, ErrorCode } from '../contract/index.js';
import { drawnWeight, type Holding } from './drawing-weight.js';
import { drawingLimits, drawnElements, fittingId, ownReference, pictureAddress, plainAttributes, styleAttributes, textElements, unsafeElements } from './drawing-rules.js';

const SVG = 'http://www.w3.org/2000/svg';
const XHTML = 'http://www.w3.org/1999/xhtml';
const XLINK = 'http://www.w3.org/1999/xlink';
const LONGEST_TEXT = 80;

export interface DrawingFinding {
  readonly severity: 'error' | 'warning';
  readonly code: Extract<ErrorCode, 'DRAWING_INVALID' | 'DRAWING_UNSAFE'>;
  readonly message: string;
}

export interface Drawing {
  /** Absent where there is an error. */
  readonly svg?: string;
  readonly elements: readonly DrawnElement[];
  readonly findings: readonly DrawingFinding[];
}

/**
 * Reads an SVG that anybody may have drawn. What could run something, reach the page around it or fetch anything is refused by its
 * name; what drawing programs keep for themselves is left out; `style` becomes attributes. Everything that is wrong is told at once.
 */
export function readDrawing(text: string): Drawing {
  const bytes = Buffer.byteLength(text);
  if (bytes > drawingLimits.bytes) return refusedDrawing(`the drawing has ${Math.ceil(bytes / 1024)} KiB, and at most ${drawingLimits.bytes / 1024} are taken: simplify it, or save without pictures`);
  return new DrawingReader(text).read();
}

function refusedDrawing(message: string): Drawing {
  return { elements: [], findings: [{ severity: 'error', code: 'DRAWING_INVALID', message }] };
}

interface Open {
  readonly name: string;
  /** Undefined for what is left out, with all that is in it. */
  readonly element: { kind: string; id: string | undefined; text: string; title: string } | undefined;
}

class DrawingReader {
  private readonly parser = new SaxesParser({ xmlns: true });
  private readonly findings = new Map<string, DrawingFinding>();
  private readonly out: string[] = [];
  private readonly stack: Open[] = [];
  private readonly elements = new Map<string, DrawnElement>();
  private readonly referred = new Map<string, number>();
  /** By id; under '' of the whole drawing. */
  private readonly holdings = new Map<string, Holding>([['', { elements: 0, refers: [] }]]);
  private count = 0;

  constructor(private readonly text: string) {
    const { parser } = this;
    parser.on('error', ({ message }) => this.stop(`it is not well-formed: ${message}`));
    parser.on('doctype', (doctype) => {
      if (/\[|ENTITY/i.test(doctype)) this.unsafe('<!DOCTYPE …> declares entities, which a drawing has none of');
    });
    parser.on('processinginstruction', ({ target }) => this.unsafe(`<?${shown(target)}?> brings in something from elsewhere`));
    parser.on('opentag', (tag) => this.opened(tag));
    parser.on('closetag', () => this.closed());
    parser.on('text', (part) => this.said(part));
    parser.on('cdata', (part) => this.said(part));
  }

  read(): Drawing {
    try {
      this.parser.write(this.text.replace(/^\uFEFF/, '')).close();
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
    }
    for (const [id, line] of this.referred) if (!this.elements.has(id)) this.warn(`\`#${id}\` is referred to and not drawn`, line);
    if (drawnWeight('', this.holdings) > drawingLimits.drawn) this.find('error', 'DRAWING_UNSAFE', `with all that its elements refer to, more than ${drawingLimits.drawn} elements are to be drawn, or one refers to itself`);
    const findings = [...this.findings.values()];
    const refused = findings.some(({ severity }) => severity === 'error');
    return { ...(refused ? {} : { svg: this.out.join('') }), elements: [...this.elements.values()], findings };
  }

  private opened(tag: SaxesTagNS): void {
    const { local, uri } = tag;
    this.count += 1;
    if (this.count > drawingLimits.elements) this.stop(`it has more than ${drawingLimits.elements} elements`);
    if (this.stack.length >= drawingLimits.depth) this.stop(`its elements lie more than ${drawingLimits.depth} deep in each other`);
    if (this.stack.length === 0 && (local !== 'svg' || uri !== SVG)) this.stop(`its outermost element is <${shown(tag.name)}>, and has to be <svg xmlns="${SVG}">`);
    const why = unsafeElements[local];
    if (why !== undefined || uri === XHTML) this.unsafe(`<${shown(tag.name)}>: ${why ?? 'a drawing holds no part of a page'}`);
    const left = uri !== SVG || local === 'metadata' || !drawnElements.has(local) || this.isLeftOut;
    const id = left ? undefined : tag.attributes.id?.value;
    if (id !== undefined && !this.holdings.has(id)) this.holdings.set(id, { elements: 0, refers: [] });
    for (const holding of this.holders(id)) holding.elements += 1;
    // What other programs keep in a drawing is left out whole, whatever it says.
    const attributes = uri === SVG ? this.attributesOf(tag, id) : new Map<string, string>();
    if (left) {
      if (uri === SVG && local !== 'metadata' && why === undefined && !this.isLeftOut) this.warn(`<${shown(local)}> is not drawn`);
      this.stack.push({ name: local, element: undefined });
      return;
    }
    if (this.stack.length === 0) this.checkSize(attributes);
    this.out.push(`<${local}${this.stack.length === 0 ? ` xmlns="${SVG}"` : ''}${[...attributes].map(([name, value]) => ` ${name}="${escaped(value)}"`).join('')}>`);
    if (id !== undefined && this.elements.has(id)) this.warn(`the id \`${id}\` is there twice: what is bound to it is bound to the first one`);
    else if (id !== undefined && attributes.has('id')) this.elements.set(id, { id, kind: local });
    this.stack.push({ name: local, element: { kind: local, id, text: '', title: '' } });
  }

  private closed(): void {
    const { name, element } = this.stack.pop() ?? {};
    if (element === undefined) return;
    this.out.push(`</${name ?? ''}>`);
    const text = short(element.title === '' ? element.text : element.title);
    const own = element.id === undefined ? undefined : this.elements.get(element.id);
    if (own !== undefined && text !== '' && own.text === undefined) this.elements.set(own.id, { ...own, text });
    const above = this.stack.at(-1)?.element;
    if (above === undefined) return;
    if (name === 'title') above.title = element.text;
    else if (name !== 'desc' && above.text.length < LONGEST_TEXT) above.text += ` ${element.text}`;
  }

  private said(part: string): void {
    const open = this.stack.at(-1);
    if (open?.element === undefined) return;
    // Blanks between shapes are layout; anything else that is not in a text is drawn by nobody.
    if (textElements.has(open.name)) {
      this.out.push(escaped(part));
      if (open.element.text.length < LONGEST_TEXT) open.element.text += part;
    } else if (part.includes('\n')) this.out.push('\n');
  }

  private get isLeftOut(): boolean {
    const open = this.stack.at(-1);
    return open !== undefined && open.element === undefined;
  }

  /** Of the whole drawing, of what is open and has an id, and of what is about to be opened. */
  private holders(id: string | undefined): Holding[] {
    const ids = new Set(['', ...this.stack.map(({ element }) => element?.id), id]);
    return [...ids].flatMap((each) => (each === undefined ? [] : (this.holdings.get(each) ?? [])));
  }

  /** Those that are kept, references as `href`, style as attributes. */
  private attributesOf({ local, attributes }: SaxesTagNS, id: string | undefined): Map<string, string> {
    const referTo = (other: string): void => {
      if (!this.referred.has(other)) this.referred.set(other, this.parser.line);
      for (const { refers } of this.holders(id)) refers.push(other);
    };
    const kept = new Map<string, string>();
    for (const { name, local: attribute, uri, value } of Object.values(attributes)) {
      if (/^on/i.test(attribute)) {
        this.unsafe(`\`${shown(name)}\` of <${shown(local)}>: a drawing runs nothing`);
        continue;
      }
      if (uri === 'http://www.w3.org/XML/1998/namespace') {
        if (attribute === 'base') this.unsafe(`\`xml:base\` of <${shown(local)}>: a drawing takes nothing from elsewhere`);
        continue;
      }
      // `xmlns` and what drawing programs keep for themselves.
      if (uri !== '' && uri !== XLINK) continue;
      if (attribute === 'href') {
        if (this.isOwn(local, name, value, referTo)) kept.set('href', value);
      } else if (attribute === 'style') this.styleOf(local, value, kept, referTo);
      else if (this.isHarmless(local, name, value, referTo) && uri === '') {
        if (attribute === 'id' && !fittingId.test(value)) this.warn(`the id \`${shown(value)}\` cannot be bound: letters, digits and _ . : -, a letter first`);
        else if ((plainAttributes.has(attribute) || styleAttributes.has(attribute)) && !kept.has(attribute)) kept.set(attribute, value);
      }
    }
    return kept;
  }

  private isOwn(element: string, attribute: string, value: string, referTo: ReferTo): boolean {
    if (ownReference.test(value)) {
      referTo(value.slice(1));
      return true;
    }
    if (element === 'image' && pictureAddress.test(value)) return true;
    this.unsafe(`\`${shown(attribute)}\` of <${shown(element)}> is ${shown(value)}: only \`#id\` of the drawing itself${element === 'image' ? ', or an embedded PNG, JPEG, GIF or WebP,' : ''} is taken`);
    return false;
  }

  /** Style wins over attributes, as in a browser. */
  private styleOf(element: string, style: string, kept: Map<string, string>, referTo: ReferTo): void {
    if (!this.isHarmless(element, 'style', style, referTo)) return;
    for (const declaration of style.split(';')) {
      const colon = declaration.indexOf(':');
      const [property, value] = [declaration.slice(0, colon).trim().toLowerCase(), declaration.slice(colon + 1).replace(/!important/i, '').trim()];
      if (colon > 0 && value !== '' && styleAttributes.has(property)) kept.set(property, value);
    }
  }

  /** No address other than of the drawing itself, and nothing that reads as a script. Escapes of CSS could hide either. */
  private isHarmless(element: string, attribute: string, value: string, referTo: ReferTo): boolean {
    const at = `\`${shown(attribute)}\` of <${shown(element)}>`;
    const squeezed = value.replace(/\s+/g, '');
    if (/javascript:|vbscript:|data:|expression\(|@import|image-set\(|src\(|behavior:|-moz-binding|\\/i.test(squeezed)) {
      this.unsafe(`${at} is ${shown(value)}: a drawing runs nothing and takes nothing from elsewhere`);
      return false;
    }
    for (const [, address = ''] of squeezed.matchAll(/url\(([^)]*)\)?/gi)) {
      const own = address.replace(/^["']|["']$/g, '');
      if (!ownReference.test(own)) {
        this.unsafe(`${at} is ${shown(value)}: only url(#id) of the drawing itself is taken`);
        return false;
      }
      referTo(own.slice(1));
    }
    return true;
  }

  /** Without a `viewBox` the drawing could not be fitted to a screen. */
  private checkSize(attributes: Map<string, string>): void {
    const box = (attributes.get('viewBox') ?? '').trim().split(/[\s,]+/).map(Number);
    const [width, height] = [attributes.get('width'), attributes.get('height')].map((value) => Number.parseFloat(value ?? ''));
    attributes.delete('width');
    attributes.delete('height');
    for (const key of ['x', 'y', 'transform', 'preserveAspectRatio']) attributes.delete(key);
    const [, , across = 0, down = 0] = box;
    if (box.length === 4 && box.every(Number.isFinite) && across > 0 && down > 0) attributes.set('viewBox', box.join(' '));
    else if (width !== undefined && height !== undefined && width > 0 && height > 0) attributes.set('viewBox', `0 0 ${width} ${height}`);
    else this.find('error', 'DRAWING_INVALID', 'its <svg> needs a `viewBox`, or `width` and `height`');
  }

  private unsafe(message: string): void {
    this.find('error', 'DRAWING_UNSAFE', message);
  }

  private warn(message: string, line = this.parser.line): void {
    this.find('warning', 'DRAWING_INVALID', message, line);
  }

  private stop(message: string): never {
    this.find('error', 'DRAWING_INVALID', message);
    throw new Stopped();
  }

  private find(severity: DrawingFinding['severity'], code: DrawingFinding['code'], message: string, line = this.parser.line): void {
    // The same thing a hundred times is one finding.
    if (!this.findings.has(message)) this.findings.set(message, { severity, code, message: `line ${line} of the drawing: ${message}` });
  }
}

type ReferTo = (id: string) => void;

/** Ends the reading: what follows would only be guessed. */
class Stopped extends Error {}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

function short(text: string): string {
  const plain = text.replace(/\s+/g, ' ').trim();
  return plain.length > LONGEST_TEXT ? `${plain.slice(0, LONGEST_TEXT - 1)}…` : plain;
}

function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
