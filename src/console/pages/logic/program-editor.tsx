import { IxButton } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import type { LogicDryRun, LogicView } from '../../../contract/logic.js';
import { ActionButton } from '../../components/action-button.js';
import { Outcome } from '../../components/outcome.js';
import { TextEditor } from '../../components/text-editor.js';
import { useAction } from '../../components/use-action.js';
import { putDefinition, readDefinition } from '../../data/configuration.js';
import { tryLogic } from '../../data/logic.js';
import { isWritable } from '../../data/plant-view.js';
import { usePlant, useServices, useStore } from '../../data/services.js';
import { texts } from '../../texts.js';
import { TrialResult } from './trial-result.js';

const t = texts.logic;
const TRIAL_HOURS = 24;

interface ProgramEditorProps {
  readonly program: LogicView;
  readonly url: string;
  readonly onSignIn: () => void;
}

/** The program's text: tried on what was recorded before it is applied. A draft stays over failovers and page changes. */
export function ProgramEditor({ program, url, onSignIn }: ProgramEditorProps): ReactNode {
  const { drafts } = useServices();
  const place = `logic ${program.name}`;
  const kept = useStore(drafts)[place];
  const writable = usePlant(isWritable);
  const { outcome, busy, start } = useAction(onSignIn);
  const [trial, setTrial] = useState<LogicDryRun>();
  const text = kept ?? program.program;
  const changed = text !== program.program;
  return (
    <>
      <TextEditor label={t.program} value={text} onChange={(next) => drafts.put(place, next)} readOnly={!writable} rows={12} testId="logic-text" />
      {changed ? <p className="notice" role="status" data-testid="logic-draft">{t.draft}</p> : null}
      <div className="actions">
        <IxButton
          variant="secondary"
          disabled={busy}
          title={t.trialDetail}
          onClick={() =>
            start(t.trying, async (token) => {
              setTrial(await tryLogic(url, program.name, text, TRIAL_HOURS, token));
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
          disabled={!changed || !writable}
          onSignIn={onSignIn}
          role="engineer"
          testId="logic-apply"
          title={t.applyTitle(program.name)}
          question={t.applyQuestion}
          confirm={t.apply}
          working={t.applying}
          reason={t.comment}
          run={async ({ reason, token }) => {
            const { value, revision } = await readDefinition(url, 'logic', program.name);
            await putDefinition(url, 'logic', program.name, { ...value, program: text }, revision, reason, token);
            drafts.drop(place);
          }}
        />
        <IxButton variant="subtle-primary" disabled={kept === undefined} onClick={() => drafts.drop(place)} data-testid="logic-discard">
          {t.discard}
        </IxButton>
      </div>
      {outcome === undefined ? null : <Outcome {...outcome} />}
      {trial === undefined ? null : <TrialResult trial={trial} />}
    </>
  );
}
