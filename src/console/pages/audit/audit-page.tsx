import { iconHistory } from '@siemens/ix-icons/icons';
import { IxButton } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import type { AuditEntry } from '../../../contract/access.js';
import { accessTexts } from '../../access-texts.js';
import { Empty } from '../../components/empty.js';
import { Outcome } from '../../components/outcome.js';
import { PageHeader } from '../../components/page-header.js';
import { PlainTable } from '../../components/plain-table.js';
import { SearchField } from '../../components/search-field.js';
import { useLoad } from '../../components/use-load.js';
import { download } from '../../data/download.js';
import { messageOf } from '../../data/rest.js';
import { usePlant } from '../../data/services.js';
import { auditCsvPath, readAudit } from '../../data/users.js';
import { changeText } from '../../format/audit.js';
import { formatTime } from '../../format/times.js';
import { texts } from '../../texts.js';

const t = accessTexts.audit;
const periodMs = 5_000;
const SHOWN = 200;

/** Who did what, from where, from what to what, and how it ended. */
export function AuditPage(): ReactNode {
  const url = usePlant((view) => view.nodeUrl);
  const [search, setSearch] = useState('');
  const [failed, setFailed] = useState<string>();
  const { value: page, error } = useLoad(`${url} ${search}`, () => readAudit(url, search.trim(), SHOWN), periodMs, 0, search);
  const entries = page?.entries ?? [];
  const { columns } = t;
  const save = (): void => {
    setFailed(undefined);
    download(url, auditCsvPath(search.trim()), 'audit.csv').catch((cause: unknown) => setFailed(messageOf(cause)));
  };
  return (
    <>
      <PageHeader title={t.title} subtitle={t.count(entries.length, page?.next !== undefined)}>
        <IxButton variant="secondary" onClick={save} data-testid="audit-csv">
          {t.csv}
        </IxButton>
      </PageHeader>
      <div className="filters" role="search">
        <SearchField label={t.search} value={search} onChange={setSearch} testId="audit-search" />
      </div>
      {failed === undefined ? null : <Outcome kind="failed" text={failed} />}
      {entries.length === 0 ? (
        <Empty icon={iconHistory} header={t.none} detail={error ?? t.noneDetail} />
      ) : (
        <PlainTable look="plain-table stacked" testId="audit-table" label={t.table} columns={[columns.time, columns.who, columns.action, columns.target, columns.change, columns.outcome]}>
          {entries.map((entry) => (
            <Row key={entry.id} entry={entry} />
          ))}
        </PlainTable>
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
