import { useEffect, type ReactNode } from 'react';
import { alarmTexts } from '../alarm-texts.js';
import { usePlant, useServices, useStore } from '../data/services.js';
import { soundOf } from '../format/alarm-sound.js';
import { needsAcknowledgement } from '../format/alarms.js';

/** What tells of alarms while nobody looks at the page: its title and its sound. */
export function AlarmNotice(): ReactNode {
  const { sound, redundancy } = useServices();
  const { on } = useStore(sound);
  const site = useStore(redundancy).lead?.site ?? '';
  const waiting = usePlant((view) => view.alarms.filter(needsAcknowledgement).length);
  const wanted = usePlant((view) => soundOf(view.alarms));
  useEffect(() => {
    document.title = alarmTexts.title(waiting, site);
  }, [waiting, site]);
  useEffect(() => {
    sound.want(wanted);
  }, [sound, wanted, on]);
  useEffect(() => () => sound.want(undefined), [sound]);
  return null;
}
