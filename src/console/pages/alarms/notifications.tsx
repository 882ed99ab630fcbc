import type { ReactNode } from 'react';
import { alarmTexts } from '../../alarm-texts.js';
import { Panel } from '../../components/panel.js';
import { PlainTable } from '../../components/plain-table.js';
import { useLoad } from '../../components/use-load.js';
import { readNotifications, type ToldNotification } from '../../data/alarm-actions.js';
import { usePlant } from '../../data/services.js';
import { formatTime } from '../../format/times.js';
import { texts } from '../../texts.js';

const t = alarmTexts.notifications;
const periodMs = 5_000;

/** Mails and webhooks: what waits to be sent and why, and what was sent or given up. */
export function Notifications(): ReactNode {
  const url = usePlant((view) => view.nodeUrl);
  const { value, error } = useLoad(url, () => readNotifications(url), periodMs, 0, 'notifications');
  return (
    <>
      {error === undefined ? null : <p className="soft">{error}</p>}
      <Panel title={t.pending}>
        {value === undefined || value.pending.length === 0 ? <p className="soft panel-text">{value === undefined ? t.loading : t.nonePending}</p> : <Messages label={t.pending} messages={value.pending} testId="notification-pending" />}
      </Panel>
      <Panel title={t.log}>
        {value === undefined || value.log.length === 0 ? <p className="soft panel-text">{value === undefined ? t.loading : t.noneSent}</p> : <Messages label={t.log} messages={value.log} testId="notification-told" />}
      </Panel>
    </>
  );
}

function Messages({ label, messages, testId }: { readonly label: string; readonly messages: readonly ToldNotification[]; readonly testId: string }): ReactNode {
  return (
    <PlainTable label={label} columns={Object.values(t.columns)}>
      {messages.map((message) => (
        <tr key={`${message.id} ${message.atMs}`} data-testid={testId}>
          <td className="number">{formatTime(message.atMs)}</td>
          <td>{message.alarm}</td>
          <td>{[alarmTexts.journal.events[message.event] ?? message.event, ...(message.escalation === undefined ? [] : [t.escalation(message.escalation)])].join(', ')}</td>
          <td>{message.to}</td>
          <td>{[t.states[message.state], ...(message.attempt === 0 ? [] : [t.attempts(message.attempt)]), ...(message.possibleRepeat ? [t.possibleRepeat] : [])].join(', ')}</td>
          <td>{message.why ?? texts.none}</td>
        </tr>
      ))}
    </PlainTable>
  );
}
