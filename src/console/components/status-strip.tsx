import { iconDisconnected, iconHourglass, iconLock, iconRefresh, iconServerRack, iconShieldBroken, iconShieldCheck, iconSoundMute, iconSuccess } from '@siemens/ix-icons/icons';
import type { ReactNode } from 'react';
import type { RedundancyStatus } from '../../contract/redundancy-status.js';
import { alarmTexts } from '../alarm-texts.js';
import { activeSince, isSettling } from '../data/redundancy-view.js';
import { useServices, usePlant, useStore } from '../data/services.js';
import type { ConnectionState } from '../data/plant-view.js';
import { formatTime } from '../format/times.js';
import { texts } from '../texts.js';
import { Mark, type Tone } from './mark.js';

const connections: Record<ConnectionState, { readonly icon: string; readonly tone: Tone }> = {
  connecting: { icon: iconHourglass, tone: 'plain' },
  switching: { icon: iconRefresh, tone: 'warning' },
  live: { icon: iconSuccess, tone: 'quiet' },
  reading: { icon: iconLock, tone: 'warning' },
  lost: { icon: iconDisconnected, tone: 'alarm' },
};

/** One line that is always there: connected or not, which node is followed and since when, protected or not. */
export function StatusStrip(): ReactNode {
  const { redundancy, sound } = useServices();
  const { mute } = useStore(sound);
  const connection = usePlant((view) => view.connection);
  const node = usePlant((view) => view.node);
  const followedSinceMs = usePlant((view) => view.followedSinceMs);
  const { lead, isTold } = useStore(redundancy);
  const active = connection === 'live';
  const since = (lead?.self.id === node ? activeSince(lead) : undefined) ?? followedSinceMs;

  return (
    <div className="status-strip" role="status" aria-live="polite">
      <Mark icon={connections[connection].icon} tone={connections[connection].tone} text={texts.connection[connection]} testId="connection-state" />
      <span className="status-active">
        <Mark icon={iconServerRack} tone={active || connection === 'connecting' ? 'plain' : 'critical'} text={active ? texts.follow.node(node) : texts.follow.nobody} testId="active-node" />
        {active && since > 0 ? <span className="soft">{texts.follow.since(formatTime(since))}</span> : null}
      </span>
      {active && isTold && lead !== undefined ? <Protection lead={lead} settling={isSettling(lead, node, followedSinceMs)} /> : null}
      {mute ? <Mark icon={iconSoundMute} tone="warning" text={alarmTexts.soundMute} testId="sound-blocked" /> : null}
    </div>
  );
}

function Protection({ lead, settling }: { readonly lead: RedundancyStatus; readonly settling: boolean }): ReactNode {
  if (lead.self.mode === 'independent') return <span className="soft">{texts.follow.alone}</span>;
  if (settling) return <Mark icon={iconHourglass} tone="quiet" text={texts.follow.settling} testId="protection" />;
  return <Mark icon={lead.protected ? iconShieldCheck : iconShieldBroken} tone={lead.protected ? 'quiet' : 'warning'} text={lead.protected ? texts.follow.protected : texts.follow.unprotected} testId="protection" />;
}
