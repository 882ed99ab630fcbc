import type { ReactNode } from 'react';
import type { WirePoint, WireValue } from '../../../contract/client-protocol.js';
import { OnDemand } from '../../components/on-demand.js';
import { getJson, patientMs } from '../../data/rest.js';
import { formatValue } from '../../format/values.js';
import { texts } from '../../texts.js';

const t = texts.points.priorities;

/** `GET /api/v1/points/{name}/priority-array`. */
interface Priorities {
  /** Of priority 1 … 16; null where nobody commands. */
  readonly slots: readonly WireValue[];
  readonly relinquishDefault: WireValue;
  /** The priority in force; null where the relinquish default is. */
  readonly active: number | null;
}

/** Who commands the point, as its device tells it when it is asked. */
export function PriorityArray({ point, url, live }: { readonly point: WirePoint; readonly url: string; readonly live: boolean }): ReactNode {
  const ask = async (): Promise<Priorities> => (await getJson(url, `api/v1/points/${encodeURIComponent(point.name)}/priority-array`, patientMs)) as Priorities;
  return (
    <OnDemand label={t.ask} working={t.asking} disabled={!live} hint={live ? undefined : t.standby} ask={ask} testId="priority-array">
      {({ slots, relinquishDefault, active }) => (
        <table className="grid" aria-label={t.table(point.name)}>
          <thead>
            <tr>
              <th scope="col">{t.columns.priority}</th>
              <th scope="col">{t.columns.value}</th>
            </tr>
          </thead>
          <tbody>
            {slots.map((slot, index) => (
              // The priority is what tells one slot from another.
              <Slot key={index} title={String(index + 1)} value={slot === null ? t.free : formatValue(point, slot)} free={slot === null} inForce={active === index + 1} />
            ))}
            <Slot title={t.relinquishDefault} value={relinquishDefault === null ? t.notTold : formatValue(point, relinquishDefault)} free={relinquishDefault === null} inForce={active === null} />
          </tbody>
        </table>
      )}
    </OnDemand>
  );
}

function Slot({ title, value, free, inForce }: { readonly title: string; readonly value: string; readonly free: boolean; readonly inForce: boolean }): ReactNode {
  return (
    <tr data-testid="priority-slot" data-active={inForce}>
      <th scope="row">{title}</th>
      <td className={free ? 'soft' : 'number'}>{inForce ? <strong>{`${value} (${t.inForce})`}</strong> : value}</td>
    </tr>
  );
}
