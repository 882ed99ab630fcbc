import { useEffect, type ReactNode } from 'react';
import { alarmTexts } from '../alarm-texts.js';
import { usePlant, useServices, useStore } from '../data/services.js';
import { soundOf } from '../format/alarm-sound.js';
import { needsAcknowledgement } from '../format/alarms.js';
import { texts } from '../texts.js';
import { useLasting } from './use-lasting.js';

/** A failover is over by then, and so is a node that starts again. */
const blindAfterMs = 10_000;

/** What tells of alarms, and of a console that would not hear of any, while nobody looks at the page: its title and its sound. */
export function AlarmNotice(): ReactNode {
  const { sound, redundancy } = useServices();
  const { on } = useStore(sound);
  const site = useStore(redundancy).lead?.site ?? '';
  const connection = usePlant((view) => view.connection);
  const isBlind = useLasting(connection !== 'live' && connection !== 'connecting', blindAfterMs);
  const waiting = usePlant((view) => view.alarms.filter(needsAcknowledgement).length);
  const urgent = usePlant((view) => soundOf(view.alarms));
  const wanted = isBlind ? 'blind' : urgent;
  useEffect(() => {
    document.title = isBlind ? alarmTexts.blindTitle(texts.connection[connection], site) : alarmTexts.title(waiting, site);
  }, [isBlind, connection, waiting, site]);
  useEffect(() => {
    sound.want(wanted);
  }, [sound, wanted, on]);
  useEffect(() => () => sound.want(undefined), [sound]);
  return null;
}
