import { iconPen } from '@siemens/ix-icons/icons';
import { IxIconButton } from '@siemens/ix-react';
import { memo, type ReactNode } from 'react';
import type { ClientPoint } from '../../../client-sdk/index.js';
import { isGood } from '../../../contract/quality.js';
import { accessTexts } from '../../access-texts.js';
import { QualityMark } from '../../components/quality-mark.js';
import { formatValue } from '../../format/values.js';
import { formatTime } from '../../format/times.js';
import { texts } from '../../texts.js';

interface PointRowProps {
  readonly point: ClientPoint;
  readonly position: number;
  readonly selected: boolean;
  readonly writable: boolean;
  /** Their role reaches the area of the point. */
  readonly may: boolean;
  readonly onWrite: (point: ClientPoint) => void;
  readonly onOpen: (name: string) => void;
}

/** One point. Memoized: while others change, this row is not rendered again. */
export const PointRow = memo(function PointRow({ point, position, selected, writable, may, onWrite, onOpen }: PointRowProps): ReactNode {
  return (
    <div className={selected ? 'table-row selected' : 'table-row'} role="row" aria-rowindex={position + 2} aria-selected={selected} data-testid="point-row" data-point={point.name}>
      <div role="cell" className="cell cell-name">
        <button type="button" className="link ellipsis" onClick={() => onOpen(point.name)} title={texts.points.details(point.name)} data-testid="point-open">
          {point.name}
        </button>
        {point.area === undefined ? null : <span className="cell-second ellipsis">{point.area}</span>}
      </div>
      <div role="cell" className={isGood(point.quality) ? 'cell cell-end number value' : 'cell cell-end number value doubtful'} data-testid="point-value">
        {formatValue(point, point.value)}
      </div>
      <div role="cell" className="cell cell-quality">
        <QualityMark quality={point.quality} />
      </div>
      <div role="cell" className="cell number soft cell-time">
        {formatTime(point.timeMs)}
      </div>
      <div role="cell" className="cell soft cell-device">
        <span className="ellipsis">{point.device}</span>
      </div>
      <div role="cell" className="cell cell-action">
        {point.writable ? (
          <IxIconButton variant="subtle-tertiary" icon={iconPen} disabled={!writable || !may} onClick={() => onWrite(point)} aria-label={texts.points.writePoint(point.name)} title={may ? texts.points.write : accessTexts.needs(accessTexts.roles.operator, point.area)} data-testid="write-button" />
        ) : null}
      </div>
    </div>
  );
});
