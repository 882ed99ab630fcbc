import { IxButton } from '@siemens/ix-react';
import { useRef, useState, type ReactNode } from 'react';
import type { ConfigurationCheck, ConfigurationDiff, ConfigurationDocument } from '../../../contract/configuration.js';
import { ActionButton } from '../../components/action-button.js';
import { DraftNotice } from '../../components/draft-notice.js';
import { Outcome } from '../../components/outcome.js';
import { TextEditor } from '../../components/text-editor.js';
import { useAction } from '../../components/use-action.js';
import { applyText, checkText, diffText } from '../../data/configuration.js';
import { isWritable } from '../../data/plant-view.js';
import { usePlant, useServices, useStore } from '../../data/services.js';
import { texts } from '../../texts.js';
import { Differences } from './differences.js';
import { basePlace, place } from './draft-places.js';
import { ProblemList } from './problem-list.js';

const t = texts.configuration;

interface DocumentTabProps {
  readonly document: ConfigurationDocument;
  readonly url: string;
  readonly onSignIn: () => void;
  readonly onApplied: () => void;
}

/** The document as text. What is typed stays until it is applied or discarded, whatever becomes of the nodes meanwhile. */
export function DocumentTab({ document, url, onSignIn, onApplied }: DocumentTabProps): ReactNode {
  const { drafts, awaited } = useServices();
  const kept = useStore(drafts);
  const writable = usePlant(isWritable);
  const { outcome, busy, start } = useAction(onSignIn);
  const [found, setFound] = useState<{ readonly check?: ConfigurationCheck; readonly diff?: ConfigurationDiff }>({});
  const file = useRef<HTMLInputElement>(null);
  const text = kept[place] ?? document.text;
  const changed = kept[place] !== undefined && kept[place] !== document.text;
  const base = kept[basePlace] ?? document.revision;

  const type = (next: string): void => {
    if (kept[basePlace] === undefined) drafts.put(basePlace, document.revision);
    drafts.put(place, next);
    setFound({});
  };
  const drop = (): void => {
    drafts.drop(place);
    drafts.drop(basePlace);
    setFound({});
  };
  const open = async (list: FileList | null): Promise<void> => {
    const [chosen] = list ?? [];
    if (chosen !== undefined) type(await chosen.text());
  };

  return (
    <div className="workbench">
      {changed ? <DraftNotice outdated={base !== document.revision} onKeep={() => drafts.put(basePlace, document.revision)} onDiscard={drop} testId="configuration-draft" keepTestId="configuration-keep" /> : null}
      <TextEditor label={t.document} value={text} onChange={type} readOnly={!writable} testId="configuration-text" />
      <div className="actions">
        <IxButton variant="secondary" disabled={busy || !writable} onClick={() => start(t.checking, async (token) => {
          const check = await awaited.during('check', '', async () => checkText(url, text, token));
          setFound({ check });
          return check.ok ? t.checked(check.revision ?? '') : undefined;
        })} data-testid="configuration-check">
          {t.check}
        </IxButton>
        <IxButton variant="secondary" disabled={busy || !changed} onClick={() => start(t.comparing, async (token) => {
          setFound({ diff: await diffText(url, text, token) });
          return undefined;
        })} data-testid="configuration-compare">
          {t.compare}
        </IxButton>
        <ActionButton
          label={t.apply}
          variant="primary"
          disabled={!changed || !writable}
          hint={writable ? undefined : t.readOnly}
          onSignIn={onSignIn}
          role="engineer"
          testId="configuration-apply"
          title={t.applyTitle}
          question={t.applyQuestion}
          confirm={t.apply}
          working={t.applying}
          reason={t.comment}
          run={async ({ reason, token }) => {
            await awaited.during('apply', '', async () => applyText(url, text, base, reason, token));
            drop();
            onApplied();
          }}
        />
        <IxButton variant="subtle-primary" disabled={!changed} onClick={drop} data-testid="configuration-discard">
          {t.discard}
        </IxButton>
        <IxButton variant="subtle-primary" disabled={!writable} onClick={() => file.current?.click()}>
          {t.import}
        </IxButton>
        <input ref={file} type="file" accept=".yaml,.yml,text/yaml" hidden aria-label={t.import} onChange={(event) => void open(event.currentTarget.files)} data-testid="configuration-file" />
        <a href={URL.createObjectURL(new Blob([text], { type: 'text/yaml' }))} download={t.exportName(texts.product.toLowerCase(), document.revision)} data-testid="configuration-export">
          {t.export}
        </a>
      </div>
      {outcome === undefined ? null : <Outcome {...outcome} />}
      {found.check === undefined || found.check.problems.length === 0 ? null : <ProblemList problems={found.check.problems} />}
      {found.diff === undefined ? null : <Differences diff={found.diff} />}
    </div>
  );
}
