import { IxButton } from '@siemens/ix-react';
import { memo, type ReactNode } from 'react';
import type { WireAlarm } from '../../../contract/client-protocol.js';
import { alarmTexts } from '../../alarm-texts.js';
import { PriorityMark } from '../../components/priority-mark.js';
import { hrefOf } from '../../data/route.js';
import { needsAcknowledgement } from '../../format/alarms.js';
import { formatTime } from '../../format/times.js';
import { accessTexts } from '../../access-texts.js';
import { texts } from '../../texts.js';

interface AlarmRowProps {
  readonly alarm: WireAlarm;
  readonly position: number;
  readonly selected: boolean;
  readonly writable: boolean;
  /** The area for which their role is missing; `null`: for the site. */
  readonly missing: string | null | undefined;
  readonly working: boolean;
  readonly picked: boolean;
  readonly onPick: (name: string, picked: boolean) => void;
  readonly onAcknowledge: (alarm: WireAlarm) => void;
  readonly onOpen: (name: string) => void;
}

export const AlarmRow = memo(function AlarmRow({ alarm, position, selected, writable, missing, working, picked, onPick, onAcknowledge, onOpen }: AlarmRowProps): ReactNode {
  const waiting = needsAcknowledgement(alarm);
  return (
    <div className={selected ? 'table-row selected' : 'table-row'} role="row" aria-rowindex={position + 2} aria-selected={selected} data-testid="alarm-row" data-alarm={alarm.name} data-state={alarm.state}>
      <div role="cell" className="cell cell-priority">
        <span className="pick">
          {waiting ? (
            <input type="checkbox" checked={picked} onChange={(event) => onPick(alarm.name, event.target.checked)} aria-label={texts.alarms.select(alarm.name)} data-testid="alarm-pick" />
          ) : (
            <span className="pick-space" />
          )}
          <PriorityMark alarm={alarm} />
        </span>
      </div>
      <div role="cell" className="cell cell-name">
        <button type="button" className={waiting ? 'link ellipsis strong' : 'link ellipsis'} onClick={() => onOpen(alarm.name)} title={alarmTexts.details(alarm.name)} data-testid="alarm-open">
          {alarm.name}
        </button>
        <span className="cell-second ellipsis" title={alarm.message}>
          {alarm.message}
        </span>
      </div>
      <div role="cell" className="cell cell-point">
        {alarm.point === '' ? null : (
          <a className="ellipsis" href={hrefOf('points', { search: alarm.point })}>
            {alarm.point}
          </a>
        )}

      </div>
      <div role="cell" className="cell cell-state">
        {texts.alarms.state[alarm.state]}
      </div>
      <div role="cell" className="cell number soft cell-time">
        {formatTime(alarm.sinceMs)}
      </div>
      <div role="cell" className="cell cell-action">
        {waiting ? (
          <IxButton variant="secondary" disabled={!writable || missing !== undefined} title={missing === undefined ? undefined : accessTexts.needs(accessTexts.roles.operator, missing ?? undefined)} loading={working} onClick={() => onAcknowledge(alarm)} aria-label={texts.alarms.acknowledgeAlarm(alarm.name)} data-testid="acknowledge-button">
            {texts.alarms.acknowledge}
          </IxButton>
        ) : null}
      </div>
    </div>
  );
});
