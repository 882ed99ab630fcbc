import type { ReactNode } from 'react';
import type { WireAlarm } from '../../../contract/client-protocol.js';
import { alarmTexts as t } from '../../alarm-texts.js';
import { Drawer } from '../../components/drawer.js';
import { Facts } from '../../components/facts.js';
import { useLoad } from '../../components/use-load.js';
import { readNotes } from '../../data/alarm-actions.js';
import { hrefOf } from '../../data/route.js';
import { usePlant } from '../../data/services.js';
import { graphicOf, isActive, priorityClass } from '../../format/alarms.js';
import { formatTime } from '../../format/times.js';
import { texts } from '../../texts.js';
import { AlarmActions } from './alarm-actions.js';

interface AlarmDrawerProps {
  readonly alarm: WireAlarm;
  readonly writable: boolean;
  readonly missing: string | null | undefined;
  readonly onSignIn: () => void;
  readonly onClose: () => void;
}

/** Everything about one alarm, and everything that a person may do with it. */
export function AlarmDrawer({ alarm, writable, missing, onSignIn, onClose }: AlarmDrawerProps): ReactNode {
  const url = usePlant((view) => view.nodeUrl);
  // Notes come with the alarm's own change of count.
  const { value: notes = [] } = useLoad(`${url} ${alarm.name} ${alarm.notes ?? 0}`, () => readNotes(url, alarm.name), undefined, 0, alarm.name);
  return (
    <Drawer title={alarm.name} subtitle={alarm.message} onClose={onClose} testId="alarm-drawer">
      <Facts items={factsOf(alarm)} />
      <AlarmActions alarm={alarm} writable={writable} missing={missing} onSignIn={onSignIn} />
      <h3>{t.notes}</h3>
      {notes.length === 0 ? (
        <p className="soft">{t.noNotes}</p>
      ) : (
        <ul className="lines" data-testid="alarm-notes">
          {notes.map(({ id, by, timeMs, note }) => (
            <li key={id} className="note-line">
              <span>{note}</span>
              <span className="cell-second">{t.noteLine(by, formatTime(timeMs))}</span>
            </li>
          ))}
        </ul>
      )}
    </Drawer>
  );
}

function factsOf(alarm: WireAlarm): readonly (readonly [string, ReactNode])[] {
  const { facts } = t;
  const given = (label: string, value: ReactNode | undefined): readonly (readonly [string, ReactNode])[] => (value === undefined || value === '' ? [] : [[label, value]]);
  return [
    [facts.state, <span data-testid="drawer-state">{texts.alarms.state[alarm.state]}</span>],
    [facts.condition, isActive(alarm) ? t.condition.holds : t.condition.gone],
    [facts.priority, `${alarm.priority}, ${texts.alarms.priorityNames[priorityClass(alarm.priority)]}`],
    [facts.since, <span className="number">{formatTime(alarm.sinceMs)}</span>],
    ...given(facts.until, alarm.untilMs === undefined ? undefined : <span className="number" data-testid="drawer-until">{formatTime(alarm.untilMs)}</span>),
    ...given(facts.by, alarm.by),
    ...given(facts.why, alarm.why === undefined ? undefined : t.why(alarm.why)),
    ...given(facts.class, alarm.class),
    ...given(facts.area, alarm.area),
    ...given(facts.point, alarm.point === '' ? undefined : <a href={hrefOf('points', { search: alarm.point })}>{alarm.point}</a>),
    ...given(facts.consequence, alarm.consequence),
    ...given(facts.instruction, alarm.instruction),
    ...given(facts.graphic, graphicOf(alarm) === undefined ? undefined : <a href={graphicOf(alarm)} data-testid="alarm-graphic">{t.openGraphic}</a>),
  ];
}
