import { IxEmptyState } from '@siemens/ix-react';
import type { ReactNode } from 'react';

export function Empty({ icon, header, detail }: { readonly icon: string; readonly header: string; readonly detail: string }): ReactNode {
  return <IxEmptyState layout="compact" icon={icon} header={header} subHeader={detail} className="empty" />;
}
