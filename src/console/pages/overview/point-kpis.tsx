import { iconErrorFilled, iconWarningRhomb } from '@siemens/ix-icons/icons';
import type { ReactNode } from 'react';
import type { ClientPoint } from '../../../client-sdk/index.js';
import type { KpiDefinition } from '../../../contract/graphic.js';
import { isGood } from '../../../contract/quality.js';
import { unitSymbol } from '../../../contract/units.js';
import { Kpi } from '../../components/kpi.js';
import { faceOfQuality } from '../../components/quality-mark.js';
import { useLoad } from '../../components/use-load.js';
import { readAtMidnight } from '../../data/history-today.js';
import { PointLookup } from '../../data/point-lookup.js';
import { hrefOf } from '../../data/route.js';
import { usePlant } from '../../data/services.js';
import { holds, lookOf } from '../../format/graphic.js';
import { formatNumber } from '../../format/values.js';
import { graphicTexts } from '../../graphic-texts.js';
import { texts } from '../../texts.js';

const t = graphicTexts.kpi;
const lookup = new PointLookup();
const anewMs = 60_000;

type Of<S extends KpiDefinition['show']> = Extract<KpiDefinition, { readonly show: S }>;

function usePoint(name: string): ClientPoint | undefined {
  return usePlant((view) => lookup.find(view.points, name));
}

const linkOf = ({ open }: KpiDefinition, point: string): string => (open === undefined ? hrefOf('points', { search: point }) : hrefOf('graphics', { name: open }));

/** A value; marked outside of its limits, and where it is not good. */
export function PointKpi({ kpi }: { readonly kpi: Of<'point'> }): ReactNode {
  const point = usePoint(kpi.point);
  const { low, high, decimals } = kpi;
  const find = (): ClientPoint | undefined => point;
  const text = lookOf({ point: kpi.point, text: decimals === undefined ? true : { decimals } }, find).text ?? texts.none;
  const good = point !== undefined && isGood(point.quality);
  const outside = [low === undefined ? {} : { below: low }, high === undefined ? {} : { above: high }].some((limit) => Object.keys(limit).length > 0 && holds({ point: kpi.point, ...limit }, undefined, find) === true);
  const unit = unitSymbol(point?.unit ?? '');
  const written = (value: number | undefined): string | undefined => (value === undefined ? undefined : `${formatNumber(value, point?.unit)} ${unit}`.trim());
  const detail = !good ? (point === undefined ? graphicTexts.missing : faceOfQuality(point.quality).text) : low === undefined && high === undefined ? kpi.point : t.limits(written(low), written(high));
  return <Kpi label={kpi.title} value={text} detail={detail} tone={good && !outside ? 'quiet' : 'warning'} icon={good ? iconWarningRhomb : iconErrorFilled} href={linkOf(kpi, kpi.point)} testId="kpi-point" />;
}

/** How far a counter has come since midnight. */
export function TodayKpi({ kpi, timezone }: { readonly kpi: Of<'today'>; readonly timezone: string }): ReactNode {
  const url = usePlant((view) => view.nodeUrl);
  const point = usePoint(kpi.point);
  const { value: before } = useLoad(`${url} ${kpi.point} ${timezone}`, async () => (url === '' ? undefined : readAtMidnight(url, kpi.point, timezone)), anewMs, 0, `today ${kpi.point}`);
  const now = point?.value;
  const known = before !== undefined && typeof now === 'number';
  const used = known ? now - before : 0;
  const number = kpi.decimals === undefined ? formatNumber(used, point?.unit) : used.toFixed(kpi.decimals);
  const good = point !== undefined && isGood(point.quality);
  return <Kpi label={kpi.title} value={known ? `${number} ${unitSymbol(point?.unit ?? '')}`.trim() : texts.none} detail={!good && point !== undefined ? faceOfQuality(point.quality).text : known ? t.today : t.notRecorded} tone={good ? 'quiet' : 'warning'} icon={iconErrorFilled} href={linkOf(kpi, kpi.point)} testId="kpi-today" />;
}

/** How many points meet the condition: rooms that are too warm or too cold. */
export function CountKpi({ kpi }: { readonly kpi: Of<'count'> }): ReactNode {
  const points = usePlant((view) => view.points);
  const { is, above, below } = kpi;
  const find = (name: string): ClientPoint | undefined => lookup.find(points, name);
  const limits = [is === undefined ? undefined : { is }, above === undefined ? undefined : { above }, below === undefined ? undefined : { below }].filter((limit) => limit !== undefined);
  const count = kpi.points.filter((point) => limits.some((limit) => holds({ point, ...limit }, undefined, find) === true)).length;
  return <Kpi label={kpi.title} value={count} detail={t.of(kpi.points.length)} tone={count > 0 ? 'warning' : 'quiet'} icon={iconWarningRhomb} href={linkOf(kpi, kpi.points[0] ?? '')} testId="kpi-count" />;
}
