import { iconPen } from '@siemens/ix-icons/icons';
import { IxButton } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import type { ClientPoint } from '../../../client-sdk/index.js';
import { isGood } from '../../../contract/quality.js';
import { Drawer } from '../../components/drawer.js';
import { Facts } from '../../components/facts.js';
import { QualityMark } from '../../components/quality-mark.js';
import { useLoad } from '../../components/use-load.js';
import { readPoint } from '../../data/point-holds.js';
import { hrefOf } from '../../data/route.js';
import { usePlant } from '../../data/services.js';
import { formatTime } from '../../format/times.js';
import { formatValue } from '../../format/values.js';
import { texts } from '../../texts.js';
import { HistoryChart } from './history-chart.js';
import { PointHolds } from './point-holds.js';

const t = texts.points;
const periodMs = 5_000;

interface PointDrawerProps {
  readonly point: ClientPoint;
  readonly writable: boolean;
  readonly onSignIn: () => void;
  readonly onWrite: (point: ClientPoint) => void;
  readonly onClose: () => void;
}

/** Everything about one point: what the row has, its description, what holds it, and its history. */
export function PointDrawer({ point, writable, onSignIn, onWrite, onClose }: PointDrawerProps): ReactNode {
  const url = usePlant((view) => view.nodeUrl);
  const [turn, setTurn] = useState(0);
  const { value: details } = useLoad(`${url} ${point.name}`, async () => readPoint(url, point.name), periodMs, turn, point.name);
  return (
    <Drawer title={point.name} subtitle={details?.description} onClose={onClose} testId="point-drawer">
      <p className={isGood(point.quality) ? 'drawer-value number' : 'drawer-value number value doubtful'} data-testid="drawer-value">
        {formatValue(point, point.value)}
      </p>
      <Facts
        items={[
          [t.quality, <QualityMark quality={point.quality} />],
          [t.columns.time, <span className="number">{formatTime(point.timeMs)}</span>],
          [t.device, <a href={hrefOf('points', { device: point.device })}>{point.device}</a>],
          [t.area, point.area ?? texts.none],
          ...(point.tags === undefined ? [] : [[t.tags, point.tags.join(', ')] as const]),
          [t.kind, point.states === undefined ? t.kinds[point.kind] : point.states.join(' / ')],
        ]}
      />
      {point.writable ? (
        <div>
          <IxButton icon={iconPen} disabled={!writable} onClick={() => onWrite(point)} data-testid="drawer-write">
            {t.write}
          </IxButton>
        </div>
      ) : null}
      <PointHolds point={point} url={url} details={details} onSignIn={onSignIn} onDone={() => setTurn((present) => present + 1)} />
      <h3>{t.history}</h3>
      <HistoryChart point={point} url={url} />
    </Drawer>
  );
}
