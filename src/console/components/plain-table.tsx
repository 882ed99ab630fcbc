import type { ReactNode } from 'react';

interface PlainTableProps {
  readonly label: string;
  readonly columns: readonly string[];
  readonly children: ReactNode;
}

/** A table of some dozens of rows, by the browser's own means. */
export function PlainTable({ label, columns, children }: PlainTableProps): ReactNode {
  return (
    <div className="plain-table-frame" tabIndex={0} role="region" aria-label={label}>
      <table className="plain-table" aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
