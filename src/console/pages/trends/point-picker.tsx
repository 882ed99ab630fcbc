import { IxButton } from '@siemens/ix-react';
import { useId, useState, type ReactNode } from 'react';
import type { ClientPoint } from '../../../client-sdk/index.js';
import { texts } from '../../texts.js';

const t = texts.trends;
const mostSuggestions = 30;

interface PointPickerProps {
  readonly points: readonly ClientPoint[];
  readonly chosen: readonly string[];
  readonly full: boolean;
  readonly onAdd: (name: string) => void;
}

/** A point by its name, with what fits while it is typed. */
export function PointPicker({ points, chosen, full, onAdd }: PointPickerProps): ReactNode {
  const id = useId();
  const [text, setText] = useState('');
  const wanted = text.toLowerCase();
  const fits = wanted === '' ? [] : points.filter(({ name, kind }) => kind !== 'text' && kind !== 'integer64' && name.toLowerCase().includes(wanted)).slice(0, mostSuggestions);
  const exact = points.find(({ name }) => name === text) ?? (fits.length === 1 ? fits[0] : undefined);
  const add = (): void => {
    if (exact === undefined || full || chosen.includes(exact.name)) return;
    onAdd(exact.name);
    setText('');
  };
  return (
    <form
      className="actions"
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      <label htmlFor={id}>{t.add}</label>
      <input id={id} className="plain-input" list={`${id}-list`} value={text} onChange={(event) => setText(event.currentTarget.value)} data-testid="trend-point" />
      <datalist id={`${id}-list`}>
        {fits.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <IxButton type="submit" variant="secondary" disabled={exact === undefined || full} data-testid="trend-add">
        {t.addButton}
      </IxButton>
      {full ? <span className="soft">{t.full}</span> : null}
    </form>
  );
}
