import { iconErrorFilled, iconSuccess, iconWarningFilled } from '@siemens/ix-icons/icons';
import type { ReactNode } from 'react';
import type { CertificateState, KnownCertificate, TrustAction } from '../../../contract/trust.js';
import { ActionButton } from '../../components/action-button.js';
import { Mark, type Tone } from '../../components/mark.js';
import { decideTrust } from '../../data/pair-actions.js';
import { formatTime } from '../../format/times.js';
import { texts } from '../../texts.js';

const t = texts.pair.certificates;

const marks: Record<CertificateState, { readonly icon: string; readonly tone: Tone }> = {
  pending: { icon: iconWarningFilled, tone: 'warning' },
  approved: { icon: iconSuccess, tone: 'plain' },
  revoked: { icon: iconErrorFilled, tone: 'quiet' },
};

interface CertificateRowProps {
  readonly certificate: KnownCertificate;
  readonly node: string;
  readonly url: string;
  readonly onSignIn: () => void;
  readonly onChanged: () => void;
}

/** One known certificate with what may be decided about it now. */
export function CertificateRow({ certificate, node, url, onSignIn, onChanged }: CertificateRowProps): ReactNode {
  const { name, fingerprint, state, connection, lastSeenMs, from, by } = certificate;
  return (
    <tr data-testid="certificate" data-fingerprint={fingerprint}>
      <td>
        <strong>{name}</strong>
        <div className="fingerprint">{fingerprint}</div>
      </td>
      <td>
        <Mark {...marks[state]} text={t.states[state]} />
      </td>
      <td>{state === 'approved' ? t.connections[connection] : texts.none}</td>
      <td className="number">{lastSeenMs === 0 ? t.neverSeen : t.seen(formatTime(lastSeenMs), from)}</td>
      <td>{by ?? t.nobody}</td>
      <td>
        <div className="buttons">
          {actionsOf(certificate).map((action) => {
            const { label, title, question, confirm, working } = t.actions[action];
            return (
              <ActionButton
                key={action}
                label={label}
                title={title(name)}
                hint={t.certificate(name, node)}
                question={
                  <>
                    <p>{question}</p>
                    <p className="fingerprint">{fingerprint}</p>
                    {action === 'approve' ? <p className="soft">{t.compare}</p> : null}
                  </>
                }
                confirm={confirm}
                working={working}
                run={async ({ token }) => decideTrust(url, action, fingerprint, token).then(onChanged)}
                onSignIn={onSignIn}
                testId={`trust-${action}`}
              />
            );
          })}
        </div>
      </td>
    </tr>
  );
}

function actionsOf({ state, connection }: KnownCertificate): readonly TrustAction[] {
  if (state === 'pending') return ['approve', 'revoke', 'forget'];
  if (state === 'revoked') return ['approve', 'forget'];
  return connection === 'waiting' ? ['approve-connection', 'revoke'] : ['revoke'];
}
