import { IxButton } from '@siemens/ix-react';
import { useRef, type ReactNode } from 'react';
import { graphicTexts } from '../graphic-texts.js';
import { useZoom } from './use-zoom.js';
import { zoomStep } from './viewport.js';

const t = graphicTexts.zoom;

/** A drawing that can be enlarged and moved about, by mouse, keyboard and fingers. */
export function ZoomPane({ children }: { readonly children: ReactNode }): ReactNode {
  const pane = useRef<HTMLDivElement>(null);
  const { zoom, by, fit } = useZoom(pane);
  return (
    <div className="zoom-pane">
      <div className="zoom-bar" role="group" aria-label={t.bar}>
        <span className="soft" aria-live="polite" data-testid="zoom-percent">{t.percent(zoom)}</span>
        <IxButton variant="subtle-primary" aria-label={t.away} title={t.away} onClick={() => by(1 / zoomStep)} data-testid="zoom-away">−</IxButton>
        <IxButton variant="subtle-primary" aria-label={t.closer} title={t.closer} onClick={() => by(zoomStep)} data-testid="zoom-closer">+</IxButton>
        <IxButton variant="subtle-primary" disabled={zoom === 1} onClick={fit} data-testid="zoom-fit">{t.fit}</IxButton>
      </div>
      <div ref={pane} className="drawn-scroll" role="region" aria-label={t.pane} tabIndex={0} data-testid="zoom-pane">
        {children}
      </div>
    </div>
  );
}
