import { IxButton, IxInput } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import type { Roles } from '../../../contract/area-roles.js';
import { accessTexts } from '../../access-texts.js';
import { Choice } from '../../components/choice.js';
import { Dialog } from '../../components/dialog.js';
import { Outcome, type OutcomeState } from '../../components/outcome.js';
import { messageOf } from '../../data/rest.js';
import { useServices } from '../../data/services.js';
import { userActions } from '../../data/users.js';
import { texts } from '../../texts.js';
import { RolesField } from './roles-field.js';

const t = accessTexts.tokens;
type Duration = keyof typeof t.durations;
const durations = Object.entries(t.durations) as (readonly [Duration, string])[];

/** Makes a token, and shows it this once. */
export function TokenDialog({ url, onClose }: { readonly url: string; readonly onClose: () => void }): ReactNode {
  const { session } = useServices();
  const [name, setName] = useState('');
  const [roles, setRoles] = useState<Roles>({ role: 'viewer', areas: {} });
  const [ends, setEnds] = useState<Duration>('365d');
  const [made, setMade] = useState<string>();
  const [outcome, setOutcome] = useState<OutcomeState>();
  const ready = outcome?.kind !== 'working' && name.trim() !== '';

  const start = async (): Promise<void> => {
    setOutcome({ kind: 'working', text: accessTexts.users.working });
    try {
      const { token } = await userActions.addToken(url, { name: name.trim(), ...roles, for: ends === 'never' ? null : ends }, session.get() ?? '');
      setMade(token);
    } catch (cause) {
      setOutcome({ kind: 'failed', text: messageOf(cause) });
    }
  };

  return (
    <Dialog
      title={t.addTitle}
      onClose={onClose}
      testId="token-dialog"
      footer={
        made === undefined ? (
          <>
            <IxButton variant="secondary" onClick={onClose}>
              {texts.cancel}
            </IxButton>
            <IxButton disabled={!ready} onClick={() => void start()} data-testid="token-make">
              {t.addSubmit}
            </IxButton>
          </>
        ) : (
          <IxButton onClick={onClose}>{texts.close}</IxButton>
        )
      }
    >
      {made === undefined ? (
        <form
          className="dialog-form"
          onSubmit={(event) => {
            event.preventDefault();
            if (ready) void start();
          }}
        >
          <IxInput label={t.name} value={name} onValueChange={(event) => setName(event.detail)} required data-testid="token-name" />
          <RolesField url={url} label={t.role} value={roles} onChange={setRoles} testId="token" />
          <Choice label={t.ends} value={ends} options={durations} onChange={setEnds} testId="token-ends" />
          {outcome === undefined ? null : <Outcome {...outcome} />}
        </form>
      ) : (
        <div className="dialog-form">
          <p>{t.made}</p>
          <p className="secret" data-testid="token-made">
            {made}
          </p>
        </div>
      )}
    </Dialog>
  );
}
