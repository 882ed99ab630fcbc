import type { ReactNode } from 'react';

/** Title of a page, a line below it, and what can be done on the page as a whole. */
export function PageHeader({ title, subtitle, children }: { readonly title: string; readonly subtitle?: string; readonly children?: ReactNode }): ReactNode {
  return (
    <header className="page-header">
      <div>
        <h1>{title}</h1>
        {subtitle === undefined ? null : <p className="soft">{subtitle}</p>}
      </div>
      <div className="page-actions">{children}</div>
    </header>
  );
}
