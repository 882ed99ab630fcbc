import { IxButton } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import type { UserRole } from '../../contract/access.js';
import { accessTexts } from '../access-texts.js';
import { useMay, useServices, useStore } from '../data/services.js';
import { ActionDialog, type Action } from './action-dialog.js';

interface ActionButtonProps extends Action {
  readonly label: string;
  readonly onSignIn: () => void;
  /** Who may do it; an operator where nothing is said. */
  readonly role?: UserRole;
  readonly testId: string;
  readonly disabled?: boolean;
  /** Says more than the label: which row it belongs to, or why it cannot be used. */
  readonly hint?: string | undefined;
  readonly variant?: 'primary' | 'secondary' | 'subtle-primary' | 'danger-secondary';
}

/** A button for what needs the write token and a confirmation: it asks to sign in, then what it is about, then does it. */
export function ActionButton({ label, onSignIn, role = 'operator', testId, disabled = false, hint: given, variant = 'secondary', ...action }: ActionButtonProps): ReactNode {
  const { session } = useServices();
  const token = useStore(session);
  const [asking, setAsking] = useState(false);
  const may = useMay(role);
  const hint = may ? given : accessTexts.needs(accessTexts.roles[role]);
  return (
    <>
      <IxButton variant={variant} disabled={disabled || !may} title={hint} aria-label={hint === undefined ? label : `${label}: ${hint}`} onClick={() => (token === undefined ? onSignIn() : setAsking(true))} data-testid={testId}>
        {label}
      </IxButton>
      {asking ? <ActionDialog {...action} onClose={() => setAsking(false)} /> : null}
    </>
  );
}
