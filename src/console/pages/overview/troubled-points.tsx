import { iconSuccess } from '@siemens/ix-icons/icons';
import type { ReactNode } from 'react';
import { Empty } from '../../components/empty.js';
import { Panel } from '../../components/panel.js';
import { QualityMark } from '../../components/quality-mark.js';
import { hrefOf } from '../../data/route.js';
import { usePlant } from '../../data/services.js';
import { isGood } from '../../../contract/quality.js';
import type { PlantView } from '../../data/plant-view.js';
import { texts } from '../../texts.js';

interface Trouble {
  readonly device: string;
  readonly quality: number;
  readonly count: number;
}

const shown = 8;

/** Points without a good value, gathered by device and quality: forty bad points of one dead PLC are one trouble. */
export function TroubledPoints(): ReactNode {
  const troubles = gather(usePlant((view) => view)).slice(0, shown);
  return (
    <Panel title={texts.overview.troubledPoints} href={hrefOf('points')} linkText={texts.overview.allPoints}>
      {troubles.length === 0 ? (
        <Empty icon={iconSuccess} header={texts.overview.allGood} detail="" />
      ) : (
        <ul className="lines">
          {troubles.map(({ device, quality, count }) => (
            <li key={`${device} ${quality}`} className="line">
              <QualityMark quality={quality} />
              <a className="line-main" href={hrefOf('points', { device, quality: 'notGood' })}>
                {texts.overview.byDevice(device, count)}
              </a>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function gather({ points }: PlantView): readonly Trouble[] {
  const found = new Map<string, Trouble>();
  for (const point of points) {
    const { device, quality } = point;
    if (isGood(quality)) continue;
    const key = `${device} ${quality}`;
    found.set(key, { device, quality, count: (found.get(key)?.count ?? 0) + 1 });
  }
  return [...found.values()].sort((a, b) => b.count - a.count || a.device.localeCompare(b.device));
}
