import { useId, type ReactNode } from 'react';

interface TextEditorProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly readOnly?: boolean;
  readonly rows?: number;
  readonly testId: string;
}

/** A text of many lines, in a fixed-width face. Tab leaves it, as everywhere else. */
export function TextEditor({ label, value, onChange, readOnly = false, rows = 24, testId }: TextEditorProps): ReactNode {
  const id = useId();
  return (
    <div className="editor">
      <label htmlFor={id}>{label}</label>
      <textarea id={id} value={value} readOnly={readOnly} rows={rows} spellCheck={false} autoCapitalize="off" autoComplete="off" wrap="off" onChange={(event) => onChange(event.currentTarget.value)} data-testid={testId} />
    </div>
  );
}
