import { useState, type ReactNode } from 'react';
import { Facts } from '../../components/facts.js';
import { readPartners } from '../../data/pair-actions.js';
import type { NodeView } from '../../data/redundancy-view.js';
import { texts } from '../../texts.js';
import { NodePanel } from './node-panel.js';
import { localFacts, partnerFacts } from './partner-facts.js';
import { RowActions } from './row-actions.js';

const t = texts.pair.partners;

/** R14, R15: the rows of one node. Each node has a table of its own, which is changed there. */
export function PartnerPanel({ view, onSignIn }: { readonly view: NodeView; readonly onSignIn: () => void }): ReactNode {
  const [turn, setTurn] = useState(0);
  const changed = (): void => setTurn((present) => present + 1);
  const node = view.node.id;
  return (
    <NodePanel view={view} title={t.title(node)} read={readPartners} turn={turn}>
      {({ local, partners }, url) => (
        <div className="panels" data-testid={`partners-${node}`}>
          <section aria-label={t.local(local.symbol)} data-testid="row-local">
            <h3>{t.local(local.symbol)}</h3>
            <Facts items={localFacts(local)} />
            <RowActions symbol={local.symbol} active={local.active} dbSync={local.dbSync} comment={local.comment} url={url} node={node} onSignIn={onSignIn} onChanged={changed} />
          </section>
          {partners.map((partner) => (
            <section key={partner.symbol} aria-label={t.partner(partner.number, partner.symbol)} data-testid="row-partner">
              <h3>{t.partner(partner.number, partner.symbol)}</h3>
              <Facts items={partnerFacts(partner)} />
              <RowActions symbol={partner.symbol} active={partner.active} comment={partner.comment} callable url={url} node={node} onSignIn={onSignIn} onChanged={changed} />
            </section>
          ))}
        </div>
      )}
    </NodePanel>
  );
}
