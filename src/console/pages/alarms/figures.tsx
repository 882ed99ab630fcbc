import { iconWarningFilled } from '@siemens/ix-icons/icons';
import { useState, type ReactNode } from 'react';
import type { AlarmFigures } from '../../../contract/alarm.js';
import { alarmTexts } from '../../alarm-texts.js';
import { Kpi } from '../../components/kpi.js';
import { Panel } from '../../components/panel.js';
import { Tabs } from '../../components/tabs.js';
import { useLoad } from '../../components/use-load.js';
import { readFigures, type Span } from '../../data/alarm-actions.js';
import { hrefOf } from '../../data/route.js';
import { usePlant } from '../../data/services.js';
import { priorityClass } from '../../format/alarms.js';
import { formatDuration, formatTime } from '../../format/times.js';
import { texts } from '../../texts.js';

const t = alarmTexts.figures;
const periodMs = 30_000;
/** ISA-18.2 / IEC 62682, clause 16: what one operator can manage in ten minutes. */
const manageable = 2;

/** How the alarms of a time have been: rates, floods, who raises most, what stands. */
export function Figures(): ReactNode {
  const url = usePlant((view) => view.nodeUrl);
  const [span, setSpan] = useState<Span>('day');
  const { value, error } = useLoad(`${url} ${span}`, () => readFigures(url, span), periodMs, 0, span);
  const { day, week, month } = alarmTexts.spans;
  return (
    <>
      <Tabs label={alarmTexts.filters.span} value={span} options={[['day', day], ['week', week], ['month', month]]} onChange={setSpan} />
      {value === undefined ? <p className="soft" role="status">{error === undefined ? t.loading : t.failed(error)}</p> : <Shown figures={value} />}
    </>
  );
}

function Shown({ figures }: { readonly figures: AlarmFigures }): ReactNode {
  const href = hrefOf('alarms');
  const percent = (share: number): string => `${Math.round(share * 1_000) / 10} %`;
  const round = (rate: number): string => String(Math.round(rate * 100) / 100);
  return (
    <div className="figures" data-testid="alarm-figures">
      <div className="kpis">
        <Kpi label={t.raised} value={figures.raised} href={href} testId="figure-raised" />
        <Kpi label={t.average} value={round(figures.per10MinAverage)} detail={t.averageDetail(round(figures.per10MinPeak))} tone={figures.per10MinAverage > manageable ? 'warning' : 'quiet'} icon={iconWarningFilled} href={href} testId="figure-average" />
        <Kpi label={t.floods} value={figures.floods} detail={t.floodDetail(percent(figures.floodShare))} tone={figures.floods > 0 ? 'warning' : 'quiet'} icon={iconWarningFilled} href={href} testId="figure-floods" />
        <Kpi label={t.acknowledged} value={figures.acknowledgeMeanMs === null ? texts.none : formatDuration(figures.acknowledgeMeanMs)} detail={t.acknowledgedDetail} href={href} testId="figure-acknowledged" />
        <Kpi label={t.standingKpi} value={figures.standing.length} detail={t.standingDetail} tone={figures.standing.length > 0 ? 'warning' : 'quiet'} icon={iconWarningFilled} href={href} testId="figure-standing" />
      </div>
      <div className="panels">
        <List title={t.byPriority} rows={Object.entries(figures.byPriority).map(([priority, count]) => [texts.alarms.priorityNames[priorityClass(Number(priority))], t.times(count)])} />
        <List title={t.top} rows={figures.top.map(({ name, raised, share }) => [name, `${t.times(raised)}, ${t.share(percent(share))}`])} />
        <List title={t.chattering} rows={figures.chattering.map((name) => [name, t.chatteringDetail])} />
        <List title={t.standing} rows={figures.standing.map(({ name, sinceMs }) => [name, formatTime(sinceMs)])} />
      </div>
    </div>
  );
}

function List({ title, rows }: { readonly title: string; readonly rows: readonly (readonly [name: string, figure: string])[] }): ReactNode {
  return (
    <Panel title={title}>
      {rows.length === 0 ? <p className="soft panel-text">{t.none}</p> : null}
      <ul className="lines">
        {rows.map(([name, figure]) => (
          <li key={name} className="figure-line">
            <span className="ellipsis">{name}</span>
            <span className="number soft">{figure}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
