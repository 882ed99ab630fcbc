import { IxButton } from '@siemens/ix-react';
import type { ReactNode } from 'react';
import type { ClientPoint } from '../../../client-sdk/index.js';
import { useServices, useStore } from '../../data/services.js';
import { formatValue } from '../../format/values.js';
import { texts } from '../../texts.js';
import { lineColours } from './colours.js';
import type { ChartLine } from './trend-chart.js';

const t = texts.trends;

interface TrendLegendProps {
  readonly names: readonly string[];
  readonly lines: readonly ChartLine[];
  readonly points: readonly ClientPoint[];
  readonly onRemove: (name: string) => void;
}

/** Which line is which, what it is now, and its range in what is shown. */
export function TrendLegend({ names, lines, points, onRemove }: TrendLegendProps): ReactNode {
  const { theme } = useServices();
  const colours = lineColours[useStore(theme)];
  return (
    <table className="plain-table" aria-label={t.legend} data-testid="trend-legend">
      <thead>
        <tr>
          <th scope="col">{t.columns.point}</th>
          <th scope="col">{t.columns.now}</th>
          <th scope="col">{t.columns.low}</th>
          <th scope="col">{t.columns.high}</th>
          <th scope="col">{t.columns.action}</th>
        </tr>
      </thead>
      <tbody>
        {names.map((name) => {
          const point = points.find((candidate) => candidate.name === name);
          const index = lines.findIndex((line) => line.point === name);
          const buckets = lines[index]?.buckets ?? [];
          const lows = buckets.flatMap(({ min }) => (min === undefined ? [] : [min]));
          const highs = buckets.flatMap(({ max }) => (max === undefined ? [] : [max]));
          const show = (value: number | undefined): string => (point === undefined || value === undefined ? texts.none : formatValue(point, value));
          return (
            <tr key={name} data-testid="trend-line" data-point={name}>
              <td>
                <span className="swatch" style={{ background: index < 0 ? 'transparent' : colours[index % colours.length] }} aria-hidden="true" /> {name}
              </td>
              <td className="number">{point === undefined ? texts.none : formatValue(point, point.value)}</td>
              <td className="number">{show(lows.length === 0 ? undefined : Math.min(...lows))}</td>
              <td className="number">{show(highs.length === 0 ? undefined : Math.max(...highs))}</td>
              <td>
                <IxButton variant="subtle-primary" onClick={() => onRemove(name)} aria-label={t.removeOf(name)} data-testid="trend-remove">
                  {t.remove}
                </IxButton>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
