import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';
import { spread, wheelFactor, zoomedAt, zoomStep, type Spot } from './viewport.js';

/** How far a pointer moves before it drags and does not click, in pixels. */
const dragFrom = 4;

export interface Zoom {
  readonly zoom: number;
  /** By this factor, around the middle of what is seen. */
  readonly by: (factor: number) => void;
  readonly fit: () => void;
}

/**
 * Makes a pane that scrolls one that is enlarged as well: Ctrl and wheel, two fingers, plus, minus and 0; dragged by the mouse. One finger and
 * the arrow keys scroll it as the browser does, and the focus brings what it is on into sight by itself.
 */
export function useZoom(pane: RefObject<HTMLDivElement | null>): Zoom {
  const [zoom, setZoom] = useState(1);
  const current = useRef(1);

  const zoomTo = useCallback((wanted: number, spot?: Spot) => {
    const { current: element } = pane;
    if (element === null) return;
    const at = spot ?? { x: element.clientWidth / 2, y: element.clientHeight / 2 };
    const next = zoomedAt({ zoom: current.current, left: element.scrollLeft, top: element.scrollTop }, wanted, at, element.clientWidth);
    if (next.zoom === current.current) return;
    current.current = next.zoom;
    // At once and not with the next rendering: it is scrolled within its new size.
    element.style.setProperty('--drawn-zoom', String(next.zoom));
    element.dataset.zoomed = String(next.zoom > 1);
    element.scrollTo(next.left, next.top);
    setZoom(next.zoom);
  }, [pane]);
  const by = useCallback((factor: number) => zoomTo(current.current * factor), [zoomTo]);
  const fit = useCallback(() => zoomTo(1), [zoomTo]);

  useEffect(() => {
    const { current: element } = pane;
    if (element === null) return undefined;
    const spotOf = ({ clientX, clientY }: { readonly clientX: number; readonly clientY: number }): Spot => {
      const { left, top } = element.getBoundingClientRect();
      return { x: clientX - left, y: clientY - top };
    };
    const onWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoomTo(current.current * wheelFactor(event.deltaY, event.deltaMode), spotOf(event));
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === '+' || event.key === '=') by(zoomStep);
      else if (event.key === '-') by(1 / zoomStep);
      else if (event.key === '0') fit();
      else return;
      event.preventDefault();
    };

    let pinch: { readonly apart: number; readonly zoom: number } | undefined;
    const onTouch = (event: TouchEvent): void => {
      const [a, b] = event.touches;
      if (a === undefined || b === undefined) {
        pinch = undefined;
        return;
      }
      if (event.cancelable) event.preventDefault();
      const { middle, apart } = spread(spotOf(a), spotOf(b));
      pinch ??= { apart, zoom: current.current };
      zoomTo((pinch.zoom * apart) / pinch.apart, middle);
    };

    let drag: { readonly x: number; readonly y: number; readonly left: number; readonly top: number; moved: boolean } | undefined;
    const onDown = (event: PointerEvent): void => {
      if (event.pointerType === 'mouse' && event.button === 0) drag = { x: event.clientX, y: event.clientY, left: element.scrollLeft, top: element.scrollTop, moved: false };
    };
    const onMove = (event: PointerEvent): void => {
      if (drag === undefined) return;
      const [across, down] = [event.clientX - drag.x, event.clientY - drag.y];
      if (!drag.moved && Math.hypot(across, down) < dragFrom) return;
      if (!drag.moved) element.setPointerCapture(event.pointerId);
      drag.moved = true;
      element.scrollTo(drag.left - across, drag.top - down);
    };
    const onUp = (): void => {
      // The click that ends a drag opens nothing; it comes right behind this.
      if (drag?.moved === true) {
        element.addEventListener('click', swallow, { capture: true, once: true });
        setTimeout(() => element.removeEventListener('click', swallow, { capture: true }));
      }
      drag = undefined;
    };
    const listeners = { wheel: onWheel, keydown: onKey, touchstart: onTouch, touchmove: onTouch, touchend: onTouch, touchcancel: onTouch, pointerdown: onDown, pointermove: onMove, pointerup: onUp, pointercancel: onUp };
    // Not passive: a wheel or two fingers that enlarge the drawing do not enlarge or scroll the page.
    for (const [name, listener] of Object.entries(listeners)) element.addEventListener(name, listener as EventListener, { passive: false });
    return () => {
      for (const [name, listener] of Object.entries(listeners)) element.removeEventListener(name, listener as EventListener);
    };
  }, [pane, zoomTo, by, fit]);
  return { zoom, by, fit };
}

function swallow(event: Event): void {
  event.stopPropagation();
  event.preventDefault();
}
