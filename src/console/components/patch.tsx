import type { ReactNode } from 'react';

/** A unified patch: what went and what came, by sign and not by colour alone. */
export function Patch({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const lines = text.split('\n').filter((line) => !/^(Index:|=+$|---|\+\+\+)/.test(line));
  return (
    <pre className="patch" aria-label={label} tabIndex={0} data-testid="patch">
      {lines.map((line, index) => (
        <span key={index} className={line.startsWith('+') ? 'patch-came' : line.startsWith('-') ? 'patch-went' : line.startsWith('@@') ? 'patch-place' : undefined}>
          {`${line}\n`}
        </span>
      ))}
    </pre>
  );
}
