import type { ReactNode } from 'react';
import type { WirePoint } from '../../../contract/client-protocol.js';
import { useLoad } from '../../components/use-load.js';
import { readHistory } from '../../data/history.js';
import { chartHeight, chartOf, chartWidth } from '../../format/chart.js';
import { formatValue } from '../../format/values.js';
import { texts } from '../../texts.js';

const t = texts.points;
const periodMs = 15_000;

/** The last hour of a trended point; says so where there is none. */
export function HistoryChart({ point, url }: { readonly point: WirePoint; readonly url: string }): ReactNode {
  const { value: history, error } = useLoad(`${url} ${point.name}`, () => readHistory(url, point.name), periodMs);
  const chart = history === undefined ? undefined : chartOf(history);
  if (error !== undefined) return <p className="soft">{`${t.historyFailed}: ${error}`}</p>;
  if (history === undefined) return <p className="soft">{t.historyLoading}</p>;
  if (chart === undefined) return <p className="soft" data-testid="history-none">{t.historyNone}</p>;
  const [low, high] = [chart.low, chart.high].map((value) => formatValue(point, value)) as [string, string];
  return (
    <div className="chart" data-testid="history-chart">
      <div className="chart-legend number">
        <span>{t.range(low, high)}</span>
      </div>
      <svg viewBox={`0 0 ${chartWidth} ${chartHeight}`} preserveAspectRatio="none" role="img" aria-label={t.historyLabel(point.name, low, high)}>
        <path d={chart.path} />
      </svg>
      <div className="chart-legend">
        <span>{t.hourAgo}</span>
        <span>{t.now}</span>
      </div>
    </div>
  );
}
