import type { ReactNode } from 'react';
import type { RowSettings } from '../../../contract/partner-table.js';
import { ActionButton } from '../../components/action-button.js';
import { changeRow, tryToConnect } from '../../data/pair-actions.js';
import { texts } from '../../texts.js';

const t = texts.pair.partners;

interface RowActionsProps {
  readonly symbol: string;
  readonly active: boolean;
  /** Where the row shows the setting itself: a partner's shows the state. */
  readonly dbSync?: boolean;
  readonly comment: string;
  /** Whether there is somebody to be called: partners only. */
  readonly callable?: boolean;
  readonly url: string;
  readonly node: string;
  readonly onSignIn: () => void;
  readonly onChanged: () => void;
}

/** The live settings of a row, each after a confirmation that says what follows from it. */
export function RowActions({ symbol, active, dbSync, comment, callable = false, url, node, onSignIn, onChanged }: RowActionsProps): ReactNode {
  const row = t.row(symbol, node);
  const common = { hint: row, onSignIn };
  const set = async (settings: RowSettings, token: string): Promise<void> => {
    await changeRow(url, symbol, settings, token);
    onChanged();
  };
  const part = active ? t.takeOut : t.takeIn;
  const sync = dbSync === true ? t.syncOff : t.syncOn;
  return (
    <div className="buttons">
      <ActionButton {...common} {...part} title={part.title(row)} run={async ({ token }) => set({ active: !active }, token)} testId={`active-${symbol}`} />
      {dbSync === undefined ? null : <ActionButton {...common} {...sync} title={sync.title(row)} run={async ({ token }) => set({ dbSync: !dbSync }, token)} testId={`db-sync-${symbol}`} />}
      <ActionButton {...common} {...t.editComment} title={t.editComment.title(row)} reason={t.comment} initial={comment} run={async ({ reason, token }) => set({ comment: reason }, token)} testId={`comment-${symbol}`} />
      {callable ? <ActionButton {...common} {...t.tryNow} title={t.tryNow.title(row)} run={async ({ token }) => tryToConnect(url, symbol, token).then(onChanged)} testId={`call-${symbol}`} /> : null}
    </div>
  );
}
