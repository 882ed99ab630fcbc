import { iconErrorFilled, iconInfo, iconSuccess, iconWarningFilled } from '@siemens/ix-icons/icons';
import { useState, type ReactNode } from 'react';
import type { Finding, VerificationReport } from '../../../contract/verification.js';
import { ActionButton } from '../../components/action-button.js';
import { Mark, type Tone } from '../../components/mark.js';
import { PlainTable } from '../../components/plain-table.js';
import { Progress } from '../../components/progress.js';
import { readVerification, startVerification } from '../../data/pair-actions.js';
import type { NodeView } from '../../data/redundancy-view.js';
import { formatTime } from '../../format/times.js';
import { texts } from '../../texts.js';
import { NodePanel } from './node-panel.js';

const t = texts.pair.verify;

const marks: Record<Finding['severity'], { readonly icon: string; readonly tone: Tone }> = {
  difference: { icon: iconErrorFilled, tone: 'alarm' },
  warning: { icon: iconWarningFilled, tone: 'warning' },
  unchecked: { icon: iconInfo, tone: 'quiet' },
};

/** R16: the comparison of the two nodes, asked for at one of them; both know the result. */
export function VerifyPanel({ view, onSignIn }: { readonly view: NodeView; readonly onSignIn: () => void }): ReactNode {
  const [turn, setTurn] = useState(0);
  return (
    <NodePanel view={view} title={t.title} read={readVerification} turn={turn}>
      {(report, url) => (
        <div data-testid="verification" data-state={report.state}>
          <div className="panel-text">
            <State report={report} />
          </div>
          <div className="buttons">
            <ActionButton
              {...t.action}
              choice={{ label: t.history, options: t.spans }}
              disabled={report.state === 'running'}
              run={async ({ choice, token }) => startVerification(url, choice, token).then(() => setTurn((present) => present + 1))}
              onSignIn={onSignIn}
              testId="verify-button"
            />
          </div>
          {report.findings.length === 0 ? null : <Findings findings={report.findings} />}
          {report.history === undefined ? null : <p className="soft">{t.compared(report.history.points, report.history.samples, formatTime(report.history.fromMs))}</p>}
        </div>
      )}
    </NodePanel>
  );
}

function State({ report: { state, by, node, atMs, findings, lapsed, reason, progress = '', done, total } }: { readonly report: VerificationReport }): ReactNode {
  switch (state) {
    case 'running':
      return <Progress label={t.running(progress)} done={done} total={total} unit="points" testId="verify-progress" />;
    case 'verified':
      return <Mark icon={iconSuccess} tone="plain" text={t.verified(formatTime(atMs), by ?? '', node ?? '')} />;
    case 'differences':
      return <Mark icon={iconErrorFilled} tone="alarm" text={t.differences(findings.filter(({ severity }) => severity === 'difference').length, formatTime(atMs), by ?? '', node ?? '')} />;
    case 'failed':
      return <Mark icon={iconWarningFilled} tone="warning" text={t.failed(reason ?? texts.none)} />;
    case 'not-verified':
      return <Mark icon={iconWarningFilled} tone="quiet" text={lapsed === undefined ? t.never : t.lapsed(lapsed)} />;
  }
}

function Findings({ findings }: { readonly findings: readonly Finding[] }): ReactNode {
  return (
    <PlainTable label={t.findings} columns={Object.values(t.columns)} look="grid">
      {findings.map(({ part, severity, text }) => (
        <tr key={`${part} ${text}`} data-testid="finding" data-severity={severity}>
          <td>
            <Mark {...marks[severity]} text={t.severities[severity]} />
          </td>
          <td>{t.parts[part]}</td>
          <td>{text}</td>
        </tr>
      ))}
    </PlainTable>
  );
}
