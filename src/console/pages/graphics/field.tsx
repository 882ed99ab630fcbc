import { useId, useState, type ReactNode } from 'react';

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly kind?: 'text' | 'number';
  /** What fits while it is typed. */
  readonly fits?: readonly string[] | undefined;
  readonly disabled?: boolean;
  readonly testId: string;
}

/** A short text or a number with its label. What is typed stands there until the field is left: `-` is no number yet, and `-20` shall be one. */
export function Field({ label, value, onChange, kind = 'text', fits, disabled = false, testId }: FieldProps): ReactNode {
  const id = useId();
  const [typed, setTyped] = useState<string>();
  const type = (text: string): void => {
    if (kind === 'number') setTyped(text);
    onChange(text);
  };
  return (
    <label htmlFor={id}>
      <span className="soft">{label}</span>
      <input id={id} className="plain-input" type={kind} step="any" value={typed ?? value} disabled={disabled} list={fits === undefined ? undefined : `${id}-list`} onChange={(event) => type(event.currentTarget.value)} onBlur={() => setTyped(undefined)} data-testid={testId} />
      {fits === undefined ? null : (
        <datalist id={`${id}-list`}>
          {fits.map((fit) => <option key={fit} value={fit} />)}
        </datalist>
      )}
    </label>
  );
}

interface PickProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onChange: (value: string) => void;
  readonly disabled?: boolean;
  readonly testId: string;
}

/** One of some. */
export function Pick({ label, value, options, onChange, disabled = false, testId }: PickProps): ReactNode {
  const id = useId();
  return (
    <label htmlFor={id}>
      <span className="soft">{label}</span>
      <select id={id} className="plain-input" value={value} disabled={disabled} onChange={(event) => onChange(event.currentTarget.value)} data-testid={testId}>
        {options.map(([option, text]) => <option key={option} value={option}>{text}</option>)}
      </select>
    </label>
  );
}

/** What is typed as a number; undefined for nothing and for what is none. */
export function numberIn(text: string): number | undefined {
  const number = Number(text);
  return text.trim() === '' || !Number.isFinite(number) ? undefined : number;
}
