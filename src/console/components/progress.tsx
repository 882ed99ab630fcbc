import type { ReactNode } from 'react';
import { texts } from '../texts.js';

interface ProgressProps {
  readonly label: string;
  readonly done: number;
  /** Not known: the bar only says that something goes on. */
  readonly total?: number | undefined;
  readonly testId?: string;
}

/** Something that takes longer than a second, with how far it has come where that can be said. */
export function Progress({ label, done, total, testId = 'progress' }: ProgressProps): ReactNode {
  const known = total !== undefined && total > 0;
  return (
    <div className="progress" role="status" data-testid={testId} data-done={done} data-total={total}>
      <span>{label}</span>
      <progress aria-label={label} {...(known ? { value: Math.min(done, total), max: total } : {})} />
      {known ? <span className="soft number">{texts.progress.of(done, total)}</span> : null}
    </div>
  );
}
