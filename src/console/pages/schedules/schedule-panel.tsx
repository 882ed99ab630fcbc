import { IxButton } from '@siemens/ix-react';
import type { ReactNode } from 'react';
import type { ScheduleView } from '../../../contract/schedule.js';
import { ActionButton } from '../../components/action-button.js';
import { DraftNotice } from '../../components/draft-notice.js';
import { Facts } from '../../components/facts.js';
import { Outcome } from '../../components/outcome.js';
import { useDefinitionDraft } from '../../components/use-definition-draft.js';
import { isWritable } from '../../data/plant-view.js';
import { hrefOf } from '../../data/route.js';
import { draftOf, withDraft, type ScheduleDraft } from '../../data/schedule-draft.js';
import { usePlant } from '../../data/services.js';
import { formatTimeAt } from '../../format/times.js';
import { texts } from '../../texts.js';
import { ExceptionsEditor } from './exceptions-editor.js';
import { PreviewList } from './preview-list.js';
import { valueText } from './schedules-page.js';
import { WeekEditor } from './week-editor.js';

const t = texts.schedules;
const periodMs = 5_000;

interface SchedulePanelProps {
  readonly schedule: ScheduleView;
  readonly url: string;
  readonly onSignIn: () => void;
}

/** One schedule. What a person changes is a draft until it is applied, and stays over failovers and page changes. */
export function SchedulePanel({ schedule, url, onSignIn }: SchedulePanelProps): ReactNode {
  const { name, description, now, next, targets, timezone } = schedule;
  const { written, error, value: changed, outdated, ...kept } = useDefinitionDraft<ScheduleDraft>({ section: 'schedules', name, place: `schedule ${name}`, url, periodMs });
  const writable = usePlant(isWritable);
  const present = written?.value;
  const draft = changed ?? (present === undefined ? undefined : draftOf(present));
  const change = (part: Partial<ScheduleDraft>): void => {
    if (draft !== undefined) kept.change({ ...draft, ...part });
  };
  const values = [...new Set([...(draft?.week.flat().map(({ value }) => value) ?? []), ...(draft?.exceptions.flatMap((exception) => Object.values(exception.values)) ?? []), ...useStates(targets.map(({ point }) => point))])];
  return (
    <section className="workbench" aria-label={name} data-testid="schedule-panel">
      <h2>{name}</h2>
      {description === undefined ? null : <p className="soft">{description}</p>}
      <Facts
        items={[
          [t.now, `${valueText(now)} (${now.why})`],
          [t.next, next === undefined ? t.noNext : `${valueText(next)}, ${formatTimeAt(Date.parse(next.at), timezone)} (${next.why})`],
          [t.timezone, timezone],
          [
            t.writes,
            <ul className="changes">
              {targets.map(({ point, priority, writing }) => (
                <li key={point}>
                  <a href={hrefOf('points', { search: point })}>{point}</a> <span className="soft">{writing?.error ?? t.priority(priority)}</span>
                </li>
              ))}
            </ul>,
          ],
        ]}
      />
      {error === undefined ? null : <Outcome kind="failed" text={error} />}
      {draft === undefined ? null : (
        <>
          {changed === undefined ? null : <DraftNotice outdated={outdated} onKeep={kept.keep} onDiscard={kept.drop} testId="schedule-draft" keepTestId="schedule-keep" />}
          <WeekEditor week={draft.week} values={values} readOnly={!writable} onChange={(week) => change({ week })} />
          <ExceptionsEditor timezone={timezone} exceptions={draft.exceptions} values={values} readOnly={!writable} onChange={(exceptions) => change({ exceptions })} />
          <div className="actions">
            <ActionButton
              label={t.apply}
              variant="primary"
              disabled={changed === undefined || present === undefined || !writable}
              onSignIn={onSignIn}
              role="engineer"
              testId="schedule-apply"
              title={t.applyTitle(name)}
              question={t.applyQuestion}
              confirm={t.apply}
              working={t.applying}
              reason={t.comment}
              run={async ({ reason, token }) => kept.apply(withDraft(present ?? {}, draft), reason, token)}
            />
            <IxButton variant="subtle-primary" disabled={changed === undefined} onClick={kept.drop} data-testid="schedule-discard">
              {t.discard}
            </IxButton>
          </div>
        </>
      )}
      <PreviewList schedule={schedule} />
    </section>
  );
}

/** Names of the states of the points that it writes: what an entry may be. */
function useStates(points: readonly string[]): readonly string[] {
  const all = usePlant((view) => view.points);
  return all.find(({ name, states }) => points.includes(name) && states !== undefined)?.states ?? [];
}
