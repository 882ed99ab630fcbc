import type { ReactNode } from 'react';
import type { ActivityUnit } from '../../contract/activity.js';
import { activityTexts } from '../activity-texts.js';

interface ProgressProps {
  readonly label: string;
  /** Not counted: the bar only says that something goes on. */
  readonly done?: number | undefined;
  /** Not known (yet): likewise. */
  readonly total?: number | undefined;
  readonly unit?: ActivityUnit | undefined;
  /** What else there is to say of it. */
  readonly detail?: string | undefined;
  readonly testId?: string;
}

/**
 * Something that takes longer than a second, with how far it has come where that is counted. It is no live region: who listens to
 * the page would hear each figure; a screen reader tells them of the bar when asked.
 */
export function Progress({ label, done, total, unit, detail, testId = 'progress' }: ProgressProps): ReactNode {
  const known = done !== undefined && total !== undefined && total > 0;
  const text = activityTexts.progress(done, total, unit);
  return (
    <div className="progress" data-testid={testId} data-done={done} data-total={total}>
      <span className="progress-label">{label}</span>
      <progress aria-label={label} {...(text === '' ? {} : { 'aria-valuetext': text })} {...(known ? { value: Math.min(done, total), max: total } : {})} />
      {text === '' ? null : <span className="number">{text}</span>}
      {detail === undefined ? null : <span className="soft">{detail}</span>}
    </div>
  );
}
