import type { ReactNode } from 'react';

interface TabsProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [value: T, text: string])[];
  readonly onChange: (value: T) => void;
}

/** A row of tabs; the arrow keys go from one to the next. */
export function Tabs<T extends string>({ label, value, options, onChange }: TabsProps<T>): ReactNode {
  const at = options.findIndex(([option]) => option === value);
  return (
    <div
      className="tabs"
      role="tablist"
      aria-label={label}
      onKeyDown={(event) => {
        const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
        const next = options[at + step];
        if (step === 0 || next === undefined) return;
        onChange(next[0]);
        event.currentTarget.querySelectorAll('button')[at + step]?.focus();
      }}
    >
      {options.map(([option, text]) => (
        <button key={option} type="button" role="tab" className="tab" aria-selected={option === value} tabIndex={option === value ? 0 : -1} onClick={() => onChange(option)} data-testid={`tab-${option}`}>
          {text}
        </button>
      ))}
    </div>
  );
}
