import { iconKey } from '@siemens/ix-icons/icons';
import { IxButton } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import { accessTexts } from '../../access-texts.js';
import { ActionButton } from '../../components/action-button.js';
import { Empty } from '../../components/empty.js';
import { PlainTable } from '../../components/plain-table.js';
import { useLoad } from '../../components/use-load.js';
import { usePlant } from '../../data/services.js';
import { readTokens, userActions } from '../../data/users.js';
import { rolesText } from '../../format/roles.js';
import { formatTime } from '../../format/times.js';
import { TokenDialog } from './token-dialog.js';

const t = accessTexts.tokens;
const periodMs = 5_000;

/** What programs sign in with. */
export function TokenList({ onSignIn }: { readonly onSignIn: () => void }): ReactNode {
  const url = usePlant((view) => view.nodeUrl);
  const [turn, setTurn] = useState(0);
  const [making, setMaking] = useState(false);
  const { value: tokens = [], error } = useLoad(url, () => readTokens(url), periodMs, turn, 'tokens');
  const again = (): void => setTurn((present) => present + 1);
  const { columns } = t;
  return (
    <>
      <div className="form-actions">
        <IxButton onClick={() => setMaking(true)} data-testid="token-add">
          {t.add}
        </IxButton>
      </div>
      {tokens.length === 0 ? (
        <Empty icon={iconKey} header={t.none} detail={error ?? ''} />
      ) : (
        <PlainTable label={t.table} columns={[columns.name, columns.role, columns.by, columns.made, columns.ends, columns.actions]}>
          {tokens.map((token) => (
            <tr key={token.id} data-testid="token-row" data-token={token.name}>
              <td>{token.name}</td>
              <td>{rolesText(token)}</td>
              <td>{token.by}</td>
              <td className="number">{formatTime(token.createdMs)}</td>
              <td className="number">{token.expiresMs === null ? t.never : formatTime(token.expiresMs)}</td>
              <td>
                <ActionButton
                  label={t.revoke}
                  hint={t.revokeTitle(token.name)}
                  role="administrator"
                  onSignIn={onSignIn}
                  testId="token-revoke"
                  variant="danger-secondary"
                  title={t.revokeTitle(token.name)}
                  question={t.revokeQuestion}
                  confirm={t.revokeConfirm}
                  working={accessTexts.users.working}
                  run={async ({ token: own }) => userActions.removeToken(url, token.id, own).then(again)}
                />
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
      {making ? (
        <TokenDialog
          url={url}
          onClose={() => {
            setMaking(false);
            again();
          }}
        />
      ) : null}
    </>
  );
}
