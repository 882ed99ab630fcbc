import { useState, type ReactNode } from 'react';
import type { ClientPoint } from '../../../client-sdk/index.js';
import { Facts } from '../../components/facts.js';
import { OnDemand } from '../../components/on-demand.js';
import { useLoad } from '../../components/use-load.js';
import { readPriorities, type PointDetails } from '../../data/point-holds.js';
import { isWritable } from '../../data/plant-view.js';
import { usePlant } from '../../data/services.js';
import { formatTime } from '../../format/times.js';
import { pointTexts as t } from '../../point-texts.js';
import { texts } from '../../texts.js';
import { PointHoldActions } from './point-hold-actions.js';
import { PriorityArray } from './priority-array.js';

const periodMs = 3_000;
const { priorities } = texts.points;

interface PointHoldsProps {
  readonly point: ClientPoint;
  readonly url: string;
  readonly details: PointDetails | undefined;
  readonly onSignIn: () => void;
  /** Something was done: what is known of the point is read again. */
  readonly onDone: () => void;
}

/** What makes the point be what it is: a person's hold, and who commands it at which priority; and what to do about it. */
export function PointHolds({ point, url, details, onSignIn, onDone }: PointHoldsProps): ReactNode {
  const live = usePlant(isWritable);
  const [turn, setTurn] = useState(0);
  const again = (): void => {
    setTurn((present) => present + 1);
    onDone();
  };
  const hold = details?.hold;
  const common = { point, url, live, onSignIn };
  return (
    <section aria-label={t.title} data-testid="point-holds">
      <h3>{t.title}</h3>
      {hold === undefined ? null : (
        <div className="notice" role="status" data-testid="point-hold">
          <p>
            <strong>{t.hold[hold.kind]}</strong>
          </p>
          <Facts
            items={[
              [t.by, hold.by],
              [t.since, <span className="number">{formatTime(hold.sinceMs)}</span>],
              [t.until, <span className="number">{hold.untilMs === undefined ? t.endless : formatTime(hold.untilMs)}</span>],
              [t.reason, hold.reason ?? texts.none],
            ]}
          />
        </div>
      )}
      <PointHoldActions {...common} hold={hold} onDone={again} />
      {!point.writable ? null : details?.priorities === 'gateway' ? (
        <KeptArray {...common} turn={turn} onDone={again} />
      ) : (
        <OnDemand key={turn} label={priorities.ask} working={priorities.asking} disabled={!live} hint={live ? undefined : priorities.standby} ask={async () => readPriorities(url, point.name)} testId="priority-array">
          {(answer) => <PriorityArray {...common} priorities={answer} onDone={again} />}
        </OnDemand>
      )}
    </section>
  );
}

/** The gateway's own array costs nothing to read: it is shown as it is now, by either node, and stays through a failover. */
function KeptArray({ turn, ...array }: Omit<Parameters<typeof PriorityArray>[0], 'priorities'> & { readonly turn: number }): ReactNode {
  const { url, point } = array;
  const { value, error } = useLoad(`${url} ${point.name} slots`, async () => readPriorities(url, point.name), periodMs, turn, `slots of ${point.name}`);
  if (value === undefined) return error === undefined ? null : <p className="soft">{`${t.failed}: ${error}`}</p>;
  return (
    <div data-testid="priority-array">
      <PriorityArray {...array} priorities={value} />
    </div>
  );
}
