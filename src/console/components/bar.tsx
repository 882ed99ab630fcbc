import { iconClose } from '@siemens/ix-icons/icons';
import { IxIcon, IxIconButton } from '@siemens/ix-react';
import type { ReactNode } from 'react';
import { texts } from '../texts.js';
import type { Tone } from './mark.js';

interface BarProps {
  readonly tone: Tone;
  readonly icon: string;
  readonly text: string;
  readonly testId: string;
  readonly onClose?: () => void;
}

/** One line above the page, of the same shape as the alarm banner. */
export function Bar({ tone, icon, text, testId, onClose }: BarProps): ReactNode {
  return (
    <div className={`alarm-banner bar tone-${tone}`} role={tone === 'info' ? 'status' : 'alert'} data-testid={testId}>
      <IxIcon name={icon} size="16" aria-hidden="true" />
      <span className="bar-text">{text}</span>
      {onClose === undefined ? null : <IxIconButton variant="subtle-tertiary" icon={iconClose} onClick={onClose} aria-label={texts.follow.dismiss} title={texts.follow.dismiss} data-testid={`${testId}-close`} />}
    </div>
  );
}
