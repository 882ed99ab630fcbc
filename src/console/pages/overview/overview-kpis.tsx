import type { ReactNode } from 'react';
import type { KpiDefinition } from '../../../contract/graphic.js';
import { useLoad } from '../../components/use-load.js';
import { readKpis } from '../../data/graphics.js';
import { usePlant } from '../../data/services.js';
import { texts } from '../../texts.js';
import { CountKpi, PointKpi, TodayKpi } from './point-kpis.js';
import { AlarmsKpi, DevicesKpi, PointsKpi } from './plant-kpis.js';
import { ActiveNodeKpi, PairKpi } from './pair-kpis.js';

const periodMs = 5_000;
const { overview: t } = texts;
/** Where the site names none. */
const standard: readonly KpiDefinition[] = [
  { title: t.notGood, show: 'points' },
  { title: t.alarms, show: 'alarms' },
  { title: t.role, show: 'active-node' },
  { title: t.synchronization, show: 'pair' },
];

/** The figures of the overview, as the site names them. A figure that is as it should be is grey. */
export function OverviewKpis(): ReactNode {
  const url = usePlant((view) => view.nodeUrl);
  const { value } = useLoad(url, async () => (url === '' ? undefined : readKpis(url)), periodMs, 0, 'kpis');
  return (
    <div className="kpis" data-testid="kpis">
      {(value?.kpis ?? standard).map((kpi, index) => <OneKpi key={`${index} ${kpi.title}`} kpi={kpi} timezone={value?.timezone ?? 'UTC'} />)}
    </div>
  );
}

function OneKpi({ kpi, timezone }: { readonly kpi: KpiDefinition; readonly timezone: string }): ReactNode {
  switch (kpi.show) {
    case 'point':
      return <PointKpi kpi={kpi} />;
    case 'today':
      return <TodayKpi kpi={kpi} timezone={timezone} />;
    case 'count':
      return <CountKpi kpi={kpi} />;
    case 'alarms':
      return <AlarmsKpi title={kpi.title} />;
    case 'points':
      return <PointsKpi title={kpi.title} />;
    case 'devices':
      return <DevicesKpi title={kpi.title} />;
    case 'active-node':
      return <ActiveNodeKpi title={kpi.title} />;
    case 'pair':
      return <PairKpi title={kpi.title} />;
  }
}
