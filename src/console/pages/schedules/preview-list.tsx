import type { ReactNode } from 'react';
import type { ScheduleView } from '../../../contract/schedule.js';
import { formatTime, formatTimeAt } from '../../format/times.js';
import { texts } from '../../texts.js';
import { valueText } from './schedules-page.js';

const t = texts.schedules;

/** What comes into force in the next days, on the clock that the schedule follows, with the reason. */
export function PreviewList({ schedule: { preview, timezone } }: { readonly schedule: ScheduleView }): ReactNode {
  return (
    <section aria-label={t.preview}>
      <h3>{t.preview}</h3>
      <table className="plain-table" data-testid="schedule-preview">
        <thead>
          <tr>
            <th scope="col">{t.timeAt(timezone)}</th>
            <th scope="col">{t.value}</th>
            <th scope="col">{t.why}</th>
          </tr>
        </thead>
        <tbody>
          {preview.map((change) => (
            <tr key={change.at}>
              <td className="number" title={t.inBrowser(formatTime(Date.parse(change.at), 0))}>{formatTimeAt(Date.parse(change.at), timezone)}</td>
              <td>{valueText(change)}</td>
              <td className="soft">{change.why}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
