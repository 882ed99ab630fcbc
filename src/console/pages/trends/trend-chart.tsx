import { useEffect, useRef, useState, type ReactNode } from 'react';
import uPlot, { type AlignedData, type Axis, type Options, type Series } from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { HistoryBucket } from '../../../contract/history.js';
import { unitSymbol } from '../../../contract/units.js';
import type { TrendSeries } from '../../data/trend-series.js';
import { useServices, useStore } from '../../data/services.js';
import { lineColours } from './colours.js';

export interface ChartLine extends TrendSeries {
  readonly unit: string;
  /** Place among the colours; the line of an earlier time has that of its point, and is dashed. */
  readonly colour: number;
}

interface TrendChartProps {
  readonly label: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly lines: readonly ChartLine[];
  /** A stretch was drawn with the mouse. */
  readonly onZoom: (fromMs: number, toMs: number) => void;
}

const height = 420;
const dayMs = 86_400_000;

/** Lines of means over bands of lowest and highest, an axis for each unit, interrupted where nothing is known. */
export function TrendChart({ label, onZoom, ...present }: TrendChartProps): ReactNode {
  const { theme } = useServices();
  const [drawing, setDrawing] = useState(false);
  // While somebody draws over a stretch the chart stands still: a new one would begin without it.
  const held = useRef(present);
  if (!drawing) held.current = present;
  const { fromMs, toMs, lines } = held.current;
  useEffect(() => {
    const end = (): void => setDrawing(false);
    window.addEventListener('mouseup', end);
    return () => window.removeEventListener('mouseup', end);
  }, []);
  const schema = useStore(theme);
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = host.current;
    if (element === null) return undefined;
    const style = getComputedStyle(element);
    const ink = style.getPropertyValue('--theme-color-soft-text');
    const grid = style.getPropertyValue('--theme-color-x-weak-bdr');
    const plot = new uPlot(optionsOf(lines, { fromMs, toMs, ink, grid, colours: lineColours[schema], width: element.clientWidth, onZoom }), dataOf(lines), element);
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [lines, fromMs, toMs, schema, onZoom]);
  return <div ref={host} className="trend-chart" role="img" aria-label={label} onMouseDown={() => setDrawing(true)} data-testid="trend-chart" data-lines={lines.length} data-known={lines.reduce((sum, { buckets }) => sum + buckets.filter(isKnown).length, 0)} data-until={Math.min(...lines.map(({ buckets }) => buckets.findLast(isKnown)?.startMs ?? 0))} />;
}

function isKnown({ mean }: HistoryBucket): boolean {
  return mean !== undefined;
}

/** Columns: time in seconds, then mean, lowest and highest of each line. */
function dataOf(lines: readonly ChartLine[]): AlignedData {
  const tables = lines.map(({ buckets }): AlignedData => [
    buckets.map(({ startMs }) => startMs / 1_000),
    buckets.map(({ mean }) => mean ?? null),
    buckets.map(({ min }) => min ?? null),
    buckets.map(({ max }) => max ?? null),
  ]);
  return tables.length === 0 ? [[]] : uPlot.join(tables, tables.map((table) => table.map(() => 2)));
}

interface Look {
  readonly fromMs: number;
  readonly toMs: number;
  readonly ink: string;
  readonly grid: string;
  readonly colours: readonly string[];
  readonly width: number;
  readonly onZoom: (fromMs: number, toMs: number) => void;
}

function optionsOf(lines: readonly ChartLine[], { fromMs, toMs, ink, grid, colours, width, onZoom }: Look): Options {
  const units = [...new Set(lines.map(({ unit }) => unit))];
  const axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
  const series: Series[] = [{}];
  const bands: uPlot.Band[] = [];
  lines.forEach(({ point, unit, colour, shiftMs }, index) => {
    const stroke = colours[colour % colours.length] ?? ink;
    const at = 1 + index * 3;
    const hidden = { scale: unit, stroke: 'transparent', points: { show: false } };
    series.push({ label: point, scale: unit, stroke, width: 1.5, points: { show: false }, ...(shiftMs === undefined ? {} : { dash: [6, 4] }) }, { ...hidden, label: `${point} min` }, { ...hidden, label: `${point} max` });
    bands.push({ series: [at + 2, at + 1], fill: `${stroke}${shiftMs === undefined ? '30' : '14'}` });
  });
  return {
    width,
    height,
    series,
    bands,
    legend: { show: false },
    scales: { x: { time: true, min: fromMs / 1_000, max: toMs / 1_000 } },
    axes: [{ ...axis, values: (_, splits) => splits.map((seconds) => timeText(seconds * 1_000, toMs - fromMs)) }, ...units.map((unit, index): Axis => ({ ...axis, scale: unit, label: unitSymbol(unit), grid: { ...axis.grid, show: index === 0 } }))],
    cursor: { drag: { x: true, y: false, setScale: false } },
    hooks: {
      setSelect: [
        (plot) => {
          if (plot.select.width > 5) onZoom(Math.round(plot.posToVal(plot.select.left, 'x') * 1_000), Math.round(plot.posToVal(plot.select.left + plot.select.width, 'x') * 1_000));
        },
      ],
    },
  };
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const clockSeconds = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: '2-digit' });

/** As short as the stretch that is shown allows. */
function timeText(timeMs: number, spanMs: number): string {
  if (spanMs <= dayMs / 48) return clockSeconds.format(timeMs);
  if (spanMs <= dayMs * 1.5) return clock.format(timeMs);
  return spanMs <= 4 * dayMs ? `${day.format(timeMs)} ${clock.format(timeMs)}` : day.format(timeMs);
}
