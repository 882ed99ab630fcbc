import type { ReactNode } from 'react';
import { Choice } from '../../components/choice.js';
import { usePhone } from '../../components/use-phone.js';
import { texts } from '../../texts.js';
import { sortKeys, type Sort } from './point-order.js';

const { columns, order } = texts.points;
/** The select knows no empty value. */
const asConfigured = '*';

/** A phone shows no column titles to sort by. */
export function PointSortChoice({ sort, onChange }: { readonly sort: Sort | undefined; readonly onChange: (sort: Sort | undefined) => void }): ReactNode {
  if (!usePhone()) return null;
  const sorts = sortKeys.flatMap((key) => [false, true].map((descending): Sort => ({ key, descending })));
  return (
    <div className="filters">
      <Choice
        label={order.label}
        value={sort === undefined ? asConfigured : nameOf(sort)}
        options={[[asConfigured, order.configured], ...sorts.map((each) => [nameOf(each), order.by(columns[each.key], each.descending)] as const)]}
        onChange={(name) => onChange(sorts.find((each) => nameOf(each) === name))}
        testId="sort-choice"
      />
    </div>
  );
}

function nameOf({ key, descending }: Sort): string {
  return `${key} ${descending ? 'down' : 'up'}`;
}
