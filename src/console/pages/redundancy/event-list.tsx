import { iconDownload } from '@siemens/ix-icons/icons';
import { IxButton } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import { Outcome, type OutcomeState } from '../../components/outcome.js';
import { Panel } from '../../components/panel.js';
import { saveEvents } from '../../data/event-record.js';
import type { RedundancyView } from '../../data/redundancy-view.js';
import { messageOf } from '../../data/rest.js';
import { formatTime } from '../../format/times.js';
import { texts } from '../../texts.js';

const t = texts.redundancy;

/** R34: every decision with its evidence, of both nodes, newest first. */
export function EventList({ view: { events, self, peer } }: { readonly view: RedundancyView }): ReactNode {
  const [outcome, setOutcome] = useState<OutcomeState>();
  const nodes = [self, peer].filter((node) => node?.own !== undefined);
  const save = (): void => {
    setOutcome({ kind: 'working', text: t.exporting });
    saveEvents(nodes.flatMap((node) => node?.url ?? []), t.exportName).then(
      () => setOutcome({ kind: 'done', text: t.exported(nodes.map((node) => node?.node.id ?? '')) }),
      (cause: unknown) => setOutcome({ kind: 'failed', text: messageOf(cause) }),
    );
  };
  return (
    <Panel
      title={t.events}
      action={
        <IxButton variant="subtle-primary" icon={iconDownload} disabled={events.length === 0 || outcome?.kind === 'working'} onClick={save}>
          {t.exportEvents}
        </IxButton>
      }
    >
      {outcome === undefined ? null : <Outcome {...outcome} />}
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
