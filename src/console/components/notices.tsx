import { iconDisconnected, iconErrorFilled, iconInfoFilled, iconLock } from '@siemens/ix-icons/icons';
import type { ReactNode } from 'react';
import { usePlant, useServices, useStore } from '../data/services.js';
import { formatTime } from '../format/times.js';
import { texts } from '../texts.js';
import { Bar } from './bar.js';

/** Bars above the page for what changes how everything below is to be read. */
export function Notices(): ReactNode {
  const { plant, redundancy } = useServices();
  const connection = usePlant((view) => view.connection);
  const node = usePlant((view) => view.node);
  const move = usePlant((view) => view.move);
  const { conflict } = useStore(redundancy);
  return (
    <div className="notices">
      {conflict ? <Bar tone="alarm" icon={iconErrorFilled} text={texts.redundancy.conflict} testId="conflict" /> : null}
      {connection === 'lost' ? <Bar tone="alarm" icon={iconDisconnected} text={texts.follow.lost} testId="lost" /> : null}
      {connection === 'reading' ? <Bar tone="warning" icon={iconLock} text={texts.follow.readOnly(node)} testId="read-only" /> : null}
      {move === undefined ? null : (
        <Bar key={move.timeMs} tone="info" icon={iconInfoFilled} text={texts.follow.moved(move.from, move.to, formatTime(move.timeMs))} testId="control-moved" onClose={() => plant.dismissMove()} />
      )}
    </div>
  );
}
