import { iconServerRack } from '@siemens/ix-icons/icons';
import type { ReactNode } from 'react';
import { Empty } from '../../components/empty.js';
import { PageHeader } from '../../components/page-header.js';
import { useServices, useStore } from '../../data/services.js';
import { texts } from '../../texts.js';
import { EventList } from './event-list.js';
import { LinkCard } from './link-card.js';
import { NodeCard } from './node-card.js';
import { PairAlarms } from './pair-alarms.js';
import { RedundancyDetails } from './redundancy-details.js';
import { SwitchControl } from './switch-control.js';

/** Both nodes, what is between them, the Switch button and the record of decisions. */
export function RedundancyPage({ onSignIn }: { readonly onSignIn: () => void }): ReactNode {
  const { redundancy } = useServices();
  const view = useStore(redundancy);
  const { self, peer, lead } = view;
  if (lead === undefined) {
    return (
      <>
        <PageHeader title={texts.pages.redundancy} />
        <Empty icon={iconServerRack} header={texts.redundancy.noStatus} detail={texts.redundancy.noStatusDetail} />
      </>
    );
  }
  return (
    <>
      <PageHeader title={texts.pages.redundancy} subtitle={`${texts.redundancy.revision} ${lead.revision}`}>
        {lead.self.mode === 'independent' ? null : <SwitchControl status={lead} onSignIn={onSignIn} />}
      </PageHeader>
      <PairAlarms view={view} />
      <div className="pair">
        {self === undefined ? null : <NodeCard title={texts.redundancy.thisNode} view={self} testId="node-self" />}
        <LinkCard status={lead} />
        {peer === undefined ? (
          <section className="card">
            <Empty icon={iconServerRack} header={texts.redundancy.noPeer} detail={texts.redundancy.noPeerDetail} />
          </section>
        ) : (
          <NodeCard title={texts.redundancy.otherNode} view={peer} testId="node-peer" />
        )}
      </div>
      {peer === undefined ? <EventList view={view} /> : <RedundancyDetails view={view} onSignIn={onSignIn} />}
    </>
  );
}
