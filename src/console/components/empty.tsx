import { IxIcon } from '@siemens/ix-react';
import type { ReactNode } from 'react';

/** In place of a list that is empty: what it would hold, and why there is nothing. */
export function Empty({ icon, header, detail }: { readonly icon: string; readonly header: string; readonly detail: string }): ReactNode {
  return (
    <div className="empty">
      <IxIcon name={icon} size="32" aria-hidden="true" />
      <div>
        <p className="empty-header">{header}</p>
        {detail === '' ? null : <p className="soft">{detail}</p>}
      </div>
    </div>
  );
}
