import { iconAlarmBell } from '@siemens/ix-icons/icons';
import { IxButton } from '@siemens/ix-react';
import { useCallback, useState, type ReactNode } from 'react';
import { isInArea } from '../../../contract/alarm.js';
import type { WireAlarm } from '../../../contract/client-protocol.js';
import { alarmTexts } from '../../alarm-texts.js';
import { Choice } from '../../components/choice.js';
import { Empty } from '../../components/empty.js';
import { Outcome } from '../../components/outcome.js';
import { PageHeader } from '../../components/page-header.js';
import { SearchField } from '../../components/search-field.js';
import { Tabs } from '../../components/tabs.js';
import { VirtualTable, type Column } from '../../components/virtual-table.js';
import { isWritable } from '../../data/plant-view.js';
import { useMay, useMissingFor, usePlant, useServices } from '../../data/services.js';
import { areasOf } from '../../format/areas.js';
import { isActive, isHeld, needsAcknowledgement, priorityClass, type PriorityClass } from '../../format/alarms.js';
import { texts } from '../../texts.js';
import { AlarmDrawer } from './alarm-drawer.js';
import { Figures } from './figures.js';
import { Mutes } from './mutes.js';
import { Notifications } from './notifications.js';
import { PriorityCounts } from './priority-counts.js';
import { AcknowledgeDialog } from './acknowledge-dialog.js';
import { AlarmRow } from './alarm-row.js';
import { Journal } from './journal.js';
import { useAcknowledge } from './use-acknowledge.js';

type Shown = 'all' | 'waiting' | 'active' | 'held';

/** The select knows no empty value. */
const any = '*';
const { filters: alarmFilters } = alarmTexts;

const { columns: titles, filters } = texts.alarms;
const columns: readonly Column[] = [
  { key: 'priority', title: titles.priority },
  { key: 'alarm', title: titles.alarm },
  { key: 'point', title: titles.point },
  { key: 'state', title: titles.state },
  { key: 'since', title: titles.since },
  { key: 'action', title: titles.action },
];

/** The present alarms, and the journal of what they went through. */
export function AlarmsPage({ onSignIn }: { readonly onSignIn: () => void }): ReactNode {
  const [tab, setTab] = useState<'present' | 'journal' | 'figures' | 'mutes' | 'notifications'>('present');
  const { tabs } = texts.alarms;
  // Figures are of the whole site: who has roles for areas is not told them.
  const seesSite = useMay('viewer');
  const choice = (
    <Tabs
      label={tabs.label}
      value={tab}
      options={[
        ['present', tabs.present],
        ['journal', tabs.journal],
        ...(seesSite ? ([['figures', alarmTexts.tabs.figures]] as const) : []),
        ['mutes', alarmTexts.tabs.mutes],
        ['notifications', alarmTexts.tabs.notifications],
      ]}
      onChange={setTab}
    />
  );
  if (tab === 'present') return <PresentAlarms onSignIn={onSignIn} tabs={choice} />;
  return (
    <>
      <PageHeader title={texts.pages.alarms}>{choice}</PageHeader>
      {tab === 'journal' ? <Journal /> : tab === 'figures' ? <Figures /> : tab === 'mutes' ? <Mutes onSignIn={onSignIn} /> : <Notifications onSignIn={onSignIn} />}
    </>
  );
}

