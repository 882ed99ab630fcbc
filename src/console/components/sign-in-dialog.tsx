import { IxButton, IxInput } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import { useServices } from '../data/services.js';
import { texts } from '../texts.js';
import { Dialog } from './dialog.js';

/** Asks for the write token. Whether it is right only a write can tell: the protocol has no login of its own. */
export function SignInDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { session } = useServices();
  const [token, setToken] = useState('');
  const submit = (): void => {
    if (token.trim() === '') return;
    session.signIn(token.trim());
    onClose();
  };
  return (
    <Dialog
      title={texts.signIn.title}
      onClose={onClose}
      testId="sign-in-dialog"
      footer={
        <>
          <IxButton variant="subtle-primary" onClick={onClose}>
            {texts.cancel}
          </IxButton>
          <IxButton disabled={token.trim() === ''} onClick={submit} data-testid="sign-in-submit">
            {texts.signIn.submit}
          </IxButton>
        </>
      }
    >
      <form
        className="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <p>{texts.signIn.explanation}</p>
        <IxInput type="password" label={texts.signIn.token} value={token} onValueChange={(event) => setToken(event.detail)} required data-testid="token-input" />
      </form>
    </Dialog>
  );
}
