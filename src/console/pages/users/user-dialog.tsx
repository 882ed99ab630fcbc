import { IxButton, IxCheckbox, IxInput } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import type { UserView } from '../../../contract/access.js';
import type { Roles } from '../../../contract/area-roles.js';
import { accessTexts } from '../../access-texts.js';
import { Dialog } from '../../components/dialog.js';
import { Outcome, type OutcomeState } from '../../components/outcome.js';
import { messageOf } from '../../data/rest.js';
import { useServices } from '../../data/services.js';
import { userActions } from '../../data/users.js';
import { texts } from '../../texts.js';
import { RolesField } from './roles-field.js';

const t = accessTexts.users;

interface UserDialogProps {
  readonly url: string;
  /** Absent: a new one. */
  readonly user: UserView | undefined;
  readonly onClose: () => void;
}

/** A new user, or what there is to change of one. It stays open until the node has taken it. */
export function UserDialog({ url, user, onClose }: UserDialogProps): ReactNode {
  const { session } = useServices();
  const [name, setName] = useState(user?.name ?? '');
  const [fullName, setFullName] = useState(user?.fullName ?? '');
  const [roles, setRoles] = useState<Roles>({ role: user?.role ?? 'operator', areas: user?.areas ?? {} });
  const [password, setPassword] = useState('');
  const [disabled, setDisabled] = useState(user?.disabled ?? false);
  const [outcome, setOutcome] = useState<OutcomeState>();
  const ready = outcome?.kind !== 'working' && name.trim() !== '' && (user !== undefined || password !== '');

  const start = async (): Promise<void> => {
    const token = session.get() ?? '';
    setOutcome({ kind: 'working', text: t.working });
    try {
      if (user === undefined) await userActions.add(url, { name: name.trim(), ...roles, password, fullName: fullName.trim() }, token);
      else await userActions.change(url, user.name, { ...roles, fullName: fullName.trim(), disabled, ...(password === '' ? {} : { password }), ...(user.lockedUntilMs === undefined ? {} : { locked: false }) }, token);
      onClose();
    } catch (cause) {
      setOutcome({ kind: 'failed', text: messageOf(cause) });
    }
  };

  return (
    <Dialog
      title={user === undefined ? t.addTitle : t.editTitle(user.name)}
      onClose={onClose}
      testId="user-dialog"
      footer={
        <>
          <IxButton variant="secondary" onClick={onClose}>
            {texts.cancel}
          </IxButton>
          <IxButton disabled={!ready} onClick={() => void start()} data-testid="user-save">
            {user === undefined ? t.addSubmit : user.lockedUntilMs === undefined ? t.editSubmit : `${t.editSubmit}, ${t.unlock.toLowerCase()}`}
          </IxButton>
        </>
      }
    >
      <form
        className="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) void start();
        }}
      >
        {user === undefined ? <IxInput label={t.name} value={name} onValueChange={(event) => setName(event.detail)} required data-testid="user-name" /> : null}
        <IxInput label={t.fullName} value={fullName} onValueChange={(event) => setFullName(event.detail)} data-testid="user-full-name" />
        <RolesField url={url} label={t.role} value={roles} onChange={setRoles} testId="user" />
        <IxInput type="password" label={user === undefined ? t.password : t.newPassword} value={password} onValueChange={(event) => setPassword(event.detail)} data-testid="user-password" />
        {user === undefined ? null : <IxCheckbox label={t.disabled} checked={disabled} onCheckedChange={(event) => setDisabled(event.detail)} data-testid="user-disabled" />}
        {outcome === undefined ? null : <Outcome {...outcome} />}
      </form>
    </Dialog>
  );
}
