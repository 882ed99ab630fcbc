import { iconErrorFilled, iconWarningFilled } from '@siemens/ix-icons/icons';
import type { ReactNode } from 'react';
import { Mark } from '../../components/mark.js';
import { Panel } from '../../components/panel.js';
import type { RedundancyView } from '../../data/redundancy-view.js';
import { texts } from '../../texts.js';
import { conditionOf, type Statement } from './condition.js';

const t = texts.pair.condition;

/** Both nodes side by side, each by its own word: a difference between them is what one looks for. */
export function ConditionPanel({ view: { self, peer } }: { readonly view: RedundancyView }): ReactNode {
  const nodes = [self, peer].filter((node) => node !== undefined);
  const columns = nodes.map(({ own }) => (own === undefined ? undefined : conditionOf(own)));
  const items = columns.find((column) => column !== undefined)?.map(({ item }) => item) ?? [];
  return (
    <Panel title={t.table}>
      <div className="scroll-x">
        <table className="grid" data-testid="condition">
          <thead>
            <tr>
              <th scope="col">{t.item}</th>
              {nodes.map(({ node }) => (
                <th key={node.id} scope="col">
                  {texts.redundancy.node(node.id)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {items.map((item, row) => (
              <tr key={item}>
                <th scope="row">{item}</th>
                {columns.map((column, index) => (
                  <td key={nodes[index]?.node.id}>{column?.[row] === undefined ? <span className="soft">{t.notTold}</span> : <Stated {...column[row]} />}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function Stated({ text, tone }: Statement): ReactNode {
  if (tone === undefined) return text;
  return <Mark icon={tone === 'alarm' ? iconErrorFilled : iconWarningFilled} tone={tone} text={text} />;
}
