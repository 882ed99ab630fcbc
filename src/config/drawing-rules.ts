/** What a drawing may hold: shapes, texts, gradients. Whatever is in neither list is refused or left out (docs/graphics.md). */
export const drawnElements: ReadonlySet<string> = new Set([
  'svg', 'g', 'defs', 'symbol', 'use', 'title', 'desc', 'path', 'rect', 'circle', 'ellipse', 'line', 'polyline', 'polygon', 'text', 'tspan', 'textPath', 'image', 'linearGradient', 'radialGradient', 'stop', 'clipPath', 'mask', 'pattern', 'marker',
]);

/** They run something, bring in another document, or change attributes behind the back of the check. */
export const unsafeElements: Readonly<Record<string, string>> = {
  script: 'a drawing runs nothing',
  foreignObject: 'a drawing holds no other kind of document',
  iframe: 'a drawing holds no other document',
  object: 'a drawing holds no other document',
  embed: 'a drawing holds no other document',
  audio: 'a drawing plays nothing',
  video: 'a drawing plays nothing',
  style: 'style sheets reach the page around the drawing: save with presentation attributes (Inkscape: Plain SVG; Illustrator: Styling, Presentation Attributes)',
  link: 'a drawing takes nothing from elsewhere',
  a: 'what a click does is said in the binding: `open`',
  animate: 'what moves is said in the binding: `spin`, `turn`, `level`',
  animateMotion: 'what moves is said in the binding: `spin`, `turn`, `level`',
  animateTransform: 'what moves is said in the binding: `spin`, `turn`, `level`',
  animateColor: 'colours that change are said in the binding: `fill`, `stroke`',
  set: 'what changes is said in the binding',
  handler: 'a drawing runs nothing',
  listener: 'a drawing runs nothing',
};

/** Properties of style, as attributes or within `style=""`. */
export const styleAttributes: ReadonlySet<string> = new Set([
  'fill', 'fill-opacity', 'fill-rule', 'stroke', 'stroke-opacity', 'stroke-width', 'stroke-linecap', 'stroke-linejoin', 'stroke-miterlimit', 'stroke-dasharray', 'stroke-dashoffset', 'opacity', 'color', 'display', 'visibility', 'overflow', 'paint-order', 'vector-effect', 'shape-rendering',
  'font-family', 'font-size', 'font-weight', 'font-style', 'font-variant', 'font-stretch', 'text-anchor', 'text-decoration', 'dominant-baseline', 'alignment-baseline', 'baseline-shift', 'letter-spacing', 'word-spacing', 'writing-mode',
  'stop-color', 'stop-opacity', 'clip-path', 'clip-rule', 'mask', 'marker-start', 'marker-mid', 'marker-end',
]);

export const plainAttributes: ReadonlySet<string> = new Set([
  'id', 'x', 'y', 'x1', 'y1', 'x2', 'y2', 'dx', 'dy', 'cx', 'cy', 'r', 'rx', 'ry', 'fx', 'fy', 'width', 'height', 'd', 'points', 'pathLength', 'transform', 'rotate', 'textLength', 'lengthAdjust', 'startOffset', 'viewBox', 'preserveAspectRatio',
  'offset', 'gradientUnits', 'gradientTransform', 'spreadMethod', 'clipPathUnits', 'maskUnits', 'maskContentUnits', 'patternUnits', 'patternContentUnits', 'patternTransform', 'markerWidth', 'markerHeight', 'markerUnits', 'orient', 'refX', 'refY',
]);

/** Elements whose text is drawn, or read out. */
export const textElements: ReadonlySet<string> = new Set(['text', 'tspan', 'textPath', 'title', 'desc']);

export const drawingLimits = {
  /** Of one drawing. The configuration travels whole, with every change of it. */
  bytes: 512 * 1024,
  /** Of all drawings of a site. */
  siteBytes: 4 * 1024 * 1024,
  /** Of all pages, where many show one drawing. */
  shownBytes: 32 * 1024 * 1024,
  elements: 20_000,
  /** With references followed. */
  drawn: 50_000,
  depth: 64,
  graphics: 200,
  bound: 2_000,
} as const;

/** Pictures within a drawing, such as a floor plan that was scanned. */
export const pictureAddress = /^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*$/;
export const ownReference = /^#[^\s"'()<>\\]+$/;
export const fittingId = /^[\p{L}_][\p{L}\p{N}_.:-]{0,119}$/u;
