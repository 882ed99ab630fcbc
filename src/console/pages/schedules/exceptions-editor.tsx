import { IxButton } from '@siemens/ix-react';
import { useId, useState, type ReactNode } from 'react';
import type { WrittenException, WrittenValue } from '../../data/schedule-draft.js';
import { texts } from '../../texts.js';
import { ExceptionCalendar } from './exception-calendar.js';
import { readValue } from './entry-form.js';

const t = texts.schedules;

interface ExceptionsEditorProps {
  readonly exceptions: readonly WrittenException[];
  readonly values: readonly WrittenValue[];
  /** Whose calendar it is. */
  readonly timezone: string;
  readonly readOnly: boolean;
  readonly onChange: (exceptions: readonly WrittenException[]) => void;
}

/** Days that are not like the others of the week, most of them a date or some days from one to another. */
export function ExceptionsEditor({ exceptions, values, timezone, readOnly, onChange }: ExceptionsEditorProps): ReactNode {
  const id = useId();
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [value, setValue] = useState(String(values[0] ?? ''));
  const [priority, setPriority] = useState(8);
  const add = (): void => {
    if (from === '' || value === '') return;
    onChange([...exceptions, { ...(to === '' || to === from ? { date: from } : { range: { from, to } }), priority, values: { '00:00': readValue(value) } }]);
    setFrom('');
    setTo('');
  };
  return (
    <section aria-label={t.exceptions}>
      <h3>{t.exceptions}</h3>
      <ExceptionCalendar
        exceptions={exceptions}
        timezone={timezone}
        from={from}
        to={to}
        onChoose={
          readOnly
            ? undefined
            : (first, last) => {
                setFrom(first);
                setTo(last);
              }
        }
      />
      {exceptions.length === 0 ? <p className="soft">{t.noExceptions}</p> : null}
      <ul className="changes" data-testid="exceptions">
        {exceptions.map((exception, index) => (
          <li key={`${String(index)} ${JSON.stringify(exception)}`} className="actions">
            <strong>{whenText(exception)}</strong>
            <span>{Object.entries(exception.values).map(([time, written]) => `${time} ${String(written)}`).join(', ')}</span>
            <span className="soft">{t.priority(exception.priority ?? 16)}</span>
            {readOnly ? null : (
              <IxButton variant="subtle-primary" onClick={() => onChange(exceptions.filter((_, other) => other !== index))} aria-label={t.removeExceptionOf(whenText(exception))} data-testid="exception-remove">
                {t.remove}
              </IxButton>
            )}
          </li>
        ))}
      </ul>
      {readOnly ? null : (
        <form
          className="actions"
          onSubmit={(event) => {
            event.preventDefault();
            add();
          }}
        >
          <label htmlFor={`${id}-from`}>{t.from}</label>
          <input id={`${id}-from`} className="plain-input narrow" type="date" required value={from} onChange={(event) => setFrom(event.currentTarget.value)} data-testid="exception-from" />
          <label htmlFor={`${id}-to`}>{t.to}</label>
          <input id={`${id}-to`} className="plain-input narrow" type="date" min={from} value={to} onChange={(event) => setTo(event.currentTarget.value)} data-testid="exception-to" />
          <label htmlFor={`${id}-value`}>{t.allDay}</label>
          <input id={`${id}-value`} className="plain-input narrow" required value={value} onChange={(event) => setValue(event.currentTarget.value)} data-testid="exception-value" />
          <label htmlFor={`${id}-priority`}>{t.priorityLabel}</label>
          <input id={`${id}-priority`} className="plain-input narrow" type="number" min={1} max={16} required value={priority} onChange={(event) => setPriority(Number(event.currentTarget.value))} data-testid="exception-priority" />
          <IxButton type="submit" variant="secondary" data-testid="exception-add">
            {t.addException}
          </IxButton>
        </form>
      )}
    </section>
  );
}

function whenText({ date, range, calendar, weekAndDay }: WrittenException): string {
  if (date !== undefined) return date;
  if (calendar !== undefined) return t.calendar(calendar);
  return range === undefined ? JSON.stringify(weekAndDay) : `${range.from ?? '…'} – ${range.to ?? '…'}`;
}
