import type { ReactNode } from 'react';
import type { RedundancyStatus } from '../../../contract/redundancy-status.js';
import { ActionButton } from '../../components/action-button.js';
import { Panel } from '../../components/panel.js';
import { pairActions } from '../../data/pair-actions.js';
import { activeNode, type NodeView, type RedundancyView } from '../../data/redundancy-view.js';
import { formatTime } from '../../format/times.js';
import { texts } from '../../texts.js';

const t = texts.pair.control;

/** Hold and drill at the active node; force at the node that is to be active. */
export function ControlPanel({ view, onSignIn }: { readonly view: RedundancyView; readonly onSignIn: () => void }): ReactNode {
  const url = activeNode(view)?.url;
  const status = activeNode(view)?.own;
  const refusal = drillRefusal(status);
  return (
    <Panel title={t.title}>
      <p className="soft">{status === undefined ? t.noActive : status.hold === undefined ? t.noHold : texts.pair.onHold(status.hold.by, formatTime(status.hold.untilMs), status.hold.reason)}</p>
      <div className="buttons">
        {status?.hold === undefined ? (
          <ActionButton label={t.hold} title={t.holdTitle} question={t.holdQuestion} choice={{ label: t.holdFor, options: t.durations }} reason={texts.pair.reason} confirm={t.holdConfirm} working={t.holdWorking} run={async ({ reason, choice, token }) => pairActions.hold(url ?? '', reason, choice, token)} disabled={url === undefined} onSignIn={onSignIn} testId="hold-button" />
        ) : (
          <ActionButton label={t.release} title={t.releaseTitle} question={t.releaseQuestion} confirm={t.releaseConfirm} working={t.releaseWorking} run={async ({ token }) => pairActions.release(url ?? '', token)} disabled={url === undefined} onSignIn={onSignIn} testId="release-button" />
        )}
        <ActionButton label={t.drill} title={t.drillTitle} question={t.drillQuestion} confirm={t.drillConfirm} working={t.drillWorking} run={async ({ token }) => pairActions.drill(url ?? '', token)} disabled={refusal !== undefined} hint={refusal} onSignIn={onSignIn} testId="drill-button" />
        {[view.self, view.peer].map((node) => (node === undefined ? null : <ForceButton key={node.node.id} view={node} onSignIn={onSignIn} />))}
      </div>
    </Panel>
  );
}

function drillRefusal(status: RedundancyStatus | undefined): string | undefined {
  if (status === undefined) return t.noActive;
  if (status.drill?.phase === 'away' || status.drill?.phase === 'back') return texts.pair.drill.phases[status.drill.phase];
  if (status.hold !== undefined) return t.held;
  return status.canSwitch ? undefined : (status.switchRefusal ?? texts.none);
}

function ForceButton({ view: { node, url, own }, onSignIn }: { readonly view: NodeView; readonly onSignIn: () => void }): ReactNode {
  // Most of the time it is refused, and then it is not even offered: it is for the day on which it helps.
  if (url === undefined || own?.canForce !== true) return null;
  return <ActionButton variant="danger-secondary" label={t.force(node.id)} title={t.forceTitle(node.id)} question={t.forceQuestion(node.id)} reason={texts.pair.reason} confirm={t.forceConfirm} working={t.forceWorking} run={async ({ reason, token }) => pairActions.force(url, reason, token)} onSignIn={onSignIn} testId={`force-button-${node.id}`} />;
}
