import { iconServerRack } from '@siemens/ix-icons/icons';
import type { ReactNode } from 'react';
import type { RedundancyStatus } from '../../../contract/redundancy-status.js';
import { Empty } from '../../components/empty.js';
import { PageHeader } from '../../components/page-header.js';
import type { RedundancyView } from '../../data/redundancy-view.js';
import { useServices, useStore } from '../../data/services.js';
import { texts } from '../../texts.js';
import { EventList } from './event-list.js';
import { LinkCard } from './link-card.js';
import { NodeCard } from './node-card.js';
import { PairAlarms } from './pair-alarms.js';
import { RedundancyDetails } from './redundancy-details.js';
import { SwitchControl } from './switch-control.js';

/** Both nodes, what is between them, the Switch button and the record of decisions. While no node answers, what is open below stays open. */
export function RedundancyPage({ onSignIn }: { readonly onSignIn: () => void }): ReactNode {
  const { redundancy } = useServices();
  const view = useStore(redundancy);
  const { peer, lead, isTold } = view;
  const silence = <Empty icon={iconServerRack} header={texts.redundancy.noStatus} detail={texts.redundancy.noStatusDetail} />;
  if (lead === undefined) {
    return (
      <>
        <PageHeader title={texts.pages.redundancy} />
        {silence}
      </>
    );
  }
  return (
    <>
      <PageHeader title={texts.pages.redundancy} subtitle={`${texts.redundancy.revision} ${lead.revision}`}>
        {lead.self.mode === 'independent' ? null : <SwitchControl status={lead} isTold={isTold} onSignIn={onSignIn} />}
      </PageHeader>
      {isTold ? <Pair view={view} lead={lead} /> : silence}
      {peer === undefined ? <EventList view={view} /> : <RedundancyDetails view={view} onSignIn={onSignIn} />}
    </>
  );
}

function Pair({ view, lead }: { readonly view: RedundancyView; readonly lead: RedundancyStatus }): ReactNode {
  const { self, peer } = view;
  return (
    <>
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
    </>
  );
}
