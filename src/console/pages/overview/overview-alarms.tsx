import { iconSuccess } from '@siemens/ix-icons/icons';
import type { ReactNode } from 'react';
import { Empty } from '../../components/empty.js';
import { Panel } from '../../components/panel.js';
import { PriorityMark } from '../../components/priority-mark.js';
import { hrefOf } from '../../data/route.js';
import { usePlant } from '../../data/services.js';
import { needsPerson } from '../../format/alarms.js';
import { formatTime } from '../../format/times.js';
import { texts } from '../../texts.js';

const shown = 8;

/** The most urgent alarms, a line each. */
export function OverviewAlarms(): ReactNode {
  const alarms = usePlant((view) => view.alarms).filter(needsPerson).slice(0, shown);
  return (
    <Panel title={texts.overview.latestAlarms} href={hrefOf('alarms')} linkText={texts.overview.allAlarms}>
      {alarms.length === 0 ? (
        <Empty icon={iconSuccess} header={texts.overview.noAlarms} detail={texts.overview.noAlarmsDetail} />
      ) : (
        <ul className="lines">
          {alarms.map((alarm) => (
            <li key={alarm.name} className="line">
              <PriorityMark alarm={alarm} />
              <span className="line-main">
                <span className="ellipsis">{alarm.name}</span>
                <span className="cell-second ellipsis">{alarm.message}</span>
              </span>
              <span className="line-end">
                <span className="cell-second">{texts.alarms.state[alarm.state]}</span>
                <span className="number soft">{formatTime(alarm.sinceMs)}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
