import { IxButton } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import type { ClientPoint, WireValue } from '../../../client-sdk/index.js';
import { Dialog } from '../../components/dialog.js';
import { Facts } from '../../components/facts.js';
import { Outcome, type OutcomeState } from '../../components/outcome.js';
import { QualityMark } from '../../components/quality-mark.js';
import { messageOf } from '../../data/rest.js';
import { isWritable } from '../../data/plant-view.js';
import { usePlant, useServices } from '../../data/services.js';
import { formatValue } from '../../format/values.js';
import { texts } from '../../texts.js';
import { describeInput, parseInput } from './value-input.js';
import { ValueField } from './value-field.js';

/** What is about to be written; null gives the command up. */
interface Proposal {
  readonly value: WireValue;
  readonly text: string;
}

interface WriteDialogProps {
  readonly name: string;
  readonly onClose: () => void;
}

/** Follows the point while the dialog is open; nothing to show when a new configuration dropped it. */
export function WriteDialog({ name, onClose }: WriteDialogProps): ReactNode {
  const point = usePlant((view) => view.points.find((candidate) => candidate.name === name));
  return point === undefined ? null : <WriteSteps point={point} onClose={onClose} />;
}

/** Enter, confirm, see what became of it. Three steps, because a slip of the finger moves a building. */
function WriteSteps({ point, onClose }: { readonly point: ClientPoint; readonly onClose: () => void }): ReactNode {
  const { plant } = useServices();
  const writable = usePlant(isWritable);
  const [input, setInput] = useState('');
  const [proposal, setProposal] = useState<Proposal>();
  const [outcome, setOutcome] = useState<OutcomeState>();
  const parsed = parseInput(point, input);
  const present = formatValue(point, point.value);

  const send = async ({ value }: Proposal): Promise<void> => {
    setOutcome({ kind: 'working', text: texts.write.working });
    try {
      const { held } = await plant.write(point.name, value);
      setOutcome({ kind: 'done', text: texts.write.done[held] });
    } catch (cause) {
      setOutcome({ kind: 'failed', text: `${texts.write.failed}: ${messageOf(cause)}` });
    }
  };
  const propose = (): void => {
    if (parsed.ok) setProposal({ value: parsed.value, text: describeInput(point, parsed.value, input) });
  };

  return (
    <Dialog title={texts.write.title(point.name)} onClose={onClose} testId="write-dialog" footer={<Buttons />}>
      <div className="dialog-form">
        <Facts
          items={[
            [texts.write.present, <strong className="number">{present}</strong>],
            [texts.points.columns.quality, <QualityMark quality={point.quality} />],
            [texts.points.columns.device, point.device],
          ]}
        />
        {outcome === undefined && proposal === undefined ? (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              propose();
            }}
          >
            <ValueField point={point} input={input} onInput={setInput} error={input !== '' && !parsed.ok ? parsed.message : undefined} />
          </form>
        ) : null}
        {outcome === undefined && proposal !== undefined ? (
          <div className="confirmation" data-testid="write-confirmation">
            <p className="soft">{texts.write.confirmTitle}</p>
            <p className="confirmation-change number">{texts.write.change(present, proposal.text)}</p>
            {proposal.value === null ? <p className="soft">{texts.write.relinquishing}</p> : null}
          </div>
        ) : null}
        {outcome === undefined ? null : <Outcome {...outcome} />}
        {writable ? null : <p className="soft">{texts.write.readOnly}</p>}
      </div>
    </Dialog>
  );

  function Buttons(): ReactNode {
    if (outcome !== undefined) return <IxButton onClick={onClose}>{texts.close}</IxButton>;
    if (proposal === undefined) {
      return (
        <>
          <IxButton variant="subtle-primary" onClick={() => setProposal({ value: null, text: texts.write.relinquish })} disabled={!writable}>
            {texts.write.relinquish}
          </IxButton>
          <IxButton variant="secondary" onClick={onClose}>
            {texts.cancel}
          </IxButton>
          <IxButton onClick={propose} disabled={!parsed.ok || !writable} data-testid="write-next">
            {texts.write.next}
          </IxButton>
        </>
      );
    }
    return (
      <>
        <IxButton variant="secondary" onClick={() => setProposal(undefined)}>
          {texts.back}
        </IxButton>
        <IxButton onClick={() => void send(proposal)} disabled={!writable} data-testid="write-confirm">
          {texts.write.confirm}
        </IxButton>
      </>
    );
  }
}
