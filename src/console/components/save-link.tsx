import { useState, type ReactNode } from 'react';
import { messageOf } from '../data/rest.js';
import { texts } from '../texts.js';
import { Outcome, type OutcomeState } from './outcome.js';

interface SaveLinkProps {
  readonly children: string;
  /** What is read out, where the text alone does not say what of. */
  readonly label?: string;
  readonly save: () => Promise<void>;
  readonly testId: string;
}

/**
 * Saves what a node answers as a file, and says what became of it. A plain link goes without the credential where somebody has signed in
 * with a token, or where the other node answers now. While it works it keeps the keyboard: Escape still closes what it stands in.
 */
export function SaveLink({ children, label, save, testId }: SaveLinkProps): ReactNode {
  const [saving, setSaving] = useState<OutcomeState>();
  const isWorking = saving?.kind === 'working';
  const run = async (): Promise<void> => {
    setSaving({ kind: 'working', text: texts.points.historyLoading });
    setSaving(await save().then(() => undefined, (cause: unknown): OutcomeState => ({ kind: 'failed', text: messageOf(cause) })));
  };
  return (
    <div className="link-line">
      <button type="button" className="link" aria-disabled={isWorking} {...(label === undefined ? {} : { 'aria-label': label })} onClick={() => (isWorking ? undefined : void run())} data-testid={testId}>
        {children}
      </button>
      {saving === undefined ? null : <Outcome {...saving} />}
    </div>
  );
}
