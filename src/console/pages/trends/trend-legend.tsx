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
  /** How the earlier time is called, where one is compared. */
  readonly shiftText: string | undefined;
  readonly onRemove: (name: string) => void;
}

/** Which line is which, what it is now, and its range in what is shown. */
export function TrendLegend({ names, lines, points, shiftText, onRemove }: TrendLegendProps): ReactNode {
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
        {[...names.map((name) => ({ name, earlier: false })), ...(shiftText === undefined ? [] : names.map((name) => ({ name, earlier: true })))].map(({ name, earlier }) => {
          const point = points.find((candidate) => candidate.name === name);
          const line = lines.find((candidate) => candidate.point === name && (candidate.shiftMs !== undefined) === earlier);
          const buckets = line?.buckets ?? [];
          const lows = buckets.flatMap(({ min }) => (min === undefined ? [] : [min]));
          const highs = buckets.flatMap(({ max }) => (max === undefined ? [] : [max]));
          const show = (value: number | undefined): string => (point === undefined || value === undefined ? texts.none : formatValue(point, value));
          return (
            <tr key={`${name} ${String(earlier)}`} data-testid={earlier ? 'trend-earlier' : 'trend-line'} data-point={name} data-known={buckets.filter(({ mean }) => mean !== undefined).length}>
              <td>
                <span className={earlier ? 'swatch swatch-dashed' : 'swatch'} style={{ color: line === undefined ? 'transparent' : colours[line.colour % colours.length] }} aria-hidden="true" /> {name}
                {earlier ? <span className="soft">, {shiftText}</span> : null}
              </td>
              <td className="number">{earlier || point === undefined ? texts.none : formatValue(point, point.value)}</td>
              <td className="number">{show(lows.length === 0 ? undefined : Math.min(...lows))}</td>
              <td className="number">{show(highs.length === 0 ? undefined : Math.max(...highs))}</td>
              <td>
                {earlier ? null : (
                  <IxButton variant="subtle-primary" onClick={() => onRemove(name)} aria-label={t.removeOf(name)} data-testid="trend-remove">
                    {t.remove}
                  </IxButton>
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
