import { IxButton, IxInput } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import { accessTexts } from '../../access-texts.js';
import { Outcome, type OutcomeState } from '../../components/outcome.js';
import { messageOf } from '../../data/rest.js';
import { useServices } from '../../data/services.js';

const t = accessTexts.setUp;

/** The first administrator, with the code that the active node has shown. */
export function SetUpForm(): ReactNode {
  const { account } = useServices();
  const [code, setCode] = useState('');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [outcome, setOutcome] = useState<OutcomeState>();
  const ready = outcome?.kind !== 'working' && [code, name, password, again].every((text) => text.trim() !== '');

  const start = async (): Promise<void> => {
    if (password !== again) {
      setOutcome({ kind: 'failed', text: t.differ });
      return;
    }
    setOutcome({ kind: 'working', text: t.working });
    try {
      await account.setUp(code.trim(), name.trim(), password);
    } catch (cause) {
      setOutcome({ kind: 'failed', text: messageOf(cause) });
    }
  };

  return (
    <form
      className="dialog-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) void start();
      }}
    >
      <p>{t.explanation}</p>
      <IxInput label={t.code} value={code} onValueChange={(event) => setCode(event.detail)} required data-testid="set-up-code" />
      <IxInput label={t.name} value={name} onValueChange={(event) => setName(event.detail)} required data-testid="set-up-name" />
      <IxInput type="password" label={t.password} value={password} onValueChange={(event) => setPassword(event.detail)} required data-testid="set-up-password" />
      <IxInput type="password" label={t.again} value={again} onValueChange={(event) => setAgain(event.detail)} required data-testid="set-up-again" />
      {outcome === undefined ? null : <Outcome {...outcome} />}
      <div className="form-actions">
        <IxButton type="submit" disabled={!ready} data-testid="set-up-submit">
          {t.submit}
        </IxButton>
      </div>
    </form>
  );
}
