import { IxButton } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import type { ConfigurationDiff, ConfigurationInfo } from '../../../contract/configuration.js';
import { ActionButton } from '../../components/action-button.js';
import { Outcome } from '../../components/outcome.js';
import { useLoad } from '../../components/use-load.js';
import { diffRevisions, readRevisions, rollBack } from '../../data/configuration.js';
import { isWritable } from '../../data/plant-view.js';
import { messageOf } from '../../data/rest.js';
import { usePlant } from '../../data/services.js';
import { formatTime } from '../../format/times.js';
import { texts } from '../../texts.js';
import { Differences } from './differences.js';

const t = texts.configuration;

interface RevisionsTabProps {
  readonly present: ConfigurationInfo;
  readonly url: string;
  readonly onSignIn: () => void;
  readonly onApplied: () => void;
}

/** Every change that the pair remembers, newest first; each can be compared and brought back. */
export function RevisionsTab({ present, url, onSignIn, onApplied }: RevisionsTabProps): ReactNode {
  const writable = usePlant(isWritable);
  const { value: revisions = [], error } = useLoad(`${url} ${present.number}`, async () => readRevisions(url), undefined, 0, 'revisions');
  const [diff, setDiff] = useState<ConfigurationDiff>();
  const [failure, setFailure] = useState<string>();
  const compare = async (number: number): Promise<void> => {
    try {
      setDiff(await diffRevisions(url, number, present.number));
      setFailure(undefined);
    } catch (cause) {
      setFailure(messageOf(cause));
    }
  };
  const newest = [...revisions].sort((a, b) => b.number - a.number);
  return (
    <div className="workbench">
      {error === undefined && failure === undefined ? null : <Outcome kind="failed" text={error ?? failure ?? ''} />}
      <div className="scroll-x">
        <table className="plain-table" aria-label={t.historyTable} data-testid="configuration-history">
          <thead>
            <tr>
              {[t.columns.number, t.columns.revision, t.columns.time, t.columns.user, t.columns.comment, t.columns.action].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {newest.map(({ number, revision, origin }) => (
              <tr key={number} data-testid="configuration-revision" data-number={number}>
                <td className="number">{number}</td>
                <td>
                  <code>{revision}</code>
                </td>
                <td className="number">{formatTime(origin.timeMs)}</td>
                <td>{`${origin.user} (${origin.how})`}</td>
                <td>{origin.comment}</td>
                <td>
                  {number === present.number ? (
                    <span className="soft">{t.present}</span>
                  ) : (
                    <div className="actions">
                      <IxButton variant="subtle-primary" onClick={() => void compare(number)} data-testid="configuration-compare-with">
                        {t.compareWith}
                      </IxButton>
                      <ActionButton
                        label={t.rollBack}
                        variant="subtle-primary"
                        disabled={!writable}
                        hint={writable ? undefined : t.readOnly}
                        onSignIn={onSignIn}
                        role="engineer"
                        testId="configuration-roll-back"
                        title={t.rollBackTitle(number)}
                        question={t.rollBackQuestion}
                        confirm={t.rollBack}
                        working={t.rollingBack}
                        reason={t.comment}
                        run={async ({ reason, token }) => {
                          await rollBack(url, number, present.revision, reason, token);
                          onApplied();
                        }}
                      />
                    </div>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {diff === undefined ? null : <Differences diff={diff} />}
    </div>
  );
}
