import type { ReactNode } from 'react';
import { Panel } from '../../components/panel.js';
import { useLoad } from '../../components/use-load.js';
import type { NodeView } from '../../data/redundancy-view.js';
import { texts } from '../../texts.js';

const t = texts.pair;
const periodMs = 2000;

interface NodePanelProps<T> {
  readonly view: NodeView;
  readonly title: string;
  readonly read: (url: string) => Promise<T>;
  /** Another number reads at once. */
  readonly turn: number;
  readonly children: (value: T, url: string) => ReactNode;
}

/** What one node tells of itself and is asked every other second; or why it cannot be shown. */
export function NodePanel<T>({ view, title, read, turn, children }: NodePanelProps<T>): ReactNode {
  if (view.url === undefined || view.own === undefined) {
    return (
      <Panel title={title}>
        <p className="soft">{t.unreachable(view.node.id)}</p>
      </Panel>
    );
  }
  return (
    <Panel title={title}>
      <Reading url={view.url} read={read} turn={turn}>
        {children}
      </Reading>
    </Panel>
  );
}

function Reading<T>({ url, read, turn, children }: Pick<NodePanelProps<T>, 'read' | 'turn' | 'children'> & { readonly url: string }): ReactNode {
  const { value, error } = useLoad(url, async () => read(url), periodMs, turn);
  return (
    <>
      {error === undefined ? null : <p className="soft" role="alert">{`${t.failed}: ${error}`}</p>}
      {value === undefined ? error === undefined ? <p className="soft">{t.loading}</p> : null : children(value, url)}
    </>
  );
}
