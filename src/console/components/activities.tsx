import { iconInfoFilled, iconWarningFilled } from '@siemens/ix-icons/icons';
import { useEffect, useState, type ReactNode } from 'react';
import type { Activity } from '../../contract/activity.js';
import { activityTexts as t } from '../activity-texts.js';
import { useServices, useStore } from '../data/services.js';
import { Bar } from './bar.js';
import { Progress } from './progress.js';

/** The page below is what people came for. */
const mostShown = 3;

/** What either node is at that takes longer than a second. It comes from the nodes, so it is the same in every browser, and after a reload. */
export function Activities(): ReactNode {
  const { redundancy, awaited } = useServices();
  const { activities, peer } = useStore(redundancy);
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  const [results, setResults] = useState<readonly Activity[]>([]);
  useEffect(() => {
    const ended = awaited.ended(activities).filter(({ state }) => state === 'done');
    if (ended.length > 0) setResults((last) => [...last, ...ended]);
  }, [activities, awaited]);
  const running = activities.filter(({ state }) => state === 'running');
  const failed = activities.filter((activity) => activity.state === 'failed' && !seen.has(keyOf(activity)));
  const hidden = running.length - mostShown;
  return (
    <>
      <p className="visually-hidden" role="status" data-testid="activities-told">
        {running.map((activity) => t.begun(titleOf(activity))).join('. ')}
      </p>
      {failed.slice(-mostShown).map((activity) => (
        <Bar key={keyOf(activity)} tone="warning" icon={iconWarningFilled} text={t.failed(titleOf(activity), activity.error?.message ?? '', activity.error?.code ?? '')} testId="activity-failed" onClose={() => setSeen((last) => new Set([...last, keyOf(activity)]))} />
      ))}
      {results.map((activity) => (
        <Bar key={keyOf(activity)} tone="info" icon={iconInfoFilled} text={t.came(titleOf(activity), activity.kind, activity.result ?? {})} testId="activity-result" onClose={() => setResults((last) => last.filter((other) => other !== activity))} />
      ))}
      {running.length === 0 ? null : (
        <section className="activities" aria-label={t.title} data-testid="activities">
          {running.slice(0, mostShown).map((activity) => (
            <Row key={keyOf(activity)} activity={activity} where={peer === undefined && activity.by === undefined ? undefined : t.where(activity.node, activity.by?.replace(/@[^@]*$/, ''))} />
          ))}
          {hidden > 0 ? <p className="soft">{t.more(hidden)}</p> : null}
        </section>
      )}
    </>
  );
}

function Row({ activity, where }: { readonly activity: Activity; readonly where: string | undefined }): ReactNode {
  const { kind, step, text, done, total, unit } = activity;
  return <Progress label={`${titleOf(activity)}: ${text === undefined || text === '' ? t.steps[step] : text}`} done={done} total={total} unit={unit} detail={where} testId={`activity-${kind}`} />;
}

function titleOf({ kind, subject }: Activity): string {
  return t.kinds[kind](subject);
}

function keyOf({ node, id, startedMs, state }: Activity): string {
  return state === 'failed' ? `${node} ${id} ${Math.round(startedMs / 10_000)}` : `${node} ${id}`;
}
