import { IxInput } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import { Choice } from '../../components/choice.js';
import { parseShift, type Shift } from '../../data/trends.js';
import { texts } from '../../texts.js';

const t = texts.trends;
const usual = ['1h', '1d', '7d', '28d', '364d'] as const;

/** Another time that is drawn under the one that is shown: a usual one, or any. */
export function ComparePicker({ shift, onChange }: { readonly shift: Shift | undefined; readonly onChange: (compare: string | undefined) => void }): ReactNode {
  const present = shift === undefined ? '' : `${shift.count}${shift.unit}`;
  const [other, setOther] = useState(present !== '' && !usual.some((each) => each === present));
  const [typed, setTyped] = useState(present);
  const value = other ? 'other' : (usual.find((each) => each === present) ?? 'none');
  return (
    <div className="actions">
      <span aria-hidden="true">{t.compare}</span>
      <Choice
        label={t.compare}
        value={value}
        options={(['none', ...usual, 'other'] as const).map((each) => [each, t.compareWith[each]] as const)}
        onChange={(next) => {
          setOther(next === 'other');
          if (next !== 'other') onChange(next === 'none' ? undefined : next);
        }}
        testId="trend-compare"
      />
      {!other ? null : (
        <IxInput
          label={t.otherShift}
          value={typed}
          onValueChange={(event) => {
            setTyped(event.detail);
            if (parseShift(event.detail) !== undefined) onChange(event.detail.trim());
          }}
          data-testid="trend-shift"
        />
      )}
    </div>
  );
}
