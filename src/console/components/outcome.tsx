import { iconErrorFilled, iconSuccess } from '@siemens/ix-icons/icons';
import { IxIcon, IxSpinner } from '@siemens/ix-react';
import type { ReactNode } from 'react';

export interface OutcomeState {
  readonly kind: 'working' | 'done' | 'failed';
  readonly text: string;
}

/** What became of a command: under way, done, or refused with the reason. */
export function Outcome({ kind, text }: OutcomeState): ReactNode {
  return (
    <p className={`outcome tone-${kind === 'failed' ? 'alarm' : 'plain'}`} role={kind === 'failed' ? 'alert' : 'status'} data-testid="outcome" data-outcome={kind}>
      {kind === 'working' ? <IxSpinner size="x-small" /> : <IxIcon name={kind === 'done' ? iconSuccess : iconErrorFilled} size="24" aria-hidden="true" />}
      <span>{text}</span>
    </p>
  );
}
