import { iconDisconnected, iconSuccess } from '@siemens/ix-icons/icons';
import type { ReactNode } from 'react';
import { Mark } from '../../components/mark.js';
import type { DeviceRow as Device } from '../../data/devices-store.js';
import { texts } from '../../texts.js';

/** A silent device is not talked to on purpose, so its being offline alarms nobody. */
export function DeviceStateMark({ device }: { readonly device: Device }): ReactNode {
  const quiet = device.online || device.activity === 'silent';
  return <Mark icon={device.online ? iconSuccess : iconDisconnected} tone={quiet ? 'quiet' : 'alarm'} text={device.online ? texts.devices.online : texts.devices.offline} />;
}
