import { iconAlarmBell } from '@siemens/ix-icons/icons';
import { IxButton } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import { alarmTexts } from '../../alarm-texts.js';
import { Choice } from '../../components/choice.js';
import { Empty } from '../../components/empty.js';
import { Outcome, type OutcomeState } from '../../components/outcome.js';
import { SearchField } from '../../components/search-field.js';
import { useLoad } from '../../components/use-load.js';
import { useOlder } from '../../components/use-older.js';
import { VirtualTable, type Column } from '../../components/virtual-table.js';
import { journalCsv, readJournal, wholeJournal, type JournalFilter, type JournalRow } from '../../data/alarm-journal.js';
import { download } from '../../data/download.js';
import { messageOf } from '../../data/rest.js';
import { usePlant } from '../../data/services.js';
import { formatTime } from '../../format/times.js';
import { texts } from '../../texts.js';

const t = texts.alarms.journal;
const { filters, spans, journal } = alarmTexts;
const periodMs = 5000;
/** The select knows no empty value. */
const any = '*';
const columns: readonly Column[] = [
  { key: 'time', title: t.columns.time },
  { key: 'alarm', title: t.columns.alarm },
  { key: 'event', title: t.columns.event },
  { key: 'by', title: t.columns.by },
  { key: 'note', title: t.columns.note },
];
const events = ['raised', 'returned', 'acknowledged', 'shelved', 'unshelved', 'out-of-service', 'in-service', 'reset', 'removed', 'note', 'silenced', 'muted', 'unmuted'];

/** What alarms went through, and who did what to them, found by text, event, priority and time. */
export function Journal(): ReactNode {
  const url = usePlant((view) => view.nodeUrl);
  const [filter, setFilter] = useState<JournalFilter>(wholeJournal);
  const [outcome, setOutcome] = useState<OutcomeState>();
  // Both nodes have one journal: what was read of the one stays while the other takes over.
  const key = JSON.stringify(filter);
  const { value, error } = useLoad(`${url} ${key}`, () => readJournal(url, filter), periodMs, 0, key);
  const { rows, next, showOlder } = useOlder(key, value, (before) => readJournal(url, filter, before));
  const change = (part: Partial<JournalFilter>): void => setFilter((present) => ({ ...present, ...part }));
  const run = (task: () => Promise<void>): void => {
    setOutcome({ kind: 'working', text: texts.points.historyLoading });
    task().then(() => setOutcome(undefined), (cause: unknown) => setOutcome({ kind: 'failed', text: messageOf(cause) }));
  };

  return (
    <>
      <div className="filters" role="search">
        <SearchField label={journal.search} value={filter.match} onChange={(match) => change({ match })} testId="journal-search" />
        <Choice label={filters.event} value={filter.event === '' ? any : filter.event} options={[[any, filters.anyEvent], ...events.map((event) => [event, journal.events[event] ?? event] as const)]} onChange={(event) => change({ event: event === any ? '' : event })} testId="journal-event" />
        <Choice label={filters.priority} value={filter.priority === '' ? any : filter.priority} options={[[any, filters.anyPriority], ...(['1', '2', '3', '4'] as const).map((priority) => [priority, texts.alarms.priority(Number(priority))] as const)]} onChange={(priority) => change({ priority: priority === any ? '' : priority })} testId="journal-priority" />
        <Choice label={filters.span} value={filter.span} options={[['all', spans.all], ['day', spans.day], ['week', spans.week], ['month', spans.month]]} onChange={(span) => change({ span })} testId="journal-span" />
        <IxButton variant="secondary" onClick={() => run(async () => download(url, journalCsv(filter), 'alarms.csv'))} data-testid="journal-csv">
          {journal.csv}
        </IxButton>
        <span className="soft">{journal.count(rows.length, next !== undefined)}</span>
        {next === undefined ? null : (
          <IxButton variant="subtle-primary" onClick={() => run(showOlder)} data-testid="journal-more">
            {journal.more}
          </IxButton>
        )}
      </div>
      {outcome === undefined ? null : <Outcome {...outcome} />}
      {rows.length === 0 ? (
        <Empty icon={iconAlarmBell} header={t.none} detail={error ?? t.noneDetail} />
      ) : (
        <VirtualTable
          label={t.table}
          kind="journal"
          columns={columns}
          count={rows.length}
          renderRow={(index, selected) => {
            const row = rows[index];
            return row === undefined ? null : <Row key={row.id} row={row} position={index} selected={selected} />;
          }}
        />
      )}
    </>
  );
}

function Row({ row: { timeMs, entry }, position, selected }: { readonly row: JournalRow; readonly position: number; readonly selected: boolean }): ReactNode {
  return (
    <div className={selected ? 'table-row selected' : 'table-row'} role="row" aria-rowindex={position + 2} aria-selected={selected} data-testid="journal-row">
      <div role="cell" className="cell number soft cell-time">
        {formatTime(timeMs)}
      </div>
      <div role="cell" className="cell cell-name">
        <span className="ellipsis" title={entry.name}>
          {entry.name ?? texts.none}
        </span>
        <span className="cell-second ellipsis" title={entry.message}>
          {entry.message ?? ''}
        </span>
      </div>
      <div role="cell" className="cell cell-event">
        {journal.events[entry.event] ?? entry.event}
      </div>
      <div role="cell" className="cell soft cell-by">
        {entry.by ?? texts.none}
      </div>
      <div role="cell" className="cell soft cell-note" title={entry.note}>
        {entry.note ?? texts.none}
      </div>
    </div>
  );
}
