import { iconErrorFilled } from '@siemens/ix-icons/icons';
import { useState, type ReactNode } from 'react';
import type { TrustStatus } from '../../../contract/trust.js';
import { ActionButton } from '../../components/action-button.js';
import { Facts } from '../../components/facts.js';
import { Mark } from '../../components/mark.js';
import { PlainTable } from '../../components/plain-table.js';
import { readTrust, renewCertificate } from '../../data/pair-actions.js';
import type { NodeView } from '../../data/redundancy-view.js';
import { texts } from '../../texts.js';
import { CertificateRow } from './certificate-row.js';
import { NodePanel } from './node-panel.js';

const t = texts.pair.certificates;

/** R12: whom one node trusts. Each node decides for itself, so each has a panel, whichever is active. */
export function CertificatePanel({ view, onSignIn }: { readonly view: NodeView; readonly onSignIn: () => void }): ReactNode {
  const [turn, setTurn] = useState(0);
  const changed = (): void => setTurn((present) => present + 1);
  const node = view.node.id;
  return (
    <NodePanel view={view} title={t.title(node)} read={readTrust} turn={turn}>
      {(trust, url) => (
        <div data-testid={`trust-${node}`}>
          <Own trust={trust} />
          {trust.own === undefined ? null : (
            <div className="buttons">
              <ActionButton {...t.renew} title={t.renew.title(node)} hint={texts.redundancy.node(node)} run={async ({ token }) => renewCertificate(url, token).then(changed)} onSignIn={onSignIn} testId={`renew-${node}`} />
            </div>
          )}
          {trust.tls === 'off' ? null : trust.certificates.length === 0 ? (
            <p className="soft">{t.none}</p>
          ) : (
            <PlainTable label={t.known(node)} columns={Object.values(t.columns)} look="grid">
              {trust.certificates.map((certificate) => (
                <CertificateRow key={certificate.fingerprint} certificate={certificate} node={node} url={url} onSignIn={onSignIn} onChanged={changed} />
              ))}
            </PlainTable>
          )}
        </div>
      )}
    </NodePanel>
  );
}

function Own({ trust: { tls, own, barred } }: { readonly trust: TrustStatus }): ReactNode {
  if (own === undefined || tls === 'off') return <Mark icon={iconErrorFilled} tone="alarm" text={t.tlsOff} testId="tls-off" />;
  return (
    <Facts
      items={[
        [t.own, <span className="fingerprint">{own.fingerprint}</span>],
        [t.days, texts.pair.condition.daysLeft(own.daysLeft)],
        ...(own.next === undefined ? [] : [[t.next, t.nextWaits(own.next.fingerprint)] as const]),
        ...(barred === undefined ? [] : [[t.barred, barred] as const]),
      ]}
    />
  );
}
