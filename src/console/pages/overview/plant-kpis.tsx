import { iconDisconnected, iconErrorFilled, iconWarningFilled } from '@siemens/ix-icons/icons';
import { useEffect, type ReactNode } from 'react';
import type { WireAlarm } from '../../../contract/client-protocol.js';
import { Kpi } from '../../components/kpi.js';
import { iconOfAlarm, toneOf } from '../../components/priority-mark.js';
import { hrefOf } from '../../data/route.js';
import { usePlant, useServices, useStore } from '../../data/services.js';
import { isActive, isHeld, needsAcknowledgement, priorityClass } from '../../format/alarms.js';
import { graphicTexts } from '../../graphic-texts.js';
import { texts } from '../../texts.js';

const t = graphicTexts.kpi;

/** Active alarms, by priority. */
export function AlarmsKpi({ title }: { readonly title: string }): ReactNode {
  const alarms = usePlant((view) => view.alarms);
  const active = alarms.filter((alarm) => isActive(alarm) && !isHeld(alarm));
  const worst = active.reduce<WireAlarm | undefined>((found, alarm) => (found === undefined || alarm.priority < found.priority ? alarm : found), undefined);
  const waiting = alarms.filter(needsAcknowledgement).length;
  const counts = new Map<number, number>();
  for (const { priority } of active) counts.set(priority, (counts.get(priority) ?? 0) + 1);
  const byPriority = [...counts].sort(([a], [b]) => a - b).map(([priority, count]) => `${count} ${texts.alarms.priorityNames[priorityClass(priority)]}`).join(', ');
  return <Kpi label={title} value={active.length} detail={[byPriority, ...(active.length === 0 || waiting > 0 ? [texts.overview.unacknowledged(waiting)] : [])].filter((part) => part !== '').join(', ')} tone={worst === undefined ? 'quiet' : toneOf(worst)} icon={worst === undefined ? iconWarningFilled : iconOfAlarm(worst)} href={hrefOf('alarms')} testId="kpi-alarms" />;
}

/** Points without a good value. */
export function PointsKpi({ title }: { readonly title: string }): ReactNode {
  const notGood = usePlant((view) => view.notGood);
  const all = usePlant((view) => view.points.length);
  return <Kpi label={title} value={notGood} detail={t.of(all)} tone={notGood > 0 ? 'warning' : 'quiet'} icon={iconErrorFilled} href={hrefOf('points', { quality: 'notGood' })} testId="kpi-not-good" />;
}

/** Devices that do not answer the node that is followed. */
export function DevicesKpi({ title }: { readonly title: string }): ReactNode {
  const { devices } = useServices();
  const rows = useStore(devices);
  useEffect(() => {
    devices.start();
    return () => devices.stop();
  }, [devices]);
  const offline = rows.filter(({ online }) => !online).length;
  return <Kpi label={title} value={rows.length === 0 ? texts.none : offline} detail={t.devices(rows.length)} tone={offline > 0 ? 'critical' : 'quiet'} icon={iconDisconnected} href={hrefOf('devices')} testId="kpi-devices" />;
}
