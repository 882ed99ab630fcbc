import { iconAlarmBell, iconDashboard, iconNetworkDevice, iconSwapLeftRight, iconTag } from '@siemens/ix-icons/icons';
import { IxMenu, IxMenuItem } from '@siemens/ix-react';
import type { ReactNode } from 'react';
import { hrefOf, pageNames, type PageName } from '../data/route.js';
import { usePlant, useServices, useStore } from '../data/services.js';
import { needsAcknowledgement } from '../format/alarms.js';
import { texts } from '../texts.js';

const icons: Record<PageName, string> = { overview: iconDashboard, points: iconTag, alarms: iconAlarmBell, redundancy: iconSwapLeftRight, devices: iconNetworkDevice };

export function Navigation(): ReactNode {
  const { router } = useServices();
  const { page } = useStore(router);
  const waiting = usePlant((view) => view.alarms.filter(needsAcknowledgement).length);
  return (
    <IxMenu i18nAriaLabelMenu={texts.menu}>
      {pageNames.map((name) => (
        <IxMenuItem key={name} icon={icons[name]} active={name === page} href={hrefOf(name)} {...(name === 'alarms' && waiting > 0 ? { notifications: waiting } : {})} data-testid={`menu-${name}`}>
          {texts.pages[name]}
        </IxMenuItem>
      ))}
    </IxMenu>
  );
}
