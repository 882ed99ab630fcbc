import { IxButton } from '@siemens/ix-react';
import { useId, useState, type ReactNode } from 'react';
import { dayNames, daysIn, minuteOf, timeText, type Entry, type WrittenValue } from '../../data/schedule-draft.js';
import { texts } from '../../texts.js';

const t = texts.schedules;
const groups: readonly string[] = ['Mon-Fri', 'Sat,Sun', 'Mon-Sun', ...dayNames];

interface EntryFormProps {
  readonly values: readonly WrittenValue[];
  /** The entry that is changed; without one a new one is added. */
  readonly day?: number;
  readonly entry?: Entry;
  readonly onPut: (days: readonly number[], entry: Entry) => void;
}

/** Days, time and value of an entry, by typing. */
export function EntryForm({ values, day, entry, onPut }: EntryFormProps): ReactNode {
  const id = useId();
  const [days, setDays] = useState(day === undefined ? 'Mon-Fri' : (dayNames[day] ?? 'Mon'));
  const [time, setTime] = useState(timeText(entry?.minute ?? 480));
  const [value, setValue] = useState(String(entry?.value ?? values[0] ?? ''));
  return (
    <form
      className="actions"
      onSubmit={(event) => {
        event.preventDefault();
        if (time !== '' && value !== '') onPut(daysIn(days), { minute: minuteOf(time), value: readValue(value) });
      }}
      data-testid="entry-form"
    >
      <label htmlFor={`${id}-days`}>{t.days}</label>
      <select id={`${id}-days`} className="plain-input narrow" value={days} onChange={(event) => setDays(event.currentTarget.value)} data-testid="entry-days">
        {groups.map((group) => (
          <option key={group}>{group}</option>
        ))}
      </select>
      <label htmlFor={`${id}-time`}>{t.time}</label>
      <input id={`${id}-time`} className="plain-input narrow" type="time" required value={time} onChange={(event) => setTime(event.currentTarget.value)} data-testid="entry-time" />
      <label htmlFor={`${id}-value`}>{t.value}</label>
      <input id={`${id}-value`} className="plain-input narrow" required list={`${id}-values`} value={value} onChange={(event) => setValue(event.currentTarget.value)} data-testid="entry-value" />
      <datalist id={`${id}-values`}>
        {values.map((known) => (
          <option key={String(known)} value={String(known)} />
        ))}
      </datalist>
      <IxButton type="submit" variant="secondary" data-testid="entry-put">
        {entry === undefined ? t.addEntry : t.changeEntry}
      </IxButton>
    </form>
  );
}

/** As YAML would read it. */
export function readValue(text: string): WrittenValue {
  const trimmed = text.trim();
  if (trimmed === 'true' || trimmed === 'false') return trimmed === 'true';
  return trimmed !== '' && Number.isFinite(Number(trimmed)) ? Number(trimmed) : trimmed;
}
