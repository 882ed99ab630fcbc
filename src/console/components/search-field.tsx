import { iconSearch } from '@siemens/ix-icons/icons';
import { IxIcon, IxInput } from '@siemens/ix-react';
import type { ReactNode } from 'react';

export function SearchField({ label, value, onChange, testId }: { readonly label: string; readonly value: string; readonly onChange: (value: string) => void; readonly testId: string }): ReactNode {
  return (
    <IxInput className="search-field" placeholder={label} aria-label={label} value={value} onValueChange={(event) => onChange(event.detail)} data-testid={testId}>
      <IxIcon slot="start" name={iconSearch} size="16" aria-hidden="true" />
    </IxInput>
  );
}
