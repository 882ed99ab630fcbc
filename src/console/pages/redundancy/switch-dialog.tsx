import { IxButton, IxInput } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import type { RedundancyStatus } from '../../../contract/redundancy-status.js';
import { Dialog } from '../../components/dialog.js';
import { Outcome, type OutcomeState } from '../../components/outcome.js';
import { messageOf } from '../../data/rest.js';
import { useServices } from '../../data/services.js';
import { texts } from '../../texts.js';

const t = texts.redundancy;

/** Says what will happen and asks why; the reason goes into the event record of both nodes. */
export function SwitchDialog({ status, onClose }: { readonly status: RedundancyStatus; readonly onClose: () => void }): ReactNode {
  const { redundancy, session } = useServices();
  // The direction as it was when the dialog opened: after the switch the status is the other way round.
  const [direction] = useState(() => directionOf(status));
  const [reason, setReason] = useState('');
  const [outcome, setOutcome] = useState<OutcomeState>();
  const hasMoved = outcome === undefined && directionOf(status).to !== direction.to;

  const run = async (): Promise<void> => {
    setOutcome({ kind: 'working', text: t.switchWorking });
    try {
      await redundancy.switchOver(reason.trim(), session.get() ?? '');
      onClose();
    } catch (cause) {
      setOutcome({ kind: 'failed', text: `${t.switchFailed}: ${messageOf(cause)}` });
    }
  };
  const submit = (): void => {
    if (reason.trim() !== '' && !hasMoved) void run();
  };

  return (
    <Dialog
      title={t.switchTo(direction.to)}
      onClose={onClose}
      testId="switch-dialog"
      footer={
        outcome === undefined ? (
          <>
            <IxButton variant="secondary" onClick={onClose}>
              {texts.cancel}
            </IxButton>
            <IxButton disabled={reason.trim() === '' || hasMoved} onClick={submit} data-testid="switch-confirm">
              {t.switchConfirm}
            </IxButton>
          </>
        ) : (
          <IxButton onClick={onClose}>{texts.close}</IxButton>
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
        <p>{hasMoved ? t.switchMoved(direction.to) : t.switchQuestion(direction.from, direction.to)}</p>
        {outcome === undefined ? <IxInput label={t.switchReason} value={reason} onValueChange={(event) => setReason(event.detail)} required maxLength={200} data-testid="switch-reason" /> : <Outcome {...outcome} />}
      </form>
    </Dialog>
  );
}

function directionOf({ self, peer }: RedundancyStatus): { readonly from: string; readonly to: string } {
  const other = peer?.id ?? texts.none;
  return self.role === 'active' ? { from: self.id, to: other } : { from: other, to: self.id };
}
