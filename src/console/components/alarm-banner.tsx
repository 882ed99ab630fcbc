import { IxButton } from '@siemens/ix-react';
import type { ReactNode } from 'react';
import { alarmTexts } from '../alarm-texts.js';
import { hrefOf } from '../data/route.js';
import { isWritable } from '../data/plant-view.js';
import { useMaySomewhere, usePlant, useServices, useStore } from '../data/services.js';
import { graphicOf, isNoisy, needsAcknowledgement } from '../format/alarms.js';
import { formatTime } from '../format/times.js';
import { texts } from '../texts.js';
import { PriorityMark, toneOf } from './priority-mark.js';

/** The most urgent alarm that nobody has acknowledged, above every page. Absent while there is none. */
export function AlarmBanner(): ReactNode {
  const waiting = usePlant((view) => view.alarms).filter(needsAcknowledgement);
  const { plant, session } = useServices();
  const connected = usePlant(isWritable);
  const mayWrite = useMaySomewhere('operator');
  const writable = useStore(session) !== undefined && connected && mayWrite;
  const first = waiting[0];
  if (first === undefined) return null;
  const graphic = graphicOf(first);
  return (
    <section className={`alarm-banner tone-${toneOf(first)}`} role="alert" aria-label={texts.banner.label} data-testid="alarm-banner">
      <PriorityMark alarm={first} />
      <strong className="alarm-banner-name">{first.name}</strong>
      <span className="alarm-banner-message">{first.message}</span>
      <span className="soft number">{formatTime(first.sinceMs)}</span>
      {waiting.length > 1 ? <span className="soft">{texts.banner.more(waiting.length - 1)}</span> : null}
      {waiting.some(isNoisy) && writable ? (
        <IxButton variant="subtle-primary" title={alarmTexts.silenceHint} onClick={() => void plant.actOnAlarm({ kind: 'silence' }).catch(() => undefined)} data-testid="silence">
          {alarmTexts.silence}
        </IxButton>
      ) : null}
      {graphic === undefined ? null : (
        <IxButton variant="subtle-primary" href={graphic} data-testid="banner-graphic">
          {texts.banner.graphic}
        </IxButton>
      )}
      <IxButton variant="subtle-primary" href={hrefOf('alarms')}>
        {texts.banner.open}
      </IxButton>
    </section>
  );
}
