import { IxCheckbox } from '@siemens/ix-react';
import { memo, useMemo, type ReactNode } from 'react';
import type { WirePoint } from '../../../contract/client-protocol.js';
import { Choice } from '../../components/choice.js';
import { SearchField } from '../../components/search-field.js';
import { texts } from '../../texts.js';
import type { PointFilter } from './point-filter.js';

interface PointFiltersProps {
  readonly filter: PointFilter;
  readonly points: readonly WirePoint[];
  readonly onChange: (change: Partial<PointFilter>) => void;
}

const { qualities } = texts.points;

/** The select knows no empty value, so "any device" needs a name that no device has. */
const anyDevice = '*';

export const PointFilters = memo(function PointFilters({ filter, points, onChange }: PointFiltersProps): ReactNode {
  const devices = useMemo(() => [...new Set(points.map((point) => point.device))].sort((a, b) => a.localeCompare(b)), [points]);
  return (
    <div className="filters" role="search">
      <SearchField label={texts.points.search} value={filter.search} onChange={(search) => onChange({ search })} testId="point-search" />
      <Choice
        label={texts.points.quality}
        value={filter.quality}
        options={[
          ['all', qualities.all],
          ['good', qualities.good],
          ['notGood', qualities.notGood],
        ]}
        onChange={(quality) => onChange({ quality })}
        testId="quality-filter"
      />
      <Choice
        label={texts.points.device}
        value={filter.device === '' ? anyDevice : filter.device}
        options={[[anyDevice, texts.points.allDevices], ...devices.map((device) => [device, device] as const)]}
        onChange={(device) => onChange({ device: device === anyDevice ? '' : device })}
        testId="device-filter"
      />
      <IxCheckbox label={texts.points.writableOnly} checked={filter.writableOnly} onCheckedChange={(event) => onChange({ writableOnly: event.detail })} data-testid="writable-filter" />
    </div>
  );
});
