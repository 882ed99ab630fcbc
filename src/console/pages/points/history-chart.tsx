import { useState, type ReactNode } from 'react';
import type { WirePoint } from '../../../contract/client-protocol.js';
import { SaveLink } from '../../components/save-link.js';
import { Tabs } from '../../components/tabs.js';
import { useLoad } from '../../components/use-load.js';
import { downloadCsv, historyRanges, readTrend, type Aggregates, type History, type HistoryRange } from '../../data/history.js';
import { bandOf } from '../../format/band.js';
import { chartHeight, chartOf, chartWidth } from '../../format/chart.js';
import { formatDuration } from '../../format/times.js';
import { formatValue } from '../../format/values.js';
import { texts } from '../../texts.js';

const t = texts.points;
const periodMs: Record<HistoryRange, number> = { hour: 15_000, day: 60_000, week: 300_000, month: 300_000 };
const ranges = Object.keys(historyRanges) as readonly HistoryRange[];

/** The recent past of a trended point, over an hour to a month; says so where there is none. */
export function HistoryChart({ point, url }: { readonly point: WirePoint; readonly url: string }): ReactNode {
  const [range, setRange] = useState<HistoryRange>('hour');
  const { value: trend, error } = useLoad(`${url} ${point.name} ${range}`, async () => readTrend(url, point, range), periodMs[range], 0, `${point.name} ${range}`);
  return (
    <>
      <Tabs label={t.historyRange} value={range} options={ranges.map((name) => [name, t.historyRanges[name]] as const)} onChange={setRange} />
      {error === undefined ? <Trend point={point} range={range} trend={trend} /> : <p className="soft">{`${t.historyFailed}: ${error}`}</p>}
      {url === '' ? null : (
        <SaveLink label={t.historyCsvOf(point.name, t.historyRanges[range])} save={async () => downloadCsv(url, point.name, range)} testId="history-csv">
          {t.historyCsv}
        </SaveLink>
      )}
    </>
  );
}

function Trend({ point, range, trend }: { readonly point: WirePoint; readonly range: HistoryRange; readonly trend: History | Aggregates | undefined }): ReactNode {
  if (trend === undefined) return <p className="soft">{t.historyLoading}</p>;
  const chart = 'buckets' in trend ? bandOf(trend) : chartOf(trend);
  if (chart === undefined) return <p className="soft" data-testid="history-none">{t.historyNone}</p>;
  const [low, high] = [chart.low, chart.high].map((value) => formatValue(point, value)) as [string, string];
  return (
    <div className="chart" data-testid="history-chart" data-range={range}>
      <div className="chart-legend number">
        <span>{t.range(low, high)}</span>
        {'buckets' in trend ? <span>{t.historyBand(formatDuration(trend.everyMs))}</span> : null}
      </div>
      <svg viewBox={`0 0 ${chartWidth} ${chartHeight}`} preserveAspectRatio="none" role="img" aria-label={t.historyLabel(point.name, t.historyRanges[range], low, high)}>
        {'band' in chart ? (
          <>
            <path className="chart-band" d={chart.band} data-testid="history-band" />
            <path d={chart.line} data-testid="history-mean" />
          </>
        ) : (
          <path d={chart.path} />
        )}
      </svg>
      <div className="chart-legend">
        <span>{t.ago(t.historyRanges[range])}</span>
        <span>{t.now}</span>
      </div>
    </div>
  );
}
