import { IxButton, IxInput } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import { accessTexts } from '../access-texts.js';
import { messageOf } from '../data/rest.js';
import { useServices } from '../data/services.js';
import { Outcome, type OutcomeState } from './outcome.js';

const t = accessTexts.signIn;

/** A name and a password, or a token. */
export function SignInForm({ onDone, extra }: { readonly onDone: () => void; readonly extra?: ReactNode }): ReactNode {
  const { account } = useServices();
  const [byToken, setByToken] = useState(false);
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [token, setToken] = useState('');
  const [outcome, setOutcome] = useState<OutcomeState>();
  const working = outcome?.kind === 'working';
  const ready = !working && (byToken ? token.trim() !== '' : user.trim() !== '' && password !== '');

  const start = async (): Promise<void> => {
    setOutcome({ kind: 'working', text: t.working });
    try {
      if (!byToken) await account.signIn(user.trim(), password);
      else if (!(await account.useToken(token.trim()))) {
        setOutcome({ kind: 'failed', text: t.tokenRefused });
        return;
      }
      onDone();
    } catch (cause) {
      setPassword('');
      setOutcome({ kind: 'failed', text: messageOf(cause) });
    }
  };

  return (
    <form
      className="dialog-form"
      data-testid="sign-in-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) void start();
      }}
    >
      {byToken ? (
        <IxInput key="token" type="password" label={t.token} value={token} onValueChange={(event) => setToken(event.detail)} required data-testid="token-input" />
      ) : (
        <>
          <IxInput key="user" type="text" label={t.user} value={user} onValueChange={(event) => setUser(event.detail)} required data-testid="user-input" />
          <IxInput key="password" type="password" label={t.password} value={password} onValueChange={(event) => setPassword(event.detail)} required data-testid="password-input" />
        </>
      )}
      {outcome === undefined ? null : <Outcome {...outcome} />}
      <div className="form-actions">
        <IxButton type="button" variant="subtle-primary" onClick={() => setByToken(!byToken)} data-testid="use-token">
          {byToken ? t.usePassword : t.useToken}
        </IxButton>
        {extra}
        <IxButton type="submit" disabled={!ready} data-testid="sign-in-submit">
          {t.submit}
        </IxButton>
      </div>
    </form>
  );
}
