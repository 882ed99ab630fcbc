import type { ReactNode } from 'react';
import { PriorityMark } from '../../components/priority-mark.js';
import type { GraphicInfo } from '../../../contract/graphic.js';
import { treeOf } from '../../data/graphics.js';
import { hrefOf } from '../../data/route.js';
import { usePlant } from '../../data/services.js';
import { alarmFinder } from '../../drawing/graphic-alarms.js';
import { graphicTexts as t } from '../../graphic-texts.js';

/** The pages as they lie under each other, each with its most urgent alarm. */
export function GraphicTree({ graphics, shown }: { readonly graphics: readonly GraphicInfo[]; readonly shown: string | undefined }): ReactNode {
  const alarms = usePlant((view) => view.alarms);
  const alarmOf = alarmFinder('', alarms, graphics);
  return (
    <nav aria-label={t.pages}>
      <ul className="master graphic-tree">
        {treeOf(graphics).map(({ graphic: { name, title, area }, depth }) => {
          const alarm = alarmOf('', { open: { graphic: name } });
          return (
            <li key={name} style={{ paddingInlineStart: `${depth * 16}px` }}>
              <a href={hrefOf('graphics', { name })} aria-current={name === shown ? 'page' : undefined} data-testid="graphic-link" data-graphic={name}>
                <span>{title}</span>
                {area === undefined ? null : <span className="soft">{area}</span>}
                {alarm === undefined ? null : <PriorityMark alarm={alarm} />}
              </a>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
