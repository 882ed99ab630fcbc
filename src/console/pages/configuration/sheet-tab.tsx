import { IxButton } from '@siemens/ix-react';
import { useRef, useState, type ReactNode } from 'react';
import type { ConfigurationDocument } from '../../../contract/configuration.js';
import { sheetSections, type SheetDiff, type SheetSection } from '../../../contract/configuration-sheet.js';
import { spreadsheetText } from '../../../contract/spreadsheet-text.js';
import { ActionButton } from '../../components/action-button.js';
import { Choice } from '../../components/choice.js';
import { Outcome } from '../../components/outcome.js';
import { useAction } from '../../components/use-action.js';
import { isWritable } from '../../data/plant-view.js';
import { usePlant, useServices } from '../../data/services.js';
import { applySheet, diffSheet, saveSheet, type SheetSeparatorName } from '../../data/sheets.js';
import { sheetTexts as t } from '../../sheet-texts.js';
import { texts } from '../../texts.js';
import { ProblemList } from './problem-list.js';
import { sheetCounts, SheetDifferences } from './sheet-differences.js';

interface SheetTabProps {
  readonly document: ConfigurationDocument;
  readonly url: string;
  readonly onSignIn: () => void;
  readonly onApplied: () => void;
}

interface OpenedSheet {
  readonly name: string;
  readonly sheet: string;
  readonly section: SheetSection;
  /** Revision that it was compared with. */
  readonly base: string;
  readonly diff: SheetDiff;
}

/** Points, alarms and trends in a spreadsheet: saved, opened again, compared, applied. */
export function SheetTab({ document, url, onSignIn, onApplied }: SheetTabProps): ReactNode {
  const { awaited } = useServices();
  const writable = usePlant(isWritable);
  const { outcome, busy, start } = useAction(onSignIn);
  const [section, setSection] = useState<SheetSection>('points');
  const [separator, setSeparator] = useState<SheetSeparatorName>(';');
  const [deletes, setDeletes] = useState(false);
  const [opened, setOpened] = useState<OpenedSheet>();
  const file = useRef<HTMLInputElement>(null);
  const missing = deletes ? 'delete' : 'keep';

  const compare = (name: string, sheet: string, of: SheetSection, what: 'keep' | 'delete'): void =>
    start(t.comparing(name), async (token) => {
      setOpened({ name, sheet, section: of, base: document.revision, diff: await awaited.during('import', of, async () => diffSheet(url, of, sheet, what, token)) });
      return t.compared(name);
    });
  const open = async (list: FileList | null): Promise<void> => {
    const [chosen] = list ?? [];
    if (chosen === undefined) return;
    // A table that was saved here begins with what it is of.
    const of = sheetSections.find((name) => chosen.name.toLowerCase().startsWith(name)) ?? section;
    setSection(of);
    compare(chosen.name, spreadsheetText(new Uint8Array(await chosen.arrayBuffer())), of, missing);
  };
  const save = (): void => {
    const name = `${section}-${document.revision}.csv`;
    start(t.saving, async () => {
      await saveSheet(url, section, separator, name);
      return t.saved(name);
    });
  };
  const choose = (next: SheetSection): void => {
    setSection(next);
    setOpened(undefined);
  };
  const decide = (next: boolean): void => {
    setDeletes(next);
    if (opened !== undefined) compare(opened.name, opened.sheet, opened.section, next ? 'delete' : 'keep');
  };

  return (
    <div className="workbench">
      <p className="soft">{t.intro}</p>
      <div className="actions">
        <Choice label={t.section} value={section} options={sheetSections.map((name) => [name, t.sections[name]] as const)} onChange={choose} testId="sheet-section" />
        <Choice label={t.dialect} value={separator} options={([';', ',', 'tab'] as const).map((name) => [name, t.dialects[name]] as const)} onChange={setSeparator} testId="sheet-dialect" />
        <IxButton variant="secondary" disabled={busy} onClick={save} data-testid="sheet-save">
          {t.save}
        </IxButton>
        <IxButton variant="secondary" disabled={busy} onClick={() => file.current?.click()}>
          {t.open}
        </IxButton>
        <input
          ref={file}
          type="file"
          accept=".csv,.txt,text/csv"
          hidden
          aria-label={t.open}
          onChange={(event) => {
            void open(event.currentTarget.files);
            // The same file, edited once more, is a change again.
            event.currentTarget.value = '';
          }}
          data-testid="sheet-file"
        />
        <label className="check">
          <input type="checkbox" checked={deletes} disabled={busy} onChange={(event) => decide(event.currentTarget.checked)} data-testid="sheet-delete-missing" /> {t.deleteMissing}
        </label>
        {opened === undefined ? null : (
          <ActionButton
            label={t.apply}
            variant="primary"
            disabled={busy || !writable || !opened.diff.ok || opened.diff.changes.length === 0}
            hint={writable ? undefined : texts.configuration.readOnly}
            onSignIn={onSignIn}
            role="engineer"
            testId="sheet-apply"
            title={t.applyTitle}
            question={t.applyQuestion(sheetCounts(opened.diff))}
            confirm={t.apply}
            working={t.applying}
            reason={texts.configuration.comment}
            run={async ({ reason, token }) => {
              await awaited.during('apply', '', async () => applySheet(url, opened.section, opened.sheet, missing, { expected: opened.base, comment: reason, file: opened.name }, token));
              setOpened(undefined);
              onApplied();
            }}
          />
        )}
      </div>
      {outcome === undefined ? null : <Outcome {...outcome} />}
      {opened === undefined || opened.diff.problems.length === 0 ? null : <ProblemList problems={opened.diff.problems} />}
      {opened === undefined ? null : <SheetDifferences diff={opened.diff} />}
    </div>
  );
}
