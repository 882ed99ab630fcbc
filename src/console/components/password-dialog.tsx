import { IxButton, IxInput } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import { accessTexts } from '../access-texts.js';
import { messageOf } from '../data/rest.js';
import { useServices } from '../data/services.js';
import { texts } from '../texts.js';
import { Dialog } from './dialog.js';
import { Outcome, type OutcomeState } from './outcome.js';

const t = accessTexts.password;

/** The own password. Other sessions of the same user end with it. */
export function PasswordDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { account } = useServices();
  const [typed, setTyped] = useState({ old: '', next: '', again: '' });
  const [outcome, setOutcome] = useState<OutcomeState>();
  const differ = typed.again !== '' && typed.next !== typed.again;
  const ready = outcome === undefined || outcome.kind === 'failed' ? typed.old !== '' && typed.next !== '' && typed.next === typed.again : false;
  const submit = async (): Promise<void> => {
    if (!ready) return;
    setOutcome({ kind: 'working', text: t.working });
    try {
      await account.changePassword(typed.old, typed.next);
      setOutcome({ kind: 'done', text: t.done });
    } catch (cause) {
      setOutcome({ kind: 'failed', text: messageOf(cause) });
    }
  };
  const field = (key: keyof typeof typed, label: string): ReactNode => <IxInput type="password" label={label} value={typed[key]} onValueChange={(event) => setTyped((before) => ({ ...before, [key]: event.detail }))} required data-testid={`password-${key}`} />;
  return (
    <Dialog
      title={t.title}
      onClose={onClose}
      testId="password-dialog"
      footer={
        outcome?.kind === 'done' ? (
          <IxButton onClick={onClose} data-testid="password-close">{texts.close}</IxButton>
        ) : (
          <>
            <IxButton variant="secondary" onClick={onClose}>
              {texts.cancel}
            </IxButton>
            <IxButton disabled={!ready} onClick={() => void submit()} data-testid="password-save">
              {t.submit}
            </IxButton>
          </>
        )
      }
    >
      <form
        className="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {field('old', t.old)}
        {field('next', t.next)}
        {field('again', t.again)}
        {differ ? <Outcome kind="failed" text={accessTexts.setUp.differ} /> : null}
        {outcome === undefined ? null : <Outcome {...outcome} />}
      </form>
    </Dialog>
  );
}
