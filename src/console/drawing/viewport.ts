/** What is seen of a drawing in its pane: how large it is drawn, 1 as wide as the pane, and how far it is scrolled, in pixels. */
export interface Viewport {
  readonly zoom: number;
  readonly left: number;
  readonly top: number;
}

/** Of the pane, in pixels from its upper left corner. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

export const closest = 8;
/** One step of a key or a button. */
export const zoomStep = 1.25;
/** Narrower a drawing is not drawn by itself (graphics.css). */
const fullWidth = 560;

/** On a phone the whole drawing is smaller than it is drawn by itself. */
export function farthest(paneWidth: number): number {
  return Math.min(1, paneWidth / fullWidth);
}

/** Larger or smaller, with what lies under `spot` staying there. The pane itself keeps what is scrolled within the drawing. */
export function zoomedAt({ zoom, left, top }: Viewport, wanted: number, spot: Spot, paneWidth: number): Viewport {
  const next = Math.min(closest, Math.max(farthest(paneWidth), wanted));
  const ratio = next / zoom;
  return { zoom: next, left: Math.max(0, (left + spot.x) * ratio - spot.x), top: Math.max(0, (top + spot.y) * ratio - spot.y) };
}

/** Of a wheel with Ctrl, or two fingers on a touch pad, which browsers tell as the same; `deltaMode` 1 counts lines. */
export function wheelFactor(delta: number, deltaMode: number): number {
  const pixels = deltaMode === 1 ? delta * 20 : delta;
  return Math.exp(-Math.min(200, Math.max(-200, pixels)) * 0.003);
}

/** Two fingers: their middle, and how far they are apart. */
export function spread(a: Spot, b: Spot): { readonly middle: Spot; readonly apart: number } {
  return { middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, apart: Math.max(1, Math.hypot(a.x - b.x, a.y - b.y)) };
}
