import type { ReactNode } from 'react';
import { Panel } from '../../components/panel.js';
import { treeOf } from '../../data/graphics.js';
import { hrefOf } from '../../data/route.js';
import { LiveGraphic } from '../../drawing/live-graphic.js';
import { useGraphic, useGraphics } from '../../drawing/use-graphics.js';
import { graphicTexts as t } from '../../graphic-texts.js';

/** The uppermost page of the plant; absent where the site has none. */
export function OverviewGraphic({ onSignIn }: { readonly onSignIn: () => void }): ReactNode {
  const { value: graphics = [] } = useGraphics();
  const first = treeOf(graphics)[0]?.graphic;
  const { value: graphic } = useGraphic(first);
  if (first === undefined || graphic === undefined) return null;
  return (
    <Panel title={first.title} href={hrefOf('graphics')} linkText={t.allGraphics}>
      <div className="overview-graphic">
        <LiveGraphic graphic={graphic} graphics={graphics} withValues={false} onSignIn={onSignIn} />
      </div>
    </Panel>
  );
}
