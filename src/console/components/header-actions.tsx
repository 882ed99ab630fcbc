import { iconKey, iconLightDark, iconLogOut } from '@siemens/ix-icons/icons';
import { IxButton, IxIconButton } from '@siemens/ix-react';
import type { ReactNode } from 'react';
import { accessTexts } from '../access-texts.js';
import { useServices, useStore } from '../data/services.js';
import { texts } from '../texts.js';

/** Sign in or out, and the theme. */
export function HeaderActions({ onSignIn }: { readonly onSignIn: () => void }): ReactNode {
  const { session, account, theme } = useServices();
  const { user } = useStore(account);
  const token = useStore(session);
  return (
    <div className="header-actions">
      {token === undefined ? (
        <IxButton variant="secondary" icon={iconKey} onClick={onSignIn} data-testid="sign-in">
          {texts.header.signIn}
        </IxButton>
      ) : (
        <IxButton variant="subtle-primary" icon={iconLogOut} onClick={() => void account.signOut()} data-testid="sign-out" title={user === undefined ? texts.header.signedIn : `${texts.header.signOut}: ${accessTexts.signedInAs(user.name, accessTexts.roles[user.role])}`}>
          {user === undefined ? texts.header.signOut : user.name}
        </IxButton>
      )}
      <IxIconButton variant="subtle-tertiary" icon={iconLightDark} onClick={() => theme.toggle()} aria-label={texts.header.theme} title={texts.header.theme} data-testid="theme-switch" />
    </div>
  );
}
