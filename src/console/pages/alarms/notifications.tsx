import { useState, type ReactNode } from 'react';
import { alarmTexts } from '../../alarm-texts.js';
import { ActionButton } from '../../components/action-button.js';
import { Panel } from '../../components/panel.js';
import { PlainTable } from '../../components/plain-table.js';
import { useLoad } from '../../components/use-load.js';
import { actOnNotification, readNotifications, type ToldNotification } from '../../data/alarm-actions.js';
import { isWritable } from '../../data/plant-view.js';
import { usePlant } from '../../data/services.js';
import { formatTime } from '../../format/times.js';
import { texts } from '../../texts.js';

const t = alarmTexts.notifications;
const periodMs = 5_000;

/** Mails and webhooks: what waits to be sent and why, and what was sent or given up. */
export function Notifications({ onSignIn }: { readonly onSignIn: () => void }): ReactNode {
  const url = usePlant((view) => view.nodeUrl);
  const [turn, setTurn] = useState(0);
  const { value, error } = useLoad(url, () => readNotifications(url), periodMs, turn, 'notifications');
  return (
    <>
      {error === undefined ? null : <p className="soft">{error}</p>}
      <Panel title={t.pending}>
        {value === undefined || value.pending.length === 0 ? <p className="soft panel-text">{value === undefined ? t.loading : t.nonePending}</p> : <Messages label={t.pending} messages={value.pending} testId="notification-pending" actions={(message) => <Actions message={message} url={url} onSignIn={onSignIn} onDone={() => setTurn((present) => present + 1)} />} />}
      </Panel>
      <Panel title={t.log}>
        {value === undefined || value.log.length === 0 ? <p className="soft panel-text">{value === undefined ? t.loading : t.noneSent}</p> : <Messages label={t.log} messages={value.log} testId="notification-told" />}
      </Panel>
    </>
  );
}

interface MessagesProps {
  readonly label: string;
  readonly messages: readonly ToldNotification[];
  readonly testId: string;
  readonly actions?: (message: ToldNotification) => ReactNode;
}

function Messages({ label, messages, testId, actions }: MessagesProps): ReactNode {
  return (
    <PlainTable label={label} columns={[...Object.values(t.columns), ...(actions === undefined ? [] : [t.action])]}>
      {messages.map((message) => (
        <tr key={`${message.id} ${message.atMs}`} data-testid={testId}>
          <td className="number">{formatTime(message.atMs)}</td>
          <td>{message.alarm}</td>
          <td>{[alarmTexts.journal.events[message.event] ?? message.event, ...(message.escalation === undefined ? [] : [t.escalation(message.escalation)])].join(', ')}</td>
          <td>{message.to}</td>
          <td>{[t.states[message.state], ...(message.attempt === 0 ? [] : [t.attempts(message.attempt)]), ...(message.possibleRepeat ? [t.possibleRepeat] : [])].join(', ')}</td>
          <td>{message.why ?? texts.none}</td>
          {actions === undefined ? null : <td>{actions(message)}</td>}
        </tr>
      ))}
    </PlainTable>
  );
}

interface ActionsProps {
  readonly message: ToldNotification;
  readonly url: string;
  readonly onSignIn: () => void;
  readonly onDone: () => void;
}

/** What a person may do with one that waits; one on its way is beyond that. */
function Actions({ message: { id, alarm, to, state }, url, onSignIn, onDone }: ActionsProps): ReactNode {
  const writable = usePlant(isWritable);
  return (
    <div className="actions">
      {([['send', t.send], ['give-up', t.giveUp]] as const).map(([kind, { label, title, question, confirm }]) => (
        <ActionButton
          key={kind}
          label={label}
          disabled={!writable || state === 'sending'}
          hint={writable ? (state === 'sending' ? t.states.sending : undefined) : texts.write.readOnly}
          onSignIn={onSignIn}
          testId={`notification-${kind}`}
          title={title(alarm, to)}
          question={question}
          confirm={confirm}
          working={alarmTexts.working}
          reason={t.reason}
          initial=""
          run={async ({ reason, token }) => actOnNotification(url, id, kind, reason, token).then(onDone)}
        />
      ))}
    </div>
  );
}
