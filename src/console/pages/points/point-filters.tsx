import { memo, useMemo, type ReactNode } from 'react';
import type { WirePoint } from '../../../contract/client-protocol.js';
import { Choice } from '../../components/choice.js';
import { SearchField } from '../../components/search-field.js';
import { alarmTexts } from '../../alarm-texts.js';
import { areasOf } from '../../format/areas.js';
import { texts } from '../../texts.js';
import type { PointFilter } from './point-filter.js';

interface PointFiltersProps {
  readonly filter: PointFilter;
  readonly points: readonly WirePoint[];
  /** Of the points: while it is the same, so are devices and areas. */
  readonly shape: number;
  readonly onChange: (change: Partial<PointFilter>) => void;
}

const { qualities } = texts.points;

/** The select knows no empty value, so "any" needs a name that no device and no area has. */
const anyDevice = '*';

/** Rendered again for another filter or other points, not for other values. */
export const PointFilters = memo(function PointFilters({ filter, points, shape, onChange }: PointFiltersProps): ReactNode {
  const devices = useMemo(() => [...new Set(points.map((point) => point.device))].sort((a, b) => a.localeCompare(b)), [shape]);
  const areas = useMemo(() => areasOf(points), [shape]);
  const tags = useMemo(() => [...new Set(points.flatMap((point) => point.tags ?? []))].sort((a, b) => a.localeCompare(b)), [shape]);
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
      {areas.length === 0 ? null : (
        <Choice
          label={texts.points.area}
          value={filter.area === '' ? anyDevice : filter.area}
          options={[[anyDevice, alarmTexts.filters.anyArea], ...areas.map((area) => [area, area] as const)]}
          onChange={(area) => onChange({ area: area === anyDevice ? '' : area })}
          testId="area-filter"
        />
      )}
      {tags.length === 0 ? null : (
        <Choice
          label={texts.points.tags}
          value={filter.tag === '' ? anyDevice : filter.tag}
          options={[[anyDevice, texts.points.anyTag], ...tags.map((tag) => [tag, tag] as const)]}
          onChange={(tag) => onChange({ tag: tag === anyDevice ? '' : tag })}
          testId="tag-filter"
        />
      )}
      <label className="check">
        <input type="checkbox" checked={filter.writableOnly} onChange={(event) => onChange({ writableOnly: event.target.checked })} data-testid="writable-filter" />
        {texts.points.writableOnly}
      </label>
    </div>
  );
}, (before, after) => before.filter === after.filter && before.shape === after.shape && before.onChange === after.onChange);
