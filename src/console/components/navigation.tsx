import { iconAlarmBell, iconBuilding1, iconCalendarWeek, iconCode, iconCogwheel, iconDashboard, iconHistory, iconNetworkDevice, iconSwapLeftRight, iconTag, iconTrend, iconUserGroup } from '@siemens/ix-icons/icons';
import { IxMenu, IxMenuItem } from '@siemens/ix-react';
import type { ReactNode } from 'react';
import type { Principal, UserRole } from '../../contract/access.js';
import { mayAs } from '../data/account.js';
import { hrefOf, pageNames, type PageName } from '../data/route.js';
import { usePlant, useServices, useStore } from '../data/services.js';
import { needsAcknowledgement } from '../format/alarms.js';
import { texts } from '../texts.js';

const icons: Record<PageName, string> = { overview: iconDashboard, graphics: iconBuilding1, points: iconTag, alarms: iconAlarmBell, redundancy: iconSwapLeftRight, devices: iconNetworkDevice, schedules: iconCalendarWeek, trends: iconTrend, logic: iconCode, configuration: iconCogwheel, users: iconUserGroup, audit: iconHistory };

/** What a page needs for the whole site, where it is not for everybody. */
const needed: Partial<Record<PageName, UserRole>> = { redundancy: 'viewer', configuration: 'viewer', users: 'administrator', audit: 'engineer' };
/** Who reads these without anybody having signed in (`access: open`). */
const open: readonly PageName[] = ['redundancy', 'configuration'];

function isShown(name: PageName, user: Principal | undefined): boolean {
  const role = needed[name];
  return role === undefined || (user === undefined ? open.includes(name) : mayAs(user, role));
}

export function Navigation(): ReactNode {
  const { router, account } = useServices();
  const { user } = useStore(account);
  const { page } = useStore(router);
  const waiting = usePlant((view) => view.alarms.filter(needsAcknowledgement).length);
  return (
    <IxMenu i18nAriaLabelMenu={texts.menu}>
      {pageNames.filter((name) => isShown(name, user)).map((name) => (
        <IxMenuItem key={name} icon={icons[name]} active={name === page} href={hrefOf(name)} {...(name === 'alarms' && waiting > 0 ? { notifications: waiting } : {})} data-testid={`menu-${name}`}>
          {texts.pages[name]}
        </IxMenuItem>
      ))}
    </IxMenu>
  );
}
