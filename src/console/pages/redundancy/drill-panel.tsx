import { iconErrorFilled, iconSuccess } from '@siemens/ix-icons/icons';
import { IxSpinner } from '@siemens/ix-react';
import type { ReactNode } from 'react';
import type { DrillReport } from '../../../contract/redundancy-status.js';
import { Facts } from '../../components/facts.js';
import { Mark } from '../../components/mark.js';
import { Panel } from '../../components/panel.js';
import { formatDuration, formatTime } from '../../format/times.js';
import { texts } from '../../texts.js';

const t = texts.pair.drill;

/** R35: the drill that is under way, or the report of the last one. */
export function DrillPanel({ drill }: { readonly drill: DrillReport | undefined }): ReactNode {
  if (drill === undefined) {
    return (
      <Panel title={t.title}>
        <p className="soft">{t.none}</p>
      </Panel>
    );
  }
  const { phase, by, startedMs, gapsMs, probes, lost, repeated, reason } = drill;
  const text = reason === undefined ? t.phases[phase] : `${t.phases[phase]}: ${reason}`;
  const result =
    phase === 'away' || phase === 'back' ? (
      <span className="sign" role="status">
        <IxSpinner size="x-small" />
        {text}
      </span>
    ) : (
      <Mark icon={phase === 'done' ? iconSuccess : iconErrorFilled} tone={phase === 'done' ? 'plain' : 'alarm'} text={text} />
    );
  return (
    <Panel title={t.title}>
      <div data-testid="drill-report">
        <Facts
          items={[
            [t.phase, result],
            [t.by, by],
            [t.started, <span className="number">{formatTime(startedMs)}</span>],
            [t.gaps, gapsMs.length === 0 ? texts.none : gapsMs.map(formatDuration).join(', ')],
            [t.probes, Object.entries(probes).map(([node, { written, confirmed }]) => t.probe(node, written, confirmed)).join(', ') || texts.none],
            [t.lost, lost ?? texts.none],
            [t.repeated, repeated ?? texts.none],
          ]}
        />
      </div>
    </Panel>
  );
}
