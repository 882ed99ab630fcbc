import { IxButton, IxInput } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import { messageOf } from '../data/rest.js';
import { useServices } from '../data/services.js';
import { texts } from '../texts.js';
import { Choice } from './choice.js';
import { Dialog } from './dialog.js';
import { Outcome, type OutcomeState } from './outcome.js';

/** Something that a person confirms first. */
export interface Action {
  readonly title: string;
  /** What will happen, and what will not. */
  readonly question: ReactNode;
  readonly confirm: string;
  readonly working: string;
  /** Where a reason is needed: what is asked. */
  readonly reason?: string;
  /** What stands in its field already; then it may be left empty, too. */
  readonly initial?: string;
  readonly choice?: { readonly label: string; readonly options: readonly (readonly [value: string, text: string])[] };
  readonly run: (input: { readonly reason: string; readonly choice: string; readonly token: string }) => Promise<unknown>;
}

/** Says what will happen, asks for what is needed, and shows how it went; it closes by itself when it went well. */
export function ActionDialog({ title, question, confirm, working, reason: asked, initial, choice: choices, run, onClose }: Action & { readonly onClose: () => void }): ReactNode {
  const { session, redundancy } = useServices();
  const [reason, setReason] = useState(initial ?? '');
  const [choice, setChoice] = useState(choices?.options[0]?.[0] ?? '');
  const [outcome, setOutcome] = useState<OutcomeState>();
  const ready = asked === undefined || initial !== undefined || reason.trim() !== '';

  const start = async (): Promise<void> => {
    setOutcome({ kind: 'working', text: working });
    try {
      await run({ reason: reason.trim(), choice, token: session.get() ?? '' });
      redundancy.refresh();
      onClose();
    } catch (cause) {
      setOutcome({ kind: 'failed', text: messageOf(cause) });
    }
  };
  const submit = (): void => {
    if (ready && outcome === undefined) void start();
  };

  return (
    <Dialog
      title={title}
      onClose={onClose}
      testId="action-dialog"
      footer={
        outcome === undefined ? (
          <>
            <IxButton variant="secondary" onClick={onClose}>
              {texts.cancel}
            </IxButton>
            <IxButton disabled={!ready} onClick={submit} data-testid="action-confirm">
              {confirm}
            </IxButton>
          </>
        ) : (
          <>
            {outcome.kind === 'failed' ? (
              <IxButton variant="secondary" onClick={() => setOutcome(undefined)} data-testid="action-back">
                {texts.back}
              </IxButton>
            ) : null}
            <IxButton onClick={onClose}>{texts.close}</IxButton>
          </>
        )
      }
    >
      <form
        className="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <div>{question}</div>
        {outcome === undefined && choices !== undefined ? <Choice label={choices.label} value={choice} options={choices.options} onChange={setChoice} testId="action-choice" /> : null}
        {outcome === undefined && asked !== undefined ? <IxInput label={asked} value={reason} onValueChange={(event) => setReason(event.detail)} required={initial === undefined} maxLength={200} data-testid="action-reason" /> : null}
        {outcome === undefined ? null : <Outcome {...outcome} />}
      </form>
    </Dialog>
  );
}
