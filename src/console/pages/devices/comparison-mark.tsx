import { iconSuccess, iconWarningFilled } from '@siemens/ix-icons/icons';
import type { ReactNode } from 'react';
import { Mark } from '../../components/mark.js';
import type { DeviceRow } from '../../data/devices-store.js';
import { formatTime } from '../../format/times.js';
import { texts } from '../../texts.js';

const t = texts.devices;

/** R10: whether the standby reads of a device what the active reads; points and values are on the Redundancy page. */
export function ComparisonMark({ comparison: { state, differing, sinceMs } }: { readonly comparison: NonNullable<DeviceRow['comparison']> }): ReactNode {
  const since = sinceMs === undefined ? '' : formatTime(sinceMs);
  const wrong = state === 'differs' || state === 'unreachable';
  const text = state === 'differs' ? t.comparedDiffers(differing, since) : state === 'unreachable' ? t.comparedLost(since) : t.comparedStates[state];
  return <Mark icon={wrong ? iconWarningFilled : iconSuccess} tone={wrong ? 'warning' : 'quiet'} text={text} />;
}
