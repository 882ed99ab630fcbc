import { iconWarningFilled } from '@siemens/ix-icons/icons';
import type { ReactNode } from 'react';
import { Mark } from '../../components/mark.js';
import { PlainTable } from '../../components/plain-table.js';
import { readSettings } from '../../data/pair-actions.js';
import type { NodeView } from '../../data/redundancy-view.js';
import { texts } from '../../texts.js';
import { NodePanel } from './node-panel.js';

const t = texts.pair.settings;

/** R11: the settings as one node goes by them. Those of the site are changed with the configuration, and count at once where they can. */
export function SettingsPanel({ view }: { readonly view: NodeView }): ReactNode {
  const node = view.node.id;
  return (
    <NodePanel view={view} title={t.title(node)} read={readSettings} turn={0}>
      {(settings) => (
        <PlainTable label={t.title(node)} columns={Object.values(t.columns)} look="grid" testId={`settings-${node}`}>
          {settings.map(({ name, source, inForce, configured, needsRestart }) => (
            <tr key={name} data-testid="setting" data-setting={name}>
              <th scope="row">{name}</th>
              <td>{inForce}</td>
              <td>{needsRestart ? <Mark icon={iconWarningFilled} tone="warning" text={t.waits(configured ?? texts.none)} /> : t.sources[source]}</td>
            </tr>
          ))}
        </PlainTable>
      )}
    </NodePanel>
  );
}
