import type { ReactNode } from 'react';
import type { SheetDiff } from '../../../contract/configuration-sheet.js';
import { PlainTable } from '../../components/plain-table.js';
import { sheetTexts as t } from '../../sheet-texts.js';

/** Rows that are drawn; who changes more has the counts, and the table itself. */
const SHOWN = 200;

export function sheetCounts({ changes }: SheetDiff): string {
  const count = (kind: string): number => changes.filter(({ change }) => change === kind).length;
  return t.counts(count('added'), count('changed'), count('removed'));
}

/** What a table changes, definition by definition and cell by cell. */
export function SheetDifferences({ diff }: { readonly diff: SheetDiff }): ReactNode {
  const { changes, missing } = diff;
  return (
    <section aria-label={t.differences} data-testid="sheet-differences">
      <h2>{t.differences}</h2>
      <p className="soft">{changes.length === 0 ? t.none : sheetCounts(diff)}</p>
      {missing.length === 0 ? null : <p className="soft">{t.missing(missing.length)}</p>}
      {changes.length === 0 ? null : (
        <PlainTable label={t.differences} columns={Object.values(t.columns)}>
          {changes.slice(0, SHOWN).map(({ name, change, row, cells }) => (
            <tr key={`${change} ${name}`} data-testid="sheet-change" data-name={name}>
              <td>
                <code>{name}</code>
              </td>
              <td>{t.change[change]}</td>
              <td className="number">{row ?? ''}</td>
              <td>
                {cells.map(({ column, from, to }) => (
                  <div key={column}>
                    <code>{column}</code> {change === 'added' ? '' : `${from === '' ? t.empty : from} → `}
                    {to === '' ? t.empty : to}
                  </div>
                ))}
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
      {changes.length <= SHOWN ? null : <p className="soft">{t.more(changes.length - SHOWN)}</p>}
    </section>
  );
}
