import { iconUserGroup } from '@siemens/ix-icons/icons';
import { useState, type ReactNode } from 'react';
import { accessTexts } from '../../access-texts.js';
import { ActionButton } from '../../components/action-button.js';
import { Empty } from '../../components/empty.js';
import { PlainTable } from '../../components/plain-table.js';
import { useLoad } from '../../components/use-load.js';
import { usePlant, useServices, useStore } from '../../data/services.js';
import { readSessions, userActions } from '../../data/users.js';
import { formatTime } from '../../format/times.js';

const t = accessTexts.sessions;
const periodMs = 5_000;

/** Who is signed in, from where, and since when. */
export function SessionList({ onSignIn }: { readonly onSignIn: () => void }): ReactNode {
  const { account } = useServices();
  const { user } = useStore(account);
  const url = usePlant((view) => view.nodeUrl);
  const [turn, setTurn] = useState(0);
  const { value: sessions = [], error } = useLoad(url, () => readSessions(url), periodMs, turn, 'sessions');
  const { columns } = t;
  if (sessions.length === 0) return <Empty icon={iconUserGroup} header={t.none} detail={error ?? ''} />;
  return (
    <PlainTable label={t.table} columns={[columns.user, columns.from, columns.began, columns.seen, columns.ends, columns.actions]}>
      {sessions.map((session) => (
        <tr key={session.id} data-testid="session-row">
          <td>
            {session.user} {session.id === user?.session ? <span className="soft">({t.own})</span> : null}
          </td>
          <td title={session.agent}>{session.from}</td>
          <td className="number">{formatTime(session.createdMs)}</td>
          <td className="number">{formatTime(session.seenMs)}</td>
          <td className="number">{formatTime(session.expiresMs)}</td>
          <td>
            <ActionButton
              label={t.end}
              hint={t.endTitle(session.user)}
              role="administrator"
              onSignIn={onSignIn}
              testId="session-end"
              title={t.endTitle(session.user)}
              question={t.endQuestion}
              confirm={t.endConfirm}
              working={accessTexts.users.working}
              run={async ({ token }) => userActions.endSession(url, session.id, token).then(() => setTurn((present) => present + 1))}
            />
          </td>
        </tr>
      ))}
    </PlainTable>
  );
}
