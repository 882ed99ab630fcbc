import { iconHistory } from '@siemens/ix-icons/icons';
import { IxButton } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import type { AuditEntry } from '../../../contract/access.js';
import { accessTexts } from '../../access-texts.js';
import { Empty } from '../../components/empty.js';
import { Outcome, type OutcomeState } from '../../components/outcome.js';
import { PageHeader } from '../../components/page-header.js';
import { PlainTable } from '../../components/plain-table.js';
import { SearchField } from '../../components/search-field.js';
import { useLoad } from '../../components/use-load.js';
import { useOlder } from '../../components/use-older.js';
import { download } from '../../data/download.js';
import { messageOf } from '../../data/rest.js';
import { usePlant } from '../../data/services.js';
import { auditCsvPath, readAudit } from '../../data/users.js';
import { changeText } from '../../format/audit.js';
import { formatTime } from '../../format/times.js';
import { texts } from '../../texts.js';

const t = accessTexts.audit;
const periodMs = 5_000;

/** Who did what, from where, from what to what, and how it ended. */
export function AuditPage(): ReactNode {
  const url = usePlant((view) => view.nodeUrl);
  const [search, setSearch] = useState('');
  const [outcome, setOutcome] = useState<OutcomeState>();
  const { value: newest, error } = useLoad(`${url} ${search}`, () => readAudit(url, search.trim()), periodMs, 0, search);
  const { rows: entries, next, showOlder } = useOlder(search, newest, (before) => readAudit(url, search.trim(), before));
  const { columns } = t;
  const run = (task: () => Promise<void>): void => {
    setOutcome({ kind: 'working', text: t.working });
    task().then(() => setOutcome(undefined), (cause: unknown) => setOutcome({ kind: 'failed', text: messageOf(cause) }));
  };
  return (
    <>
      <PageHeader title={t.title} subtitle={t.count(entries.length, next !== undefined)}>
        <IxButton variant="secondary" onClick={() => run(async () => download(url, auditCsvPath(search.trim()), 'audit.csv'))} data-testid="audit-csv">
          {t.csv}
        </IxButton>
      </PageHeader>
      <div className="filters" role="search">
        <SearchField label={t.search} value={search} onChange={setSearch} testId="audit-search" />
      </div>
      {outcome === undefined ? null : <Outcome {...outcome} />}
      {entries.length === 0 ? (
        <Empty icon={iconHistory} header={t.none} detail={error ?? t.noneDetail} />
      ) : (
        <PlainTable look="plain-table stacked" testId="audit-table" label={t.table} columns={[columns.time, columns.who, columns.action, columns.target, columns.change, columns.outcome]}>
          {entries.map((entry) => (
            <Row key={entry.id} entry={entry} />
          ))}
        </PlainTable>
      )}
      {next === undefined ? null : (
        <IxButton variant="subtle-primary" onClick={() => run(showOlder)} data-testid="audit-more">
          {t.more}
        </IxButton>
      )}
    </>
  );
}

function Row({ entry }: { readonly entry: AuditEntry }): ReactNode {
  return (
    <tr data-testid="audit-row" data-action={entry.action}>
      <td className="number">{formatTime(entry.timeMs)}</td>
      <td>
        {entry.who} <span className="soft">{entry.from}</span>
      </td>
      <td>{entry.action}</td>
      <td className="anywhere">{entry.target === '' ? texts.none : entry.target}</td>
      <td className="audit-change">{changeText(entry)}</td>
      <td title={entry.message}>
        {t.outcomes[entry.outcome]} {entry.code === undefined ? null : <span className="soft">{entry.code}</span>}
      </td>
    </tr>
  );
}
