import type { ReactNode } from 'react';

interface PanelProps {
  readonly title: string;
  readonly href?: string;
  readonly linkText?: string;
  readonly action?: ReactNode;
  readonly children: ReactNode;
}

/** A titled area of a page. */
export function Panel({ title, href, linkText, action, children }: PanelProps): ReactNode {
  return (
    <section className="panel" aria-label={title}>
      <header className="panel-header">
        <h2>{title}</h2>
        {href === undefined ? null : <a href={href}>{linkText}</a>}
        {action}
      </header>
      {children}
    </section>
  );
}
