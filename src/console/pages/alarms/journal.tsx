import { iconAlarmBell } from '@siemens/ix-icons/icons';
import type { ReactNode } from 'react';
import { Empty } from '../../components/empty.js';
import { useLoad } from '../../components/use-load.js';
import { VirtualTable, type Column } from '../../components/virtual-table.js';
import { readJournal, type JournalRow } from '../../data/alarm-journal.js';
import { usePlant } from '../../data/services.js';
import { formatTime } from '../../format/times.js';
import { texts } from '../../texts.js';

const t = texts.alarms.journal;
const periodMs = 5000;
const columns: readonly Column[] = [
  { key: 'time', title: t.columns.time },
  { key: 'alarm', title: t.columns.alarm },
  { key: 'event', title: t.columns.event },
  { key: 'by', title: t.columns.by },
  { key: 'note', title: t.columns.note },
];

/** What alarms went through, and who has acknowledged them with which note. */
export function Journal(): ReactNode {
  const url = usePlant((view) => view.nodeUrl);
  const { value: rows = [], error } = useLoad(url, () => readJournal(url), periodMs);
  if (rows.length === 0) return <Empty icon={iconAlarmBell} header={t.none} detail={error ?? t.noneDetail} />;
  return (
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
  );
}

function Row({ row: { timeMs, entry }, position, selected }: { readonly row: JournalRow; readonly position: number; readonly selected: boolean }): ReactNode {
  const { events } = t;
  const event = entry.event in events ? events[entry.event as keyof typeof events] : entry.event;
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
        {event}
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
