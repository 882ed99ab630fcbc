import { iconTrend } from '@siemens/ix-icons/icons';
import { IxButton } from '@siemens/ix-react';
import { useCallback, useMemo, useRef, type ReactNode } from 'react';
import { Empty } from '../../components/empty.js';
import { Outcome } from '../../components/outcome.js';
import { PageHeader } from '../../components/page-header.js';
import { SaveLink } from '../../components/save-link.js';
import { Tabs } from '../../components/tabs.js';
import { useLoad } from '../../components/use-load.js';
import { historyRanges, type HistoryRange } from '../../data/history.js';
import { messageOf } from '../../data/rest.js';
import { usePlant, useServices, useStore } from '../../data/services.js';
import { parseShift, readTrends, saveTrends, type Span } from '../../data/trends.js';
import { withLastKnown, type TrendSeries } from '../../data/trend-series.js';
import { texts } from '../../texts.js';
import { ComparePicker } from './compare-picker.js';
import { PointPicker } from './point-picker.js';
import { TrendChart, type ChartLine } from './trend-chart.js';
import { TrendLegend } from './trend-legend.js';

const t = texts.trends;
const ranges = Object.keys(historyRanges) as readonly HistoryRange[];
const mostLines = 8;
const livePeriodMs = 10_000;

/** Several points over one time: zoomed by drawing, live while it ends now. What is shown is in the address, so that it can be sent. */
export function TrendsPage(): ReactNode {
  const { router } = useServices();
  const { query } = useStore(router);
  const url = usePlant((view) => view.nodeUrl);
  const points = usePlant((view) => view.points);
  const names = useMemo(() => (query.points ?? '').split(',').filter((name) => name !== ''), [query.points]);
  const span = spanOf(query);
  const shift = parseShift(query.compare);
  // What is shown is of the pair: it stays while the other node is asked.
  const subject = `${names.join()} ${query.range ?? ''} ${query.from ?? ''} ${query.to ?? ''} ${query.compare ?? ''}`;
  const { value: loaded, error } = useLoad(`${url} ${subject}`, async () => readTrends(url, names, span, shift, messageOf), 'lastMs' in span ? livePeriodMs : undefined, 0, subject);
  const known = useRef<{ readonly subject: string; readonly series: readonly TrendSeries[] }>({ subject, series: [] });
  const series = useMemo(() => withLastKnown(loaded?.series ?? [], known.current.subject === subject ? known.current.series : []), [loaded, subject]);
  known.current = { subject, series };
  const go = useCallback((change: Readonly<Record<string, string | undefined>>): void => router.go('trends', Object.fromEntries(Object.entries({ ...query, ...change }).filter((entry): entry is [string, string] => entry[1] !== undefined))), [router, query]);
  const show = (next: readonly string[]): void => go({ points: next.join(',') });
  const zoom = useCallback((fromMs: number, toMs: number): void => go({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), range: undefined }), [go]);
  const lines = useMemo((): ChartLine[] => series.filter(({ error: failed, buckets }) => failed === undefined || buckets.length > 0).map((line) => ({ ...line, unit: points.find(({ name }) => name === line.point)?.unit ?? '', colour: names.indexOf(line.point) })), [series, points.length]);
  const failures = series.filter((line) => line.error !== undefined);
  const isLive = 'lastMs' in span;
  return (
    <>
      <PageHeader title={texts.pages.trends} subtitle={isLive ? t.live : t.fixed}>
        {isLive ? null : (
          <IxButton variant="secondary" onClick={() => go({ from: undefined, to: undefined, range: 'hour' })} data-testid="trend-live">
            {t.backToNow}
          </IxButton>
        )}
        {names.length === 0 || url === '' ? null : (
          <SaveLink save={async () => saveTrends(url, names, span)} testId="trend-csv">
            {t.csv}
          </SaveLink>
        )}
        {names.length === 0 || url === '' || shift === undefined ? null : (
          <SaveLink save={async () => saveTrends(url, names, span, shift)} testId="trend-csv-earlier">
            {t.csvEarlier}
          </SaveLink>
        )}
      </PageHeader>
      <div className="workbench">
        <PointPicker points={points} chosen={names} full={names.length >= mostLines} onAdd={(name) => show([...names, name])} />
        <Tabs label={t.range} value={isLive ? (query.range ?? 'hour') : ''} options={ranges.map((range) => [range as string, texts.points.historyRanges[range]] as const)} onChange={(range) => go({ range, from: undefined, to: undefined })} />
        <ComparePicker shift={shift} onChange={(compare) => go({ compare })} />
        {error === undefined ? null : <Outcome kind="failed" text={error} />}
        {failures.map(({ point, shiftMs, error: why }) => (
          <Outcome key={`${point} ${String(shiftMs)}`} kind="failed" text={`${point}: ${why ?? ''}`} />
        ))}
        {names.length === 0 ? (
          <Empty icon={iconTrend} header={t.none} detail={t.noneDetail} />
        ) : (
          <>
            {loaded === undefined ? <p className="soft">{t.loading}</p> : <TrendChart label={t.chart(names.join(', '))} fromMs={loaded.fromMs} toMs={loaded.toMs} lines={lines} onZoom={zoom} />}
            <p className="soft">{t.hint}</p>
            <TrendLegend names={names} lines={lines} points={points} shiftText={shift === undefined ? undefined : t.before(shift.count, shift.unit)} onRemove={(name) => show(names.filter((other) => other !== name))} />
          </>
        )}
      </div>
    </>
  );
}

function spanOf({ range, from, to }: Readonly<Record<string, string>>): Span {
  const [fromMs, toMs] = [Date.parse(from ?? ''), Date.parse(to ?? '')];
  if (Number.isFinite(fromMs) && Number.isFinite(toMs) && fromMs < toMs) return { fromMs, toMs };
  return { lastMs: historyRanges[ranges.find((name) => name === range) ?? 'hour'] };
}
