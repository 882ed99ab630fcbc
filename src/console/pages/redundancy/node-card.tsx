import type { ReactNode } from 'react';
import { Facts } from '../../components/facts.js';
import { NodeStateMark } from '../../components/node-state-mark.js';
import type { NodeView } from '../../data/redundancy-view.js';
import { texts } from '../../texts.js';

const t = texts.redundancy;

/** One node of the pair. The active one is framed, so that it is seen without reading. */
export function NodeCard({ title, view, testId }: { readonly title: string; readonly view: NodeView; readonly testId: string }): ReactNode {
  const { node, own, seenAs } = view;
  const active = node.role === 'active';
  return (
    <section className={active ? 'card card-active' : 'card'} aria-label={`${title}: ${t.node(node.id)}`} data-testid={testId}>
      <header className="card-header">
        <div>
          <p className="soft">{title}</p>
          <h2>{t.node(node.id)}</h2>
        </div>
        <NodeStateMark state={node.state} testId={`${testId}-state`} />
      </header>
      <Facts
        items={[
          [t.mode, texts.mode[node.mode]],
          [t.role, texts.role[node.role]],
          [t.epoch, own?.epoch === undefined || own.epoch === null ? texts.none : `${own.epoch.number}`],
          [t.seq, own === undefined ? texts.none : <span className="number">{own.seq}</span>],
          [t.console, <ConsoleLink url={node.consoleUrl} />],
        ]}
      />
      <p className="soft card-note">{own === undefined ? t.unreachable : seenAs === undefined ? ' ' : t.seenByOther(own.peer?.id ?? '', texts.nodeState[seenAs])}</p>
    </section>
  );
}

function ConsoleLink({ url }: { readonly url: string }): ReactNode {
  if (url === '') return texts.none;
  return (
    <a className="ellipsis" href={url} title={t.openConsole}>
      {url.replace(/^https?:\/\//, '').replace(/\/$/, '')}
    </a>
  );
}
