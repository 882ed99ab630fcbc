import { iconUserGroup } from '@siemens/ix-icons/icons';
import { IxButton } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import type { UserView } from '../../../contract/access.js';
import { accessTexts } from '../../access-texts.js';
import { ActionButton } from '../../components/action-button.js';
import { Empty } from '../../components/empty.js';
import { PlainTable } from '../../components/plain-table.js';
import { useLoad } from '../../components/use-load.js';
import { usePlant } from '../../data/services.js';
import { readUsers, userActions } from '../../data/users.js';
import { rolesText } from '../../format/roles.js';
import { formatTime } from '../../format/times.js';
import { UserDialog } from './user-dialog.js';

const t = accessTexts.users;
const periodMs = 5_000;

export function UserList({ onSignIn }: { readonly onSignIn: () => void }): ReactNode {
  const url = usePlant((view) => view.nodeUrl);
  const [turn, setTurn] = useState(0);
  const [editing, setEditing] = useState<UserView | 'new'>();
  const { value: users = [], error } = useLoad(url, () => readUsers(url), periodMs, turn, 'users');
  const again = (): void => setTurn((present) => present + 1);
  const { columns } = t;
  return (
    <>
      <div className="form-actions">
        <IxButton onClick={() => setEditing('new')} data-testid="user-add">
          {t.add}
        </IxButton>
      </div>
      {users.length === 0 ? (
        <Empty icon={iconUserGroup} header={t.none} detail={error ?? ''} />
      ) : (
        <PlainTable label={t.table} columns={[columns.name, columns.role, columns.state, columns.sessions, columns.actions]}>
          {users.map((user) => (
            <tr key={user.name} data-testid="user-row" data-user={user.name}>
              <td>
                {user.name} <span className="soft">{user.fullName}</span>
              </td>
              <td>{rolesText(user)}</td>
              <td>{user.lockedUntilMs !== undefined ? t.state.locked(formatTime(user.lockedUntilMs)) : user.disabled ? t.state.disabled : t.state.active}</td>
              <td>{user.sessions}</td>
              <td>
                <div className="row-buttons">
                  <IxButton variant="secondary" aria-label={t.editTitle(user.name)} onClick={() => setEditing(user)} data-testid="user-edit">
                    {t.edit}
                  </IxButton>
                  <ActionButton
                    label={t.remove}
                    hint={t.removeTitle(user.name)}
                    role="administrator"
                    onSignIn={onSignIn}
                    testId="user-remove"
                    variant="danger-secondary"
                    title={t.removeTitle(user.name)}
                    question={t.removeQuestion}
                    confirm={t.removeConfirm}
                    working={t.working}
                    run={async ({ token }) => userActions.remove(url, user.name, token).then(again)}
                  />
                </div>
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
      {editing === undefined ? null : (
        <UserDialog
          url={url}
          user={editing === 'new' ? undefined : editing}
          onClose={() => {
            setEditing(undefined);
            again();
          }}
        />
      )}
    </>
  );
}
