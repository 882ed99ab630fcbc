import { IxApplication, IxApplicationHeader } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import { Activities } from './components/activities.js';
import { AlarmBanner } from './components/alarm-banner.js';
import { AlarmNotice } from './components/alarm-notice.js';
import { HeaderActions } from './components/header-actions.js';
import { Navigation } from './components/navigation.js';
import { Notices } from './components/notices.js';
import { SignInDialog } from './components/sign-in-dialog.js';
import { StatusStrip } from './components/status-strip.js';
import type { PageName } from './data/route.js';
import { useServices, useStore } from './data/services.js';
import { AlarmsPage } from './pages/alarms/alarms-page.js';
import { DevicesPage } from './pages/devices/devices-page.js';
import { ConfigurationPage } from './pages/configuration/configuration-page.js';
import { GraphicsPage } from './pages/graphics/graphics-page.js';
import { LogicPage } from './pages/logic/logic-page.js';
import { OverviewPage } from './pages/overview/overview-page.js';
import { PointsPage } from './pages/points/points-page.js';
import { RedundancyPage } from './pages/redundancy/redundancy-page.js';
import { SchedulesPage } from './pages/schedules/schedules-page.js';
import { TrendsPage } from './pages/trends/trends-page.js';
import { AuditPage } from './pages/audit/audit-page.js';
import { SignInPage } from './pages/sign-in/sign-in-page.js';
import { UsersPage } from './pages/users/users-page.js';
import { texts } from './texts.js';

interface PageProps {
  /** Opens the sign-in dialog, for what needs the write token. */
  readonly onSignIn: () => void;
}

const pages: Record<PageName, (props: PageProps) => ReactNode> = {
  overview: OverviewPage,
  graphics: GraphicsPage,
  points: PointsPage,
  alarms: AlarmsPage,
  redundancy: RedundancyPage,
  devices: DevicesPage,
  schedules: SchedulesPage,
  trends: TrendsPage,
  logic: LogicPage,
  configuration: ConfigurationPage,
  users: UsersPage,
  audit: AuditPage,
};

/** Who has not signed in sees nothing of the plant; whose session has ended keeps the page, below a dialog. */
export function App(): ReactNode {
  const { account } = useServices();
  const { state } = useStore(account);
  if (state === 'asking') return null;
  return state === 'out' ? <SignInPage /> : <Frame expired={state === 'expired'} />;
}

/** The frame around the pages: header, navigation, status, what is urgent, and the page of the address. */
function Frame({ expired }: { readonly expired: boolean }): ReactNode {
  const { router, redundancy } = useServices();
  const site = useStore(redundancy).lead?.site ?? '';
  const [signingIn, setSigningIn] = useState(false);
  const Page = pages[useStore(router).page];
  const signIn = (): void => setSigningIn(true);
  return (
    <IxApplication>
      <AlarmNotice />
      <IxApplicationHeader name={texts.product} nameSuffix={site} ariaLabelMoreMenuIconButton={texts.moreActions}>
        <HeaderActions onSignIn={signIn} />
      </IxApplicationHeader>
      <Navigation />
      <div className="frame">
        <div className="page">
          <StatusStrip />
          <Notices />
          <Activities />
          <AlarmBanner />
          <Page onSignIn={signIn} />
        </div>
      </div>
      {signingIn || expired ? <SignInDialog onClose={() => setSigningIn(false)} /> : null}
    </IxApplication>
  );
}