/** Alarms, most urgent first, to be acknowledged one by one or several at once with a note. */
function PresentAlarms({ onSignIn, tabs }: { readonly onSignIn: () => void; readonly tabs: ReactNode }): ReactNode {
  const { session } = useServices();
  const alarms = usePlant((view) => view.alarms);
  const missingFor = useMissingFor('operator');
  const writable = usePlant(isWritable);
  const [shown, setShown] = useState<Shown>('all');
  const [search, setSearch] = useState('');
  const [priority, setPriority] = useState<PriorityClass | 'any'>('any');
  const [kind, setKind] = useState(any);
  const [area, setArea] = useState(any);
  const [opened, setOpened] = useState<string>();
  const detailed = alarms.find(({ name }) => name === opened);
  const [picks, setPicks] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState(false);
  const { working, error, acknowledge } = useAcknowledge(onSignIn);
  const rows = alarms.filter((alarm) => isShown(alarm, shown) && matches(alarm, search) && (priority === 'any' || priorityClass(alarm.priority) === priority) && (kind === any || alarm.class === kind) && (area === any || isInArea(alarm.area, area)));
  const classes = [...new Set(alarms.map((alarm) => alarm.class))].filter((name) => name !== '').sort();
  const areas = areasOf(alarms);
  const waiting = rows.filter((alarm) => needsAcknowledgement(alarm) && missingFor(alarm) === undefined);
  const picked = waiting.filter((alarm) => picks.has(alarm.name));
  // Nothing picked means all that are shown and wait.
  const meant = picked.length === 0 ? waiting : picked;
  const pick = useCallback((name: string, on: boolean) => setPicks((present) => new Set(on ? [...present, name] : [...present].filter((other) => other !== name))), []);
  const close = (): void => {
    setAsking(false);
    setPicks(new Set());
  };

  return (
    <>
      <PageHeader title={texts.pages.alarms} subtitle={texts.alarms.count(rows.length, alarms.length)}>
        {tabs}
        <IxButton variant="secondary" disabled={!writable || meant.length === 0} onClick={() => (session.get() === undefined ? onSignIn() : setAsking(true))} data-testid="acknowledge-several">
          {texts.alarms.acknowledgeSeveral(meant.length)}
        </IxButton>
      </PageHeader>
      {asking ? <AcknowledgeDialog alarms={meant} onClose={close} /> : null}
      <div className="filters" role="search">
        <SearchField label={texts.alarms.search} value={search} onChange={setSearch} testId="alarm-search" />
        <Choice
          label={texts.alarms.filter}
          value={shown}
          options={[
            ['all', filters.all],
            ['waiting', filters.waiting],
            ['active', filters.active],
            ['held', filters.held],
          ]}
          onChange={setShown}
          testId="alarm-filter"
        />
        <Choice label={alarmFilters.class} value={kind} options={[[any, alarmFilters.anyClass], ...classes.map((name) => [name, name] as const)]} onChange={setKind} testId="alarm-class" />
        {areas.length === 0 ? null : <Choice label={alarmFilters.area} value={area} options={[[any, alarmFilters.anyArea], ...areas.map((name) => [name, name] as const)]} onChange={setArea} testId="alarm-area" />}
      </div>
      <PriorityCounts alarms={alarms} value={priority} onChange={setPriority} />
      {error === undefined ? null : <Outcome kind="failed" text={error} />}
      {rows.length === 0 ? (
        <Empty icon={iconAlarmBell} header={texts.alarms.none} detail={texts.alarms.noneDetail} />
      ) : (
        <VirtualTable
          label={texts.alarms.table}
          kind="alarms"
          columns={columns}
          count={rows.length}
          onOpen={(index) => setOpened(rows[index]?.name)}
          renderRow={(index, selected) => {
            const alarm = rows[index];
            if (alarm === undefined) return null;
            return <AlarmRow key={alarm.name} alarm={alarm} position={index} selected={selected} writable={writable} missing={missingFor(alarm)} working={working.has(alarm.name)} picked={picks.has(alarm.name)} onPick={pick} onAcknowledge={acknowledge} onOpen={setOpened} />;
          }}
        />
      )}
      {detailed === undefined ? null : <AlarmDrawer key={detailed.name} alarm={detailed} writable={writable} missing={missingFor(detailed)} onSignIn={onSignIn} onClose={() => setOpened(undefined)} />}
    </>
  );
}

function isShown(alarm: WireAlarm, shown: Shown): boolean {
  if (shown === 'all') return true;
  if (shown === 'held') return isHeld(alarm);
  return shown === 'active' ? isActive(alarm) : needsAcknowledgement(alarm);
}

function matches(alarm: WireAlarm, search: string): boolean {
  const text = `${alarm.name} ${alarm.point} ${alarm.message} ${alarm.class}`.toLowerCase();
  return text.includes(search.trim().toLowerCase());
}
