import { iconCalendarWeek } from '@siemens/ix-icons/icons';
import type { ReactNode } from 'react';
import type { ScheduleChange } from '../../../contract/schedule.js';
import { Empty } from '../../components/empty.js';
import { Outcome } from '../../components/outcome.js';
import { PageHeader } from '../../components/page-header.js';
import { useLoad } from '../../components/use-load.js';
import { readSchedules } from '../../data/schedules.js';
import { usePlant, useServices, useStore } from '../../data/services.js';
import { texts } from '../../texts.js';
import { SchedulePanel } from './schedule-panel.js';

const t = texts.schedules;
const periodMs = 5_000;
const previewDays = 7;

/** The schedules of the site: what is in force and why, the week, the exceptions, what comes next. */
export function SchedulesPage({ onSignIn }: { readonly onSignIn: () => void }): ReactNode {
  const { router } = useServices();
  const { query } = useStore(router);
  const url = usePlant((view) => view.nodeUrl);
  const { value: schedules = [], error } = useLoad(url, async () => readSchedules(url, previewDays), periodMs, 0, 'schedules');
  const chosen = schedules.find(({ name }) => name === query.schedule) ?? schedules[0];
  return (
    <>
      <PageHeader title={texts.pages.schedules} subtitle={t.summary(schedules.length)} />
      {error === undefined ? null : <Outcome kind="failed" text={error} />}
      {chosen === undefined ? (
        <Empty icon={iconCalendarWeek} header={t.none} detail={t.noneDetail} />
      ) : (
        <div className="master-detail">
          <ul className="master" aria-label={t.list}>
            {schedules.map(({ name, now }) => (
              <li key={name}>
                <button type="button" aria-current={name === chosen.name} onClick={() => router.go('schedules', { schedule: name })} data-testid="schedule" data-schedule={name}>
                  {name}
                  <span className="soft">{t.inForce(valueText(now), now.why)}</span>
                </button>
              </li>
            ))}
          </ul>
          <SchedulePanel key={chosen.name} schedule={chosen} url={url} onSignIn={onSignIn} />
        </div>
      )}
    </>
  );
}

export function valueText({ value, text }: Pick<ScheduleChange, 'value' | 'text'>): string {
  return text ?? (value === undefined ? texts.none : String(value));
}
