import type { ReactNode } from 'react';
import { PlainTable } from '../../components/plain-table.js';
import type { FoundDevice } from '../../data/discovery.js';
import { discoveryTexts as t } from '../../discovery-texts.js';

const { columns } = t;
const titles = [columns.take, columns.id, columns.name, columns.address, columns.objects, columns.vendor, columns.problems];

interface FoundDevicesProps {
  readonly devices: readonly FoundDevice[];
  /** Ids of those that are not to be taken. */
  readonly left: ReadonlySet<string>;
  /** Name under which the site has one already. */
  readonly known: (id: string) => string | undefined;
  readonly onTake: (id: string, take: boolean) => void;
}

/** What was found, each device with a mark whether it is to be taken into the document. */
export function FoundDevices({ devices, left, known, onTake }: FoundDevicesProps): ReactNode {
  return (
    <PlainTable label={t.found} columns={titles}>
      {devices.map(({ id, name, address, objects, vendor, model, about, problems }) => (
        <tr key={id} data-testid="found-device" data-device={id}>
          <td>
            <input type="checkbox" aria-label={t.take(name)} checked={!left.has(id)} onChange={(event) => onTake(id, event.currentTarget.checked)} />
          </td>
          <td>{id}</td>
          <td>{name}</td>
          <td>{address}</td>
          <td className="number">{objects.length}</td>
          <td>
            {[vendor, model].filter(Boolean).join(' ')}
            {about === null ? null : <span className="cell-second">{about}</span>}
          </td>
          <td>{[...[known(id)].flatMap((configured) => (configured === undefined ? [] : t.configured(configured))), ...problems].join('; ')}</td>
        </tr>
      ))}
    </PlainTable>
  );
}
