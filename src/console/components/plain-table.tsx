import type { ReactNode } from 'react';

interface PlainTableProps {
  readonly label: string;
  /** Texts, or what has a key of its own where the head is more than a text. */
  readonly columns: readonly (string | { readonly key: string; readonly title: ReactNode })[];
  /** `grid`: closer, as part of a panel. `stacked`: on a phone each row is a card, where many columns would have to be scrolled sideways. */
  readonly look?: 'plain-table' | 'plain-table stacked' | 'grid';
  readonly testId?: string;
  readonly children: ReactNode;
}

/** A table of some dozens of rows, by the browser's own means. It scrolls by itself, also with the keyboard. */
export function PlainTable({ label, columns, look = 'plain-table', testId, children }: PlainTableProps): ReactNode {
  return (
    <div className="plain-table-frame" tabIndex={0} role="region" aria-label={label}>
      <table className={look} aria-label={label} data-testid={testId}>
        <thead>
          <tr>
            {columns.map((column) => {
              const { key, title } = typeof column === 'string' ? { key: column, title: column } : column;
              return (
                <th key={key} scope="col">
                  {title}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
