import { IxSelect, IxSelectItem } from '@siemens/ix-react';
import type { ReactNode } from 'react';

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [value: T, text: string])[];
  readonly onChange: (value: T) => void;
  readonly testId?: string;
}

/** A select of one among some, with its label as accessible name. */
export function Choice<T extends string>({ label, value, options, onChange, testId }: ChoiceProps<T>): ReactNode {
  return (
    <IxSelect
      aria-label={label}
      value={value}
      hideListHeader
      onValueChange={(event) => {
        const chosen = options.find(([option]) => option === event.detail);
        if (chosen !== undefined) onChange(chosen[0]);
      }}
      data-testid={testId}
    >
      {options.map(([option, text]) => (
        <IxSelectItem key={option} value={option} label={text} />
      ))}
    </IxSelect>
  );
}
