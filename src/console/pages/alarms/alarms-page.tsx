import { iconAlarmBell } from '@siemens/ix-icons/icons';
import { useState, type ReactNode } from 'react';
import type { WireAlarm } from '../../../contract/client-protocol.js';
import { Choice } from '../../components/choice.js';
import { Empty } from '../../components/empty.js';
import { Outcome } from '../../components/outcome.js';
import { PageHeader } from '../../components/page-header.js';
import { SearchField } from '../../components/search-field.js';
import { VirtualTable, type Column } from '../../components/virtual-table.js';
import { isWritable } from '../../data/plant-view.js';
import { usePlant } from '../../data/services.js';
import { isActive, needsAcknowledgement } from '../../format/alarms.js';
import { texts } from '../../texts.js';
import { AlarmRow } from './alarm-row.js';
import { useAcknowledge } from './use-acknowledge.js';

type Shown = 'all' | 'waiting' | 'active';

const { columns: titles, filters } = texts.alarms;
const columns: readonly Column[] = [
  { key: 'priority', title: titles.priority },
  { key: 'alarm', title: titles.alarm },
  { key: 'point', title: titles.point },
  { key: 'state', title: titles.state },
  { key: 'since', title: titles.since },
  { key: 'action', title: titles.action },
];

/** Alarms, most urgent first, to be acknowledged one by one. */
export function AlarmsPage({ onSignIn }: { readonly onSignIn: () => void }): ReactNode {
  const alarms = usePlant((view) => view.alarms);
  const writable = usePlant(isWritable);
  const [shown, setShown] = useState<Shown>('all');
  const [search, setSearch] = useState('');
  const { working, error, acknowledge } = useAcknowledge(onSignIn);
  const rows = alarms.filter((alarm) => isShown(alarm, shown) && matches(alarm, search));

  return (
    <>
      <PageHeader title={texts.pages.alarms} subtitle={texts.alarms.count(rows.length, alarms.length)} />
      <div className="filters" role="search">
        <SearchField label={texts.alarms.search} value={search} onChange={setSearch} testId="alarm-search" />
        <Choice
          label={texts.alarms.filter}
          value={shown}
          options={[
            ['all', filters.all],
            ['waiting', filters.waiting],
            ['active', filters.active],
          ]}
          onChange={setShown}
          testId="alarm-filter"
        />
      </div>
      {error === undefined ? null : <Outcome kind="failed" text={error} />}
      {rows.length === 0 ? (
        <Empty icon={iconAlarmBell} header={texts.alarms.none} detail={texts.alarms.noneDetail} />
      ) : (
        <VirtualTable
          label={texts.alarms.table}
          kind="alarms"
          columns={columns}
          count={rows.length}
          renderRow={(index, selected) => {
            const alarm = rows[index];
            if (alarm === undefined) return null;
            return <AlarmRow key={alarm.name} alarm={alarm} position={index} selected={selected} writable={writable} working={working.has(alarm.name)} onAcknowledge={acknowledge} />;
          }}
        />
      )}
    </>
  );
}

function isShown(alarm: WireAlarm, shown: Shown): boolean {
  if (shown === 'all') return true;
  return shown === 'active' ? isActive(alarm) : needsAcknowledgement(alarm);
}

function matches(alarm: WireAlarm, search: string): boolean {
  const text = `${alarm.name} ${alarm.point} ${alarm.message} ${alarm.class}`.toLowerCase();
  return text.includes(search.trim().toLowerCase());
}
