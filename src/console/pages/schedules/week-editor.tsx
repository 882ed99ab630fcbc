import { IxButton } from '@siemens/ix-react';
import { useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { dayNames, timeText, withEntry, type Entry, type Week, type WrittenValue } from '../../data/schedule-draft.js';
import { texts } from '../../texts.js';
import { EntryForm } from './entry-form.js';

const t = texts.schedules;
const DAY_MINUTES = 1_440;
const STEP_MINUTES = 15;

interface WeekEditorProps {
  readonly week: Week;
  readonly values: readonly WrittenValue[];
  readonly readOnly: boolean;
  readonly onChange: (week: Week) => void;
}

interface Selected {
  readonly day: number;
  readonly minute: number;
}

/** A week as seven columns; an entry is moved by dragging its upper edge or with the arrow keys, a quarter of an hour a step. */
export function WeekEditor({ week, values, readOnly, onChange }: WeekEditorProps): ReactNode {
  const [selected, setSelected] = useState<Selected>();
  const grid = useRef<HTMLDivElement>(null);
  const entry = selected === undefined ? undefined : week[selected.day]?.find(({ minute }) => minute === selected.minute);

  const move = (day: number, from: Entry, minute: number): void => {
    const to = Math.max(0, Math.min(DAY_MINUTES - STEP_MINUTES, Math.round(minute / STEP_MINUTES) * STEP_MINUTES));
    if (to === from.minute || (week[day] ?? []).some((other) => other.minute === to)) return;
    onChange(withEntry(week, day, from.minute, { ...from, minute: to }));
    setSelected({ day, minute: to });
  };
  /** Where in the entry it was taken, in minutes after its beginning; an entry does not jump over its neighbours. */
  const grab = useRef(0);
  const drag = (event: PointerEvent, day: number, from: Entry, index: number): void => {
    const entries = week[day] ?? [];
    const [least, most] = [(entries[index - 1]?.minute ?? -STEP_MINUTES) + STEP_MINUTES, (entries[index + 1]?.minute ?? DAY_MINUTES) - STEP_MINUTES];
    move(day, from, Math.max(least, Math.min(most, minuteAt(event) - grab.current)));
  };
  const minuteAt = (event: PointerEvent): number => {
    const box = grid.current?.getBoundingClientRect();
    return box === undefined ? 0 : ((event.clientY - box.top) / box.height) * DAY_MINUTES;
  };
  const onKey = (event: KeyboardEvent, day: number, from: Entry): void => {
    const step = { ArrowUp: -STEP_MINUTES, ArrowDown: STEP_MINUTES, PageUp: -60, PageDown: 60 }[event.key];
    if (step !== undefined) move(day, from, from.minute + step);
    else if (event.key === 'Delete') onChange(withEntry(week, day, from.minute, undefined));
    else return;
    event.preventDefault();
  };

  return (
    <section aria-label={t.week}>
      <h3>{t.week}</h3>
      <div className="week" data-testid="week">
        <div className="week-hours" aria-hidden="true">
          {[0, 6, 12, 18, 24].map((hour) => (
            <span key={hour} style={{ insetBlockStart: `${(hour / 24) * 100}%` }}>
              {timeText(hour * 60)}
            </span>
          ))}
        </div>
        <div className="week-days" ref={grid}>
          {week.map((entries, day) => (
            <div key={dayNames[day]} className="week-day" role="group" aria-label={dayNames[day]}>
              <span className="week-name">{dayNames[day]}</span>
              {entries.map((one, index) => {
                const end = entries[index + 1]?.minute ?? DAY_MINUTES;
                // The key is its place and not its time: while it is dragged it stays one button, which holds the pointer and the keyboard.
                return (
                  <button
                    key={index}
                    type="button"
                    className="week-entry"
                    disabled={readOnly}
                    style={{ insetBlockStart: `${(one.minute / DAY_MINUTES) * 100}%`, blockSize: `${((end - one.minute) / DAY_MINUTES) * 100}%` }}
                    aria-label={t.entry(dayNames[day] ?? '', timeText(one.minute), String(one.value))}
                    aria-pressed={selected?.day === day && selected.minute === one.minute}
                    onClick={() => setSelected({ day, minute: one.minute })}
                    onKeyDown={(event) => onKey(event, day, one)}
                    onPointerDown={(event) => {
                      event.currentTarget.setPointerCapture(event.pointerId);
                      grab.current = minuteAt(event) - one.minute;
                      setSelected({ day, minute: one.minute });
                    }}
                    onPointerMove={(event) => {
                      if (event.currentTarget.hasPointerCapture(event.pointerId) && event.buttons === 1) drag(event, day, one, index);
                    }}
                    data-testid="week-entry"
                    data-day={dayNames[day]}
                    data-time={timeText(one.minute)}
                  >
                    <span className="number">{timeText(one.minute)}</span> {String(one.value)}
                  </button>
                );
              })}
            </div>
          ))}
        </div>
      </div>
      {readOnly ? null : (
        <div className="actions">
          <EntryForm
            key={entry === undefined ? 'new' : `${selected?.day ?? ''} ${entry.minute}`}
            values={values}
            {...(entry === undefined || selected === undefined ? {} : { day: selected.day, entry })}
            onPut={(days, next) => {
              let changed = week;
              if (entry !== undefined && selected !== undefined) changed = withEntry(changed, selected.day, entry.minute, undefined);
              for (const day of days) changed = withEntry(changed, day, next.minute, next);
              onChange(changed);
              setSelected(undefined);
            }}
          />
          {entry === undefined || selected === undefined ? null : (
            <IxButton
              variant="subtle-primary"
              onClick={() => {
                onChange(withEntry(week, selected.day, entry.minute, undefined));
                setSelected(undefined);
              }}
              data-testid="entry-remove"
            >
              {t.removeEntry}
            </IxButton>
          )}
        </div>
      )}
    </section>
  );
}
