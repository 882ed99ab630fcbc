import { iconDisconnected, iconErrorFilled, iconShieldBroken, iconWarningFilled } from '@siemens/ix-icons/icons';
import type { ReactNode } from 'react';
import { Kpi } from '../../components/kpi.js';
import type { Tone } from '../../components/mark.js';
import { hrefOf } from '../../data/route.js';
import { isSettling } from '../../data/redundancy-view.js';
import { usePlant, useServices, useStore } from '../../data/services.js';
import { isActive, needsAcknowledgement } from '../../format/alarms.js';
import { texts } from '../../texts.js';

/** The figures of the overview. A figure that is as it should be is grey. */
export function OverviewKpis(): ReactNode {
  const { redundancy } = useServices();
  const view = usePlant((present) => present);
  const { lead, self, peer } = useStore(redundancy);
  const active = view.alarms.filter(isActive).length;
  const waiting = view.alarms.filter(needsAcknowledgement).length;
  const other = lead?.self.id === self?.node.id ? peer : self;
  const settling = lead !== undefined && isSettling(lead, view.node, view.followedSinceMs);
  return (
    <div className="kpis">
      <Kpi label={texts.overview.good} value={view.good} detail={`${texts.overview.points}: ${view.points.length}`} href={hrefOf('points')} testId="kpi-good" />
      <Kpi label={texts.overview.notGood} value={view.notGood} detail={texts.overview.badDetail} tone={view.notGood > 0 ? 'warning' : 'quiet'} icon={iconErrorFilled} href={hrefOf('points', { quality: 'notGood' })} testId="kpi-not-good" />
      <Kpi label={texts.overview.alarms} value={active} tone={active > 0 ? 'alarm' : 'quiet'} icon={iconWarningFilled} detail={`${texts.overview.unacknowledged}: ${waiting}`} href={hrefOf('alarms')} testId="kpi-alarms" />
      <Kpi
        label={texts.overview.role}
        value={view.connection === 'live' ? view.node : texts.none}
        tone={view.connection === 'live' || view.connection === 'connecting' ? 'quiet' : 'critical'}
        icon={iconDisconnected}
        detail={view.node === '' ? texts.connection.connecting : `${texts.redundancy.epoch} ${view.epoch}`}
        href={hrefOf('redundancy')}
        testId="kpi-role"
      />
      {other === undefined || lead === undefined ? null : (
        <Kpi
          label={texts.overview.synchronization}
          value={settling ? texts.overview.settling : texts.sync[lead.sync.state]}
          tone={settling ? 'quiet' : toneOfSync(lead.sync.state)}
          icon={iconShieldBroken}
          detail={`${texts.redundancy.node(other.node.id)}: ${texts.nodeState[other.node.state]}`}
          href={hrefOf('redundancy')}
          testId="kpi-standby"
        />
      )}
    </div>
  );
}

function toneOfSync(state: keyof typeof texts.sync): Tone {
  if (state === 'in-sync') return 'quiet';
  return state === 'refused' ? 'alarm' : 'warning';
}
