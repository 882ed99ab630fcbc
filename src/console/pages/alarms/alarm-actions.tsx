import type { ReactNode } from 'react';
import type { AlarmAction } from '../../../contract/alarm.js';
import type { WireAlarm } from '../../../contract/client-protocol.js';
import { uuid } from '../../../client-sdk/uuid.js';
import { alarmTexts as t } from '../../alarm-texts.js';
import { ActionButton } from '../../components/action-button.js';
import { durationMs } from '../../data/alarm-actions.js';
import { useServices } from '../../data/services.js';
import { needsAcknowledgement } from '../../format/alarms.js';
import { texts } from '../../texts.js';

interface AlarmActionsProps {
  readonly alarm: WireAlarm;
  readonly writable: boolean;
  readonly missing: string | null | undefined;
  readonly onSignIn: () => void;
}

interface Offered {
  readonly id: string;
  readonly text: { readonly label: string; readonly title: (name: string) => string; readonly question: string; readonly confirm: string };
  readonly act: (input: { readonly note: { readonly note?: string }; readonly reason: string; readonly choice: string }) => AlarmAction;
  readonly hasDuration?: true;
  readonly needsText?: string;
}

const durations = Object.entries(t.durations);

/** What the state of the alarm allows, each after a confirmation. */
export function AlarmActions({ alarm, writable, missing, onSignIn }: AlarmActionsProps): ReactNode {
  const { plant } = useServices();
  return (
    <div className="actions" data-testid="alarm-actions">
      {offeredFor(alarm).map(({ id, text, act, hasDuration, needsText }) => (
        <ActionButton
          key={id}
          label={text.label}
          disabled={!writable}
          hint={writable ? undefined : texts.write.readOnly}
          anywhere
          missing={missing}
          onSignIn={onSignIn}
          testId={`alarm-${id}`}
          title={text.title(alarm.name)}
          question={text.question}
          confirm={text.confirm}
          working={t.working}
          reason={needsText ?? t.reason}
          {...(needsText === undefined ? { initial: '' } : {})}
          {...(hasDuration === undefined ? {} : { choice: { label: t.shelve.for, options: durations } })}
          run={async ({ reason, choice }) => plant.actOnAlarm(act({ reason, choice, note: reason === '' ? {} : { note: reason } }))}
        />
      ))}
    </div>
  );
}

function offeredFor(alarm: WireAlarm): readonly Offered[] {
  const { name, state, occurrence } = alarm;
  const note: Offered = { id: 'note', text: t.note, needsText: t.note.reason, act: ({ reason }) => ({ kind: 'note', alarm: name, id: uuid(), note: reason }) };
  const acknowledge: readonly Offered[] = needsAcknowledgement(alarm) ? [{ id: 'acknowledge', text: t.acknowledge, act: ({ note: said }) => ({ kind: 'acknowledge', alarm: name, occurrence, ...said }) }] : [];
  if (state === 'shelved') return [{ id: 'unshelve', text: t.unshelve, act: ({ note: said }) => ({ kind: 'unshelve', alarm: name, ...said }) }, note];
  if (state === 'out-of-service') return [{ id: 'return', text: t.back, act: ({ note: said }) => ({ kind: 'return-to-service', alarm: name, ...said }) }, note];
  return [
    ...acknowledge,
    ...(state === 'latched' ? [{ id: 'reset', text: t.reset, act: ({ note: said }) => ({ kind: 'reset', alarm: name, ...said }) } satisfies Offered] : []),
    { id: 'shelve', text: t.shelve, hasDuration: true, act: ({ choice, note: said }) => ({ kind: 'shelve', alarm: name, forMs: durationMs(choice), ...said }) },
    { id: 'out', text: t.out, act: ({ note: said }) => ({ kind: 'take-out-of-service', alarm: name, ...said }) },
    note,
  ];
}
