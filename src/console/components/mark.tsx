import { IxIcon } from '@siemens/ix-react';
import type { ReactNode } from 'react';

/** Tones of ISA-101: `quiet` is grey and means that nobody need look. */
export type Tone = 'quiet' | 'plain' | 'info' | 'warning' | 'critical' | 'alarm';

interface MarkProps {
  readonly icon: string;
  readonly text: string;
  readonly tone: Tone;
  readonly testId?: string;
  readonly blinking?: boolean;
}

/** A shape and a text of one tone: colour never stands alone. */
export function Mark({ icon, text, tone, testId, blinking = false }: MarkProps): ReactNode {
  return (
    <span className={`sign tone-${tone}`} data-testid={testId}>
      <IxIcon name={icon} size="16" aria-hidden="true" className={blinking ? 'blinking' : ''} />
      <span className="sign-text">{text}</span>
    </span>
  );
}
