import type { ReactNode } from 'react';
import { PageHeader } from '../../components/page-header.js';
import { useServices, useStore } from '../../data/services.js';
import { texts } from '../../texts.js';
import { OverviewAlarms } from './overview-alarms.js';
import { OverviewGraphic } from './overview-graphic.js';
import { OverviewKpis } from './overview-kpis.js';
import { TroubledPoints } from './troubled-points.js';

/** The plant at a glance: figures, what needs a person, and where values are missing. */
export function OverviewPage({ onSignIn }: { readonly onSignIn: () => void }): ReactNode {
  const site = useStore(useServices().redundancy).lead?.site ?? '';
  return (
    <>
      <PageHeader title={texts.pages.overview} {...(site === '' ? {} : { subtitle: texts.overview.site(site) })} />
      <OverviewKpis />
      <OverviewGraphic onSignIn={onSignIn} />
      <div className="panels">
        <OverviewAlarms />
        <TroubledPoints />
      </div>
    </>
  );
}
