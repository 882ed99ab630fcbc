import type { ReactNode } from 'react';
import { PlainTable } from '../components/plain-table.js';
import { PriorityMark } from '../components/priority-mark.js';
import { QualityMark } from '../components/quality-mark.js';
import { graphicTexts as t } from '../graphic-texts.js';
import type { ElementState } from './element-state.js';

/** What a drawing shows, as a table. */
export function ValueList({ states, onOpen }: { readonly states: readonly ElementState[]; readonly onOpen: (id: string) => void }): ReactNode {
  return (
    <details className="drawn-values" data-testid="graphic-values">
      <summary>{t.values}</summary>
      <PlainTable label={t.values} columns={Object.values(t.columns)}>
        {states.map(({ id, name, value, look, alarm, opens }) => (
          <tr key={id}>
            <td>{opens === undefined ? name : <button type="button" className="link-button" onClick={() => onOpen(id)}>{name}</button>}</td>
            <td className="number">{value}</td>
            <td>{look.quality === undefined ? t.noAlarm : <QualityMark quality={look.quality} />}</td>
            <td>{alarm === undefined ? t.noAlarm : <PriorityMark alarm={alarm} />}</td>
          </tr>
        ))}
      </PlainTable>
    </details>
  );
}
