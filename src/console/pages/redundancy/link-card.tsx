import { iconErrorFilled, iconRefresh, iconShieldBroken, iconShieldCheck, iconSuccess, iconDisconnected } from '@siemens/ix-icons/icons';
import type { ReactNode } from 'react';
import type { RedundancyStatus, SyncState } from '../../../contract/redundancy-status.js';
import { Facts } from '../../components/facts.js';
import { Mark, type Tone } from '../../components/mark.js';
import { formatDuration } from '../../format/times.js';
import { texts } from '../../texts.js';

const t = texts.redundancy;

const marks: Record<SyncState, { readonly icon: string; readonly tone: Tone }> = {
  none: { icon: iconDisconnected, tone: 'warning' },
  connecting: { icon: iconRefresh, tone: 'warning' },
  synchronizing: { icon: iconRefresh, tone: 'info' },
  'in-sync': { icon: iconSuccess, tone: 'plain' },
  refused: { icon: iconErrorFilled, tone: 'alarm' },
};

/** What is between the nodes: synchronization, protection, detection and the pending hand-back. */
export function LinkCard({ status }: { readonly status: RedundancyStatus }): ReactNode {
  const { sync, recovery, epoch } = status;
  const alone = status.self.mode === 'independent';
  const mark = alone ? { icon: iconSuccess, tone: 'quiet' as const } : marks[sync.state];
  return (
    <section className="card card-link" aria-label={t.link}>
      <header className="card-header">
        <div>
          <p className="soft">{t.link}</p>
          <h2>
            <Mark icon={mark.icon} tone={mark.tone} text={texts.sync[sync.state]} testId="sync-state" />
          </h2>
        </div>
        <Mark icon={status.protected ? iconShieldCheck : iconShieldBroken} tone={status.protected || alone ? 'plain' : 'warning'} text={status.protected ? t.isProtected : t.notProtected} testId="protected" />
      </header>
      <Facts
        items={[
          [t.lag, <span className="number">{t.frames(sync.lagFrames)}</span>],
          [t.cause, epoch === null ? texts.none : t.causes[epoch.cause]],
          [t.detection, formatDuration(status.worstDetectionMs)],
          [t.recovery, t.recoveryModes[recovery.mode]],
          [t.handBack, <HandBack status={status} />],
        ]}
      />
      <p className="soft card-note">{sync.reason ?? ' '}</p>
    </section>
  );
}

/** A countdown while it runs; before that, that control is owed to the main and what it waits for. */
function HandBack({ status: { recovery, epoch } }: { readonly status: RedundancyStatus }): ReactNode {
  if (recovery.handBackInMs !== undefined) return <strong className="number" data-testid="hand-back">{t.handBackIn(formatDuration(recovery.handBackInMs))}</strong>;
  return epoch?.owedToMain === true ? <strong data-testid="hand-back">{t.handBackOwed}</strong> : t.handBackNone;
}
