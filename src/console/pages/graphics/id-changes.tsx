import type { ReactNode } from 'react';
import type { DrawnElement } from '../../../contract/graphic.js';
import type { IdChange } from '../../data/graphic-draft.js';
import { graphicTexts } from '../../graphic-texts.js';
import { Pick } from './field.js';

const t = graphicTexts.editor;
const mostShown = 40;
const listed = (ids: readonly string[]): string => ids.slice(0, mostShown).join(', ') + (ids.length > mostShown ? ' …' : '');

/** What a replaced drawing means for the bindings: which ids are gone, and where their bindings may go. */
export function IdChanges({ changes: { lost, came, went }, elements, isNew, onRebind }: { readonly changes: IdChange; readonly elements: readonly DrawnElement[]; readonly isNew: boolean; readonly onRebind: (from: string, to: string) => void }): ReactNode {
  if (lost.length === 0 && !isNew) return null;
  return (
    <div data-testid="graphic-ids">
      {came.length === 0 ? null : <p className="soft">{t.came(listed(came))}</p>}
      {went.length === 0 ? null : <p className="soft">{t.went(listed(went))}</p>}
      {came.length + went.length === 0 ? <p className="soft">{t.same}</p> : null}
      {lost.length === 0 ? null : <p className="notice" data-testid="graphic-lost">{t.lost(listed(lost))}</p>}
      {lost.slice(0, mostShown).map((id) => (
        <Pick key={id} label={`${t.rebind}: ${id}`} value="" options={[['', graphicTexts.noAlarm], ...elements.map((element) => [element.id, `${element.id} <${element.kind}>`] as const)]} onChange={(to) => onRebind(id, to)} testId="graphic-rebind" />
      ))}
    </div>
  );
}
