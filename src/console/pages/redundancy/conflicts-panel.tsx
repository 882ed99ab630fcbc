import { iconDownload } from '@siemens/ix-icons/icons';
import { IxButton } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import type { RecordedConflict } from '../../../contract/redundancy-status.js';
import { ActionButton } from '../../components/action-button.js';
import { Panel } from '../../components/panel.js';
import { Outcome } from '../../components/outcome.js';
import { PlainTable } from '../../components/plain-table.js';
import { download } from '../../data/download.js';
import { adoptConflict, conflictsCsv, dismissConflict, dismissConflicts, readConflicts } from '../../data/pair-actions.js';
import { activeNode, type RedundancyView } from '../../data/redundancy-view.js';
import { messageOf } from '../../data/rest.js';
import { formatTime } from '../../format/times.js';
import { texts } from '../../texts.js';
import { NodePanel } from './node-panel.js';

const t = texts.pair.conflicts;
/** Of thousands nobody reads more, and a browser draws each. */
const MOST_ROWS = 200;

/** R22: what the two nodes did apart and do not agree on. The active node lists it, and does what is decided. */
export function ConflictsPanel({ view, onSignIn }: { readonly view: RedundancyView; readonly onSignIn: () => void }): ReactNode {
  const [turn, setTurn] = useState(0);
  const [failure, setFailure] = useState<string>();
  const active = activeNode(view);
  if (active === undefined) {
    return (
      <Panel title={t.title}>
        <p className="soft">{texts.pair.control.noActive}</p>
      </Panel>
    );
  }
  const changed = (): void => setTurn((present) => present + 1);
  return (
    <NodePanel view={active} title={t.title} read={readConflicts} turn={turn}>
      {(conflicts, url) =>
        conflicts.length === 0 ? (
          <p className="soft" data-testid="no-conflicts">
            {t.none}
          </p>
        ) : (
          <>
            <p>{t.what}</p>
            <div className="buttons">
              <IxButton variant="subtle-primary" icon={iconDownload} onClick={() => void download(url, conflictsCsv, t.exportName).then(() => setFailure(undefined), (cause: unknown) => setFailure(messageOf(cause)))} data-testid="conflicts-csv">
                {t.export}
              </IxButton>
              {conflicts.length === 1 ? null : <ActionButton {...t.dismissAll(conflicts.length)} role="engineer" run={async ({ token }) => dismissConflicts(url, conflicts.map(({ id }) => id), token).then(changed)} onSignIn={onSignIn} testId="dismiss-all" />}
            </div>
            {failure === undefined ? null : <Outcome kind="failed" text={failure} />}
            <PlainTable label={t.title} columns={Object.values(t.columns)} look="grid">
              {shown(conflicts).map((conflict) => (
                <Row key={conflict.id} conflict={conflict} url={url} onSignIn={onSignIn} onChanged={changed} />
              ))}
            </PlainTable>
            {conflicts.length > MOST_ROWS ? <p className="soft">{t.more(conflicts.length - MOST_ROWS)}</p> : null}
          </>
        )
      }
    </NodePanel>
  );
}

/** The latest first; configurations before all: they are few, and each is a document that somebody wrote. */
function shown(conflicts: readonly RecordedConflict[]): readonly RecordedConflict[] {
  const rank = ({ kind }: RecordedConflict): number => (kind === 'configuration' ? 0 : 1);
  return [...conflicts].sort((a, b) => rank(a) - rank(b) || b.timeMs - a.timeMs).slice(0, MOST_ROWS);
}

function Row({ conflict: { id, kind, timeMs, by, node, text }, url, onSignIn, onChanged }: { readonly conflict: RecordedConflict; readonly url: string; readonly onSignIn: () => void; readonly onChanged: () => void }): ReactNode {
  return (
    <tr data-testid="conflict-row" data-conflict={id}>
      <td className="number">{formatTime(timeMs)}</td>
      <td>{t.kinds[kind]}</td>
      <td>{text}</td>
      <td>{node === undefined ? by : t.byAt(by, node)}</td>
      <td>
        <div className="buttons">
          <ActionButton {...t.adopt} role="engineer" hint={text} run={async ({ token }) => adoptConflict(url, id, token).then(onChanged)} onSignIn={onSignIn} testId="adopt" />
          <ActionButton {...t.dismiss} role="engineer" hint={text} run={async ({ token }) => dismissConflict(url, id, token).then(onChanged)} onSignIn={onSignIn} testId="dismiss" />
        </div>
      </td>
    </tr>
  );
}
