import { IxMessageBar } from '@siemens/ix-react';
import type { ReactNode } from 'react';
import { usePlant, useServices, useStore } from '../data/services.js';
import { formatTime } from '../format/times.js';
import { texts } from '../texts.js';

/** Bars above the page for what changes how everything below is to be read. */
export function Notices(): ReactNode {
  const { plant, redundancy } = useServices();
  const connection = usePlant((view) => view.connection);
  const node = usePlant((view) => view.node);
  const move = usePlant((view) => view.move);
  const { conflict } = useStore(redundancy);
  return (
    <div className="notices">
      {conflict ? (
        <IxMessageBar type="alarm" persistent>
          {texts.redundancy.conflict}
        </IxMessageBar>
      ) : null}
      {connection === 'lost' ? (
        <IxMessageBar type="alarm" persistent>
          {texts.follow.lost}
        </IxMessageBar>
      ) : null}
      {connection === 'reading' ? (
        <IxMessageBar type="warning" persistent>
          {texts.follow.readOnly(node)}
        </IxMessageBar>
      ) : null}
      {move === undefined ? null : (
        <IxMessageBar key={move.timeMs} type="info" data-testid="control-moved" onClosedChange={() => plant.dismissMove()}>
          {texts.follow.moved(move.from, move.to, formatTime(move.timeMs))}
        </IxMessageBar>
      )}
    </div>
  );
}
