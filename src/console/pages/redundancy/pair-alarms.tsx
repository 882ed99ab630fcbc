import { iconErrorFilled, iconLock } from '@siemens/ix-icons/icons';
import type { ReactNode } from 'react';
import { Bar } from '../../components/bar.js';
import type { RedundancyView } from '../../data/redundancy-view.js';
import { formatTime } from '../../format/times.js';
import { texts } from '../../texts.js';

const t = texts.pair;

/** What endangers the pair and needs a person, as each node tells it; and a hold, so that nobody forgets it. */
export function PairAlarms({ view: { self, peer, lead } }: { readonly view: RedundancyView }): ReactNode {
  const alarms = [self, peer].flatMap((node) => (node?.own?.alarms ?? []).map((text) => [node?.node.id ?? '', text] as const));
  const hold = lead?.hold;
  if (alarms.length === 0 && hold === undefined) return null;
  return (
    <div className="notices">
      {hold === undefined ? null : <Bar tone="warning" icon={iconLock} text={t.onHold(hold.by, formatTime(hold.untilMs), hold.reason)} testId="on-hold" />}
      {alarms.map(([node, text]) => (
        <Bar key={`${node} ${text}`} tone="alarm" icon={iconErrorFilled} text={t.nodeAlarm(node, text)} testId="pair-alarm" />
      ))}
    </div>
  );
}
