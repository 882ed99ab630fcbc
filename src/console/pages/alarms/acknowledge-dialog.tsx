import { IxButton, IxInput } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import type { WireAlarm } from '../../../contract/client-protocol.js';
import { Dialog } from '../../components/dialog.js';
import { Outcome, type OutcomeState } from '../../components/outcome.js';
import { messageOf } from '../../data/rest.js';
import { useServices } from '../../data/services.js';
import { texts } from '../../texts.js';

const t = texts.alarms;
/** So many are asked for at once: each has its time, and a person sees how far it is. */
const together = 200;
/** A flood is not read line by line. */
const mostListed = 12;
const mostFailures = 5;

/** Acknowledges several at once, with one note for all. Closes itself when all of them went through. */
export function AcknowledgeDialog({ alarms, onClose }: { readonly alarms: readonly WireAlarm[]; readonly onClose: () => void }): ReactNode {
  const { plant } = useServices();
  // Those that were meant when the dialog opened: an occurrence that comes meanwhile has not been seen.
  const [meant] = useState(alarms);
  const [note, setNote] = useState('');
  const [outcome, setOutcome] = useState<OutcomeState>();

  const run = async (): Promise<void> => {
    const failures: string[] = [];
    for (let done = 0; done < meant.length; done += together) {
      setOutcome({ kind: 'working', text: t.acknowledging(done, meant.length) });
      const some = meant.slice(done, done + together);
      const results = await Promise.allSettled(some.map((alarm) => plant.acknowledge(alarm, note.trim())));
      failures.push(...results.flatMap((result, index) => (result.status === 'rejected' ? [`${t.acknowledgeFailed(some[index]?.name ?? '')}: ${messageOf(result.reason)}`] : [])));
    }
    if (failures.length === 0) onClose();
    else setOutcome({ kind: 'failed', text: [...failures.slice(0, mostFailures), ...(failures.length > mostFailures ? [t.more(failures.length - mostFailures)] : [])].join('; ') });
  };

  return (
    <Dialog
      title={t.acknowledgeTitle(meant.length)}
      onClose={onClose}
      testId="acknowledge-dialog"
      footer={
        outcome === undefined ? (
          <>
            <IxButton variant="secondary" onClick={onClose}>
              {texts.cancel}
            </IxButton>
            <IxButton onClick={() => void run()} data-testid="acknowledge-confirm">
              {t.acknowledgeNow}
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
          if (outcome === undefined) void run();
        }}
      >
        <ul className="lines meant">
          {meant.slice(0, mostListed).map(({ name, message }) => (
            <li key={name}>
              <strong>{name}</strong> <span className="soft">{message}</span>
            </li>
          ))}
          {meant.length > mostListed ? <li className="soft">{t.more(meant.length - mostListed)}</li> : null}
        </ul>
        {outcome === undefined ? <IxInput label={t.note} value={note} onValueChange={(event) => setNote(event.detail)} maxLength={200} data-testid="acknowledge-note" /> : <Outcome {...outcome} />}
      </form>
    </Dialog>
  );
}
