import { iconDisconnected, iconShieldBroken } from '@siemens/ix-icons/icons';
import type { ReactNode } from 'react';
import { Kpi } from '../../components/kpi.js';
import type { Tone } from '../../components/mark.js';
import { isSettling } from '../../data/redundancy-view.js';
import { hrefOf } from '../../data/route.js';
import { usePlant, useServices, useStore } from '../../data/services.js';
import { texts } from '../../texts.js';

const t = texts.overview;

/** The node that is followed as the active one. */
export function ActiveNodeKpi({ title }: { readonly title: string }): ReactNode {
  const { connection, node, epoch } = usePlant((view) => view);
  return (
    <Kpi
      label={title}
      value={connection === 'live' ? node : texts.none}
      tone={connection === 'live' || connection === 'connecting' ? 'quiet' : 'critical'}
      icon={iconDisconnected}
      detail={node === '' ? texts.connection.connecting : `${texts.redundancy.epoch} ${epoch}`}
      href={hrefOf('redundancy')}
      testId="kpi-role"
    />
  );
}

/** How the standby is synchronized; absent where there is none to be. */
export function PairKpi({ title }: { readonly title: string }): ReactNode {
  const { redundancy } = useServices();
  const { node, followedSinceMs } = usePlant((view) => view);
  const { lead, isTold, self, peer } = useStore(redundancy);
  const other = lead?.self.id === self?.node.id ? peer : self;
  if (other === undefined || lead === undefined || !isTold) return null;
  const settling = isSettling(lead, node, followedSinceMs);
  return (
    <Kpi
      label={title}
      value={settling ? t.settling : texts.sync[lead.sync.state]}
      tone={settling ? 'quiet' : toneOfSync(lead.sync.state)}
      icon={iconShieldBroken}
      detail={`${texts.redundancy.node(other.node.id)}: ${texts.nodeState[other.node.state]}`}
      href={hrefOf('redundancy')}
      testId="kpi-standby"
    />
  );
}

function toneOfSync(state: keyof typeof texts.sync): Tone {
  if (state === 'in-sync') return 'quiet';
  return state === 'refused' ? 'alarm' : 'warning';
}
