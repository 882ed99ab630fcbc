import { IxButton } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import type { LogicDryRun, LogicView } from '../../../contract/logic.js';
import { ActionButton } from '../../components/action-button.js';
import { DraftNotice } from '../../components/draft-notice.js';
import { Outcome } from '../../components/outcome.js';
import { TextEditor } from '../../components/text-editor.js';
import { useAction } from '../../components/use-action.js';
import { useDefinitionDraft } from '../../components/use-definition-draft.js';
import { tryLogic } from '../../data/logic.js';
import { isWritable } from '../../data/plant-view.js';
import { usePlant } from '../../data/services.js';
import { texts } from '../../texts.js';
import { TrialResult } from './trial-result.js';

const t = texts.logic;
const TRIAL_HOURS = 24;
const periodMs = 5_000;

interface ProgramEditorProps {
  readonly program: LogicView;
  readonly url: string;
  readonly onSignIn: () => void;
}

/** The program's text: tried on what was recorded before it is applied. A draft stays over failovers and page changes. */
export function ProgramEditor({ program, url, onSignIn }: ProgramEditorProps): ReactNode {
  const { name } = program;
  const { written, value: kept, outdated, ...draft } = useDefinitionDraft<string>({ section: 'logic', name, place: `logic ${name}`, url, version: program.program, periodMs });
  const writable = usePlant(isWritable);
  const { outcome, busy, start } = useAction(onSignIn);
  const [trial, setTrial] = useState<LogicDryRun>();
  const text = kept ?? program.program;
  const present = written?.value;
  const changed = text !== program.program;
  return (
    <>
      <TextEditor label={t.program} value={text} onChange={draft.change} readOnly={!writable || present === undefined} rows={12} testId="logic-text" />
      {changed ? (
        <DraftNotice outdated={outdated} onKeep={draft.keep} onDiscard={draft.drop} testId="logic-draft" keepTestId="logic-keep">
          <details>
            <summary>{texts.drafts.theirs}</summary>
            <pre className="patch" tabIndex={0}>{program.program}</pre>
          </details>
        </DraftNotice>
      ) : null}
      <div className="actions">
        <IxButton
          variant="secondary"
          disabled={busy}
          title={t.trialDetail}
          onClick={() =>
            start(t.trying, async (token) => {
              setTrial(await tryLogic(url, name, text, TRIAL_HOURS, token));
              return undefined;
            })
          }
          data-testid="logic-try"
        >
          {t.trial}
        </IxButton>
        <ActionButton
          label={t.apply}
          variant="primary"
          disabled={!changed || present === undefined || !writable}
          onSignIn={onSignIn}
          role="engineer"
          testId="logic-apply"
          title={t.applyTitle(name)}
          question={t.applyQuestion}
          confirm={t.apply}
          working={t.applying}
          reason={t.comment}
          run={async ({ reason, token }) => draft.apply({ ...present, program: text }, reason, token)}
        />
        <IxButton variant="subtle-primary" disabled={kept === undefined} onClick={draft.drop} data-testid="logic-discard">
          {t.discard}
        </IxButton>
      </div>
      {outcome === undefined ? null : <Outcome {...outcome} />}
      {trial === undefined ? null : <TrialResult trial={trial} />}
    </>
  );
}
