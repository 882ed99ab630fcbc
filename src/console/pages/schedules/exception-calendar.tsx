import { iconChevronLeft, iconChevronRight } from '@siemens/ix-icons/icons';
import { IxIconButton } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import { isExceptionOn, monthDays, type WrittenException } from '../../data/schedule-draft.js';
import { dayNames } from '../../data/schedule-draft.js';
import { dayAt } from '../../format/day.js';
import { texts } from '../../texts.js';

const t = texts.schedules;
const monthFormat = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' });

interface ExceptionCalendarProps {
  readonly exceptions: readonly WrittenException[];
  /** In which it is today. */
  readonly timezone: string;
  /** The days that are being chosen, `2026-12-24`; empty: none. */
  readonly from: string;
  readonly to: string;
  /** Undefined where nothing may be changed. */
  readonly onChoose: ((from: string, to: string) => void) | undefined;
}

/** A month with the days that have an exception of this schedule; a click chooses a day, a second one the last day. */
export function ExceptionCalendar({ exceptions, timezone, from, to, onChoose }: ExceptionCalendarProps): ReactNode {
  const today = dayAt(Date.now(), timezone);
  const [month, setMonth] = useState(today.slice(0, 7));
  const move = (step: number): void => {
    const [year = 0, number = 1] = month.split('-').map(Number);
    setMonth(new Date(Date.UTC(year, number - 1 + step, 1)).toISOString().slice(0, 7));
  };
  const choose = (day: string): void => {
    if (from !== '' && to === '' && day > from) onChoose?.(from, day);
    else onChoose?.(day, '');
  };
  const title = monthFormat.format(Date.parse(`${month}-01T00:00:00Z`));
  return (
    <div className="month" role="group" aria-label={t.calendarOf(title)} data-testid="exception-calendar">
      <div className="month-head">
        <IxIconButton variant="subtle-tertiary" icon={iconChevronLeft} onClick={() => move(-1)} aria-label={t.monthBefore} title={t.monthBefore} data-testid="month-before" />
        <strong aria-live="polite" data-testid="month">{title}</strong>
        <IxIconButton variant="subtle-tertiary" icon={iconChevronRight} onClick={() => move(1)} aria-label={t.monthAfter} title={t.monthAfter} data-testid="month-after" />
      </div>
      <div className="month-days">
        {dayNames.map((name) => (
          <span key={name} className="soft" aria-hidden="true">
            {name}
          </span>
        ))}
        {monthDays(month).map((day, index) => {
          if (day === undefined) return <span key={`before ${String(index)}`} />;
          const those = exceptions.filter((exception) => isExceptionOn(exception, day));
          const chosen = from !== '' && day >= from && day <= (to === '' ? from : to);
          const about = those.map(({ values }) => Object.entries(values).map(([time, value]) => `${time} ${String(value)}`).join(', ')).join('; ');
          return (
            <button
              key={day}
              type="button"
              className="month-day"
              disabled={onChoose === undefined}
              aria-pressed={chosen}
              aria-current={day === today ? 'date' : undefined}
              aria-label={about === '' ? day : t.dayWith(day, about)}
              title={about}
              onClick={() => choose(day)}
              data-testid="month-day"
              data-day={day}
              data-exceptions={those.length}
            >
              {Number(day.slice(8))}
              {those.length === 0 ? null : <span aria-hidden="true">◆</span>}
            </button>
          );
        })}
      </div>
    </div>
  );
}
