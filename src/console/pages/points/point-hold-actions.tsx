import { useState, type ReactNode } from 'react';
import type { ClientPoint } from '../../../client-sdk/index.js';
import type { PointHold } from '../../../contract/point-command.js';
import { ActionButton } from '../../components/action-button.js';
import { pointActions } from '../../data/point-holds.js';
import { pointTexts as t } from '../../point-texts.js';
import { texts } from '../../texts.js';
import { parseInput } from './value-input.js';
import { ValueField } from './value-field.js';

interface PointHoldActionsProps {
  readonly point: ClientPoint;
  readonly url: string;
  readonly hold: PointHold | undefined;
  /** The active node is there. */
  readonly live: boolean;
  readonly onSignIn: () => void;
  readonly onDone: () => void;
}

const durations = Object.entries(t.durations);

/** Override, out of service and back: each after a confirmation, with a reason and an end. */
export function PointHoldActions({ point, url, hold, live, onSignIn, onDone }: PointHoldActionsProps): ReactNode {
  const [input, setInput] = useState('');
  const { name } = point;
  const common = { disabled: !live, hint: live ? undefined : texts.write.readOnly, place: point, onSignIn, working: t.working };
  const timed = { reason: t.reason, choice: { label: t.for, options: durations } };
  const ends = (choice: string): { for?: string } => (choice === 'never' ? {} : { for: choice });
  return (
    <div className="actions" data-testid="point-actions">
      <ActionButton
        {...common}
        {...timed}
        label={t.override.label}
        testId="point-override"
        title={t.override.title(name)}
        question={
          <>
            <p>{point.writable ? t.override.question : t.override.shown}</p>
            <ValueField point={point} input={input} onInput={setInput} error={undefined} />
          </>
        }
        confirm={t.override.confirm}
        run={async ({ reason, choice, token }) => {
          const parsed = parseInput(point, input);
          if (!parsed.ok) throw new Error(parsed.message);
          await pointActions.override(url, name, { value: parsed.value, reason, ...ends(choice) }, token);
          onDone();
        }}
      />
      {hold?.kind === 'override' ? <ActionButton {...common} label={t.end.label} testId="point-release" title={t.end.title(name)} question={t.end.question} confirm={t.end.confirm} run={async ({ token }) => pointActions.release(url, name, undefined, token).then(onDone)} /> : null}
      {hold?.kind === 'out-of-service' ? (
        <ActionButton {...common} label={t.back.label} testId="point-return" title={t.back.title(name)} question={t.back.question} confirm={t.back.confirm} run={async ({ token }) => pointActions.inService(url, name, token).then(onDone)} />
      ) : (
        <ActionButton {...common} {...timed} label={t.out.label} testId="point-out" title={t.out.title(name)} question={t.out.question} confirm={t.out.confirm} run={async ({ reason, choice, token }) => pointActions.outOfService(url, name, { reason, ...ends(choice) }, token).then(onDone)} />
      )}
    </div>
  );
}
