import { IxButton } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import type { UserRole } from '../../contract/access.js';
import { mayAs, mayAt, maySomewhere } from '../data/account.js';
import { useServices, useStore } from '../data/services.js';
import { needsText } from '../format/roles.js';
import { ActionDialog, type Action } from './action-dialog.js';

interface ActionButtonProps extends Action {
  readonly label: string;
  readonly onSignIn: () => void;
  /** Who may do it; an operator where nothing is said. */
  readonly role?: UserRole;
  /** What it is about, with where it lies: their role there counts. Left out: it is of the whole site. */
  readonly place?: { readonly area?: string };
  /** Known to be missing already: in this area, or (`null`) for the site. */
  readonly missing?: string | null | undefined;
  /** A role anywhere is enough to try; the node knows the rest. */
  readonly anywhere?: true;
  readonly testId: string;
  readonly disabled?: boolean;
  /** Says more than the label: which row it belongs to, or why it cannot be used. */
  readonly hint?: string | undefined;
  readonly variant?: 'primary' | 'secondary' | 'subtle-primary' | 'danger-secondary';
}

/** A button for what needs the write token and a confirmation: it asks to sign in, then what it is about, then does it. */
export function ActionButton({ label, onSignIn, role = 'operator', place, missing, anywhere, testId, disabled = false, hint: given, variant = 'secondary', ...action }: ActionButtonProps): ReactNode {
  const { session, account } = useServices();
  const { user } = useStore(account);
  const token = useStore(session);
  const [asking, setAsking] = useState(false);
  const may = missing === undefined && (anywhere === true ? maySomewhere(user, role) : place === undefined ? mayAs(user, role) : mayAt(user, role, place.area));
  const hint = may ? given : needsText(user, role, missing ?? place?.area);
  return (
    <>
      <IxButton variant={variant} disabled={disabled || !may} title={hint} aria-label={hint === undefined ? label : `${label}: ${hint}`} onClick={() => (token === undefined ? onSignIn() : setAsking(true))} data-testid={testId}>
        {label}
      </IxButton>
      {asking ? <ActionDialog {...action} onClose={() => setAsking(false)} /> : null}
    </>
  );
}
