import { iconInfo, iconInfoFilled, iconWarning, iconWarningFilled, iconWarningOctagon, iconWarningOctagonFilled, iconWarningRhomb, iconWarningRhombFilled } from '@siemens/ix-icons/icons';
import type { ReactNode } from 'react';
import type { WireAlarm } from '../../contract/client-protocol.js';
import { isActive, isHeld, needsAcknowledgement, priorityClass, type PriorityClass } from '../format/alarms.js';
import { texts } from '../texts.js';
import { Mark, type Tone } from './mark.js';

/** Filled: waits for an acknowledgement. Outline: somebody has seen it. */
const icons: Record<PriorityClass, { readonly filled: string; readonly outline: string }> = {
  critical: { filled: iconWarningOctagonFilled, outline: iconWarningOctagon },
  high: { filled: iconWarningFilled, outline: iconWarning },
  medium: { filled: iconWarningRhombFilled, outline: iconWarningRhomb },
  low: { filled: iconInfoFilled, outline: iconInfo },
};
const tones: Record<PriorityClass, Tone> = { critical: 'alarm', high: 'critical', medium: 'warning', low: 'info' };

/** Priority as shape, number and text; coloured only while the alarm is active or waits for a person. */
export function PriorityMark({ alarm }: { readonly alarm: WireAlarm }): ReactNode {
  const kind = priorityClass(alarm.priority);
  return <Mark icon={iconOfAlarm(alarm)} tone={toneOf(alarm)} text={`${alarm.priority} ${texts.alarms.priorityNames[kind]}`} blinking={alarm.state === 'unacknowledged'} />;
}

export function iconOfAlarm(alarm: WireAlarm): string {
  const { filled, outline } = icons[priorityClass(alarm.priority)];
  return needsAcknowledgement(alarm) ? filled : outline;
}

export function toneOf(alarm: WireAlarm): Tone {
  return (isActive(alarm) && !isHeld(alarm)) || needsAcknowledgement(alarm) || alarm.state === 'latched' ? tones[priorityClass(alarm.priority)] : 'quiet';
}
