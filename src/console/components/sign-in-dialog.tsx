import { IxButton } from '@siemens/ix-react';
import type { ReactNode } from 'react';
import { accessTexts } from '../access-texts.js';
import { useServices, useStore } from '../data/services.js';
import { texts } from '../texts.js';
import { Dialog } from './dialog.js';
import { SignInForm } from './sign-in-form.js';

/** Asks who it is, over a page that stays as it is: before the first change, or when a session has ended. */
export function SignInDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { account } = useServices();
  const expired = useStore(account).state === 'expired';
  return (
    <Dialog title={accessTexts.signIn.title} onClose={onClose} testId="sign-in-dialog" footer={null} stays={expired}>
      {expired ? <p data-testid="session-expired">{accessTexts.signIn.expired}</p> : null}
      <SignInForm
        onDone={onClose}
        extra={
          expired ? (
            // Nothing can be done or seen without it: there is no third way, and no page that looks alive and is not.
            <IxButton type="button" variant="subtle-primary" onClick={() => void account.signOut()} data-testid="expired-sign-out">
              {texts.header.signOut}
            </IxButton>
          ) : (
            <IxButton type="button" variant="subtle-primary" onClick={onClose}>
              {texts.cancel}
            </IxButton>
          )
        }
      />
    </Dialog>
  );
}
