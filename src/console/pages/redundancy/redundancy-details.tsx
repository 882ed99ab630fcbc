import type { ReactNode } from 'react';
import { Tabs } from '../../components/tabs.js';
import type { RedundancyView } from '../../data/redundancy-view.js';
import { useServices, useStore } from '../../data/services.js';
import { texts } from '../../texts.js';
import { CertificatePanel } from './certificate-panel.js';
import { ConditionPanel } from './condition-panel.js';
import { ConflictsPanel } from './conflicts-panel.js';
import { ControlPanel } from './control-panel.js';
import { DrillPanel } from './drill-panel.js';
import { EventList } from './event-list.js';
import { PartnerPanel } from './partner-panel.js';
import { SettingsPanel } from './settings-panel.js';
import { VerifyPanel } from './verify-panel.js';

const t = texts.pair.tabs;
const shows = ['events', 'condition', 'settings', 'verify', 'conflicts', 'partners', 'certificates'] as const;
type Show = (typeof shows)[number];

/** Below the pair: what happened, how both are, what may be done. The tab is in the address, so that it can be sent. */
export function RedundancyDetails({ view, onSignIn }: { readonly view: RedundancyView; readonly onSignIn: () => void }): ReactNode {
  const { router } = useServices();
  const { query } = useStore(router);
  const show: Show = shows.find((name) => name === query.show) ?? 'events';
  const nodes = [view.self, view.peer].filter((node) => node !== undefined);
  // Either node may be asked, and both show the result.
  const asked = nodes.find(({ own }) => own !== undefined) ?? nodes[0];
  return (
    <>
      <Tabs label={t.label} value={show} options={shows.map((name) => [name, t[name]] as const)} onChange={(name) => router.go('redundancy', { show: name })} />
      {show === 'events' ? <EventList view={view} /> : null}
      {show === 'condition' ? (
        <>
          <div className="panels">
            <ControlPanel view={view} onSignIn={onSignIn} />
            <DrillPanel drill={view.lead?.drill} />
          </div>
          <ConditionPanel view={view} />
        </>
      ) : null}
      {show === 'settings' ? nodes.map((node) => <SettingsPanel key={node.node.id} view={node} />) : null}
      {show === 'verify' && asked !== undefined ? <VerifyPanel view={asked} onSignIn={onSignIn} /> : null}
      {show === 'conflicts' ? <ConflictsPanel view={view} onSignIn={onSignIn} /> : null}
      {show === 'partners' ? nodes.map((node) => <PartnerPanel key={node.node.id} view={node} onSignIn={onSignIn} />) : null}
      {show === 'certificates' ? nodes.map((node) => <CertificatePanel key={node.node.id} view={node} onSignIn={onSignIn} />) : null}
    </>
  );
}
