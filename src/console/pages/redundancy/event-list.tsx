import { iconDownload } from '@siemens/ix-icons/icons';
import { IxButton } from '@siemens/ix-react';
import type { ReactNode } from 'react';
import type { RedundancyEvent } from '../../../contract/redundancy-status.js';
import { Panel } from '../../components/panel.js';
import { formatTime } from '../../format/times.js';
import { texts } from '../../texts.js';

const t = texts.redundancy;

/** R34: every decision with its evidence, of both nodes, newest first. */
export function EventList({ events }: { readonly events: readonly RedundancyEvent[] }): ReactNode {
  return (
    <Panel
      title={t.events}
      action={
        <IxButton variant="subtle-primary" icon={iconDownload} disabled={events.length === 0} onClick={() => download(events)}>
          {t.exportEvents}
        </IxButton>
      }
    >
      {events.length === 0 ? <p className="soft">{t.noEvents}</p> : null}
      <ol className="events">
        {events.map((event) => (
          <li key={`${event.timeMs} ${event.node} ${event.what}`} className="event" data-testid="redundancy-event">
            <span className="number soft">{formatTime(event.timeMs)}</span>
            <span className="event-node">{t.node(event.node)}</span>
            <span className="event-what">{event.what}</span>
            <span className="soft">{event.evidence}</span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

/** As CSV, times in UTC: for the report that somebody will ask for. */
function download(events: readonly RedundancyEvent[]): void {
  const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const lines = events.map((event) => [new Date(event.timeMs).toISOString(), event.node, event.what, event.evidence, event.cause ?? ''].map(quote).join(','));
  const blob = new Blob([['time,node,what,evidence,cause', ...lines].join('\r\n')], { type: 'text/csv' });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = t.exportName;
  link.click();
  URL.revokeObjectURL(link.href);
}
