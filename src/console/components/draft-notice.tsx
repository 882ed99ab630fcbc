import { IxButton } from '@siemens/ix-react';
import type { ReactNode } from 'react';
import { texts } from '../texts.js';

const t = texts.drafts;

interface DraftNoticeProps {
  readonly outdated: boolean;
  readonly onKeep: () => void;
  readonly onDiscard: () => void;
  /** Of the line that says so; `keepTestId` of the way out. */
  readonly testId: string;
  readonly keepTestId: string;
  /** What is in force now, where it can be shown beside the draft. */
  readonly children?: ReactNode;
}

/** Says that what is seen is not in force, and what to do where somebody else was quicker. */
export function DraftNotice({ outdated, onKeep, onDiscard, testId, keepTestId, children }: DraftNoticeProps): ReactNode {
  return (
    <div className="notice draft-notice" data-testid={testId} data-outdated={outdated}>
      <p role="status">{outdated ? t.outdated : t.draft}</p>
      {outdated ? (
        <>
          {children}
          <div className="actions">
            <IxButton variant="secondary" onClick={onKeep} data-testid={keepTestId}>
              {t.keep}
            </IxButton>
            <IxButton variant="subtle-primary" onClick={onDiscard} data-testid={`${keepTestId}-not`}>
              {t.takeTheirs}
            </IxButton>
          </div>
        </>
      ) : null}
    </div>
  );
}
